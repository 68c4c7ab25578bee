/**
 * `npm run soak -- [--suite NAME] [--seed N] [--count N] [--only TEXT]`: the long seeded suites; a failure prints the
 * command that reproduces it.
 */
import { parseArgs } from 'node:util';
import { step } from './demo/print';
import { soakDurable } from './soak/durable';
import { soakEndurance } from './soak/endurance';
import { soakFaults } from './soak/faults';
import { soakFuzz } from './soak/fuzz';
import { soakKills } from './soak/kill';
import type { SoakOptions } from './soak/options';

/** Each rejects when it has found a failure. */
const suites: Record<string, (options: SoakOptions) => Promise<void>> = {
  durable: soakDurable,
  endurance: soakEndurance,
  faults: soakFaults,
  fuzz: soakFuzz,
  kill: soakKills,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      count: { type: 'string', default: '20' },
      only: { type: 'string' },
    },
  });
  const names = values.suite === undefined ? Object.keys(suites) : [values.suite];
  const options = {
    seed: number('seed', values.seed),
    count: number('count', values.count),
    only: values.only,
  };
  for (const name of names) {
    const suite = suites[name];
    if (!suite) throw new Error(`Unknown suite “${name}”; the suites are ${Object.keys(suites).join(', ')}.`);
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

function number(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`--${name} must be a whole number; it is “${text}”.`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
