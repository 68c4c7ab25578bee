/** `npm run bench [-- --only PART] [-- --seed N]`: what the service costs, each measured beside what it is compared with. */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchColdStart } from './bench/cold-start/cold-start';
import { benchCosmos } from './bench/cosmos/cosmos';
import { benchDurable } from './bench/durable/durable';
import { benchEvaluators } from './bench/evaluators/evaluators';
import { benchKernel } from './bench/kernel/kernel';
import { benchPipeline } from './bench/pipeline/pipeline';
import { benchTemplates } from './bench/templates/templates';
import { formatTable, type Table } from './bench/table';

const PARTS: Readonly<Record<string, (seed: number) => Promise<Table[]>>> = {
  evaluators: benchEvaluators,
  'cold-start': async () => [await benchColdStart()],
  kernel: async () => [await benchKernel()],
  cosmos: async (seed) => [await benchCosmos(seed)],
  pipeline: benchPipeline,
  durable: async () => [await benchDurable()],
  templates: benchTemplates,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, seed: { type: 'string', default: '2026' } },
  });
  const names = values.only === undefined ? Object.keys(PARTS) : [values.only];
  const parts = names.map((name) => {
    const part = PARTS[name];
    if (!part) throw new Error(`Unknown part ${name}; the parts are ${Object.keys(PARTS).join(', ')}.`);
    return part;
  });
  const seed = Number(values.seed);
  const [load = 0] = loadavg();
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load average ${load.toFixed(1)}, seed ${seed}.`,
  );
  console.log('Medians ± half the distance of the quartiles; trust the ratios, not the figures.');
  for (const part of parts) {
    for (const table of await part(seed)) console.log(`\n${formatTable(table)}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
