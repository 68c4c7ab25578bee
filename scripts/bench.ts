/** `npm run bench [-- --only PART] [-- --seed N]`: what the service costs, each measured beside what it is compared with. */
import { cpus, loadavg } from 'node:os';
import { benchColdStart } from './bench/cold-start/cold-start';
import { benchCosmos } from './bench/cosmos/cosmos';
import { benchDurable } from './bench/durable/durable';
import { benchEvaluators } from './bench/evaluators/evaluators';
import { benchForecast } from './bench/forecast/forecast';
import { benchKernel } from './bench/kernel/kernel';
import { benchPipeline } from './bench/pipeline/pipeline';
import { benchRecordings } from './bench/recordings/recordings';
import { benchTemplates } from './bench/templates/templates';
import { formatTable, type Table } from './bench/table';
import { runCommand, UsageError } from './cli/command';
import { wholeNumber } from './cli/whole-number';

const PARTS: Readonly<Record<string, (seed: number, data?: string) => Promise<Table[]>>> = {
  evaluators: benchEvaluators,
  'cold-start': async () => [await benchColdStart()],
  kernel: async () => [await benchKernel()],
  cosmos: async (seed) => [await benchCosmos(seed)],
  recordings: async (seed) => [await benchRecordings(seed)],
  pipeline: benchPipeline,
  durable: async () => [await benchDurable()],
  templates: benchTemplates,
  forecast: benchForecast,
};

async function bench(only: string | undefined, seed: number, data: string | undefined): Promise<void> {
  const names = only === undefined ? Object.keys(PARTS) : [only];
  const parts = names.map((name) => {
    const part = PARTS[name];
    if (!part)
      throw new UsageError(`Unknown part “${name}”; the parts are ${Object.keys(PARTS).join(', ')}.`);
    return part;
  });
  const [load = 0] = loadavg();
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load average ${load.toFixed(1)}, seed ${seed}.`,
  );
  console.log('Medians ± half the distance of the quartiles; trust the ratios, not the figures.');
  for (const part of parts) {
    for (const table of await part(seed, data)) console.log(`\n${formatTable(table)}`);
  }
}

void runCommand({
  name: 'npm run bench',
  description:
    'Measures what the service costs, each part beside what it is compared with (docs/benchmarks.md).\n' +
    `Parts: ${Object.keys(PARTS).join(', ')}.`,
  options: {
    only: { type: 'string', value: 'PART', help: 'measures this part alone' },
    data: {
      type: 'string',
      value: 'FILE',
      help: 'for the part forecast: daily series, a line each: NAME,VALUE,VALUE…',
    },
    seed: { type: 'string', value: 'N', default: '2026', help: 'the same seed makes the same input' },
  },
  examples: [
    ['', 'everything'],
    ['--only evaluators', 'the policy engine beside other rule engines'],
    ['--only forecast --data series.csv', 'the storage forecast on series of your own'],
  ],
  onInterrupt: 'Interrupted: the services that were started for measuring are stopped.',
  run: ({ only, seed, data }) => bench(only, wholeNumber('seed', seed), data),
});
