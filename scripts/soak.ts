/** `npm run soak -- [--suite NAME] [--seed N] [--count N] [--minutes N] [--only TEXT]`: the long seeded suites; a failure prints how to reproduce it. */
import { runCommand, UsageError } from './cli/command';
import { wholeNumber } from './cli/whole-number';
import { step } from './demo/print';
import { soakDeployments } from './soak/deployment';
import { soakDurable } from './soak/durable';
import { soakEndurance } from './soak/endurance';
import { soakFaults } from './soak/faults';
import { soakFuzz } from './soak/fuzz';
import { soakKills } from './soak/kill';
import { soakMaintenance } from './soak/maintenance';
import { soakNoisyNeighbor } from './soak/noisy-neighbor';
import { soakRecordings } from './soak/recordings';
import { soakScale } from './soak/scale';
import { soakServers } from './soak/servers';
import type { SoakOptions } from './soak/options';

/** Each rejects when it has found a failure. */
const suites: Record<string, (options: SoakOptions) => Promise<void>> = {
  deployment: soakDeployments,
  durable: soakDurable,
  endurance: soakEndurance,
  faults: soakFaults,
  fuzz: soakFuzz,
  kill: soakKills,
  maintenance: soakMaintenance,
  'noisy-neighbor': soakNoisyNeighbor,
  recordings: soakRecordings,
  scale: soakScale,
  servers: soakServers,
};

async function soak(only: string | undefined, options: SoakOptions): Promise<void> {
  const names = only === undefined ? Object.keys(suites) : [only];
  for (const name of names) {
    const suite = suites[name];
    if (!suite)
      throw new UsageError(`Unknown suite “${name}”; the suites are ${Object.keys(suites).join(', ')}.`);
    step(`Suite “${name}”, --seed ${options.seed} --count ${options.count}`);
    await suite(options).catch((error: unknown) => {
      console.error(error instanceof Error ? `\n${error.message}` : error);
      console.error(
        `Reproduce it: npm run soak -- --suite ${name} --seed ${options.seed} --count ${options.count}`,
      );
      process.exitCode = 1;
    });
  }
}

void runCommand({
  name: 'npm run soak',
  description:
    'Runs the long seeded suites; a failure prints the command that reproduces it.\n' +
    `Suites: ${Object.keys(suites).join(', ')}.`,
  options: {
    suite: { type: 'string', value: 'NAME', help: 'runs this suite alone' },
    seed: { type: 'string', value: 'N', help: 'the same seed makes the same cases (default: by the clock)' },
    count: { type: 'string', value: 'N', default: '20', help: 'how many cases of chance, or servers' },
    minutes: { type: 'string', value: 'N', default: '5', help: 'how long the suite “servers” runs' },
    only: { type: 'string', help: 'cases whose name has this text' },
  },
  examples: [
    ['', 'every suite, twenty cases each'],
    [
      '--suite kill --seed 7 --count 3',
      'three journeys during which processes are killed, the same each time',
    ],
    ['--suite servers --count 500 --minutes 5', '500 simulated servers against one service'],
    ['--suite faults --only cosmos', 'the fault cases of one dependency'],
  ],
  onInterrupt: 'Interrupted: the services that the suite started are stopped.',
  run: ({ suite, seed = String(Date.now() % 1_000_000_000), count, minutes, only }) =>
    soak(suite, {
      seed: wholeNumber('seed', seed),
      count: wholeNumber('count', count),
      minutes: wholeNumber('minutes', minutes),
      only,
    }),
});
