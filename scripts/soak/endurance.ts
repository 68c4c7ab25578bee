/** The endurance suite: many requests and restarts of the host must leave nothing behind in any process of a stack. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { storage } from '../../functions/storage';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { line, table } from '../demo/print';
import type { SoakOptions } from './options';
import { excessOf, growthOf, type Sample } from './endurance/growth';
import { leftoversOf, processesOn } from './endurance/leftovers';
import { Probes } from './endurance/probes';
import { Traffic } from './endurance/traffic';
import { playJourney } from './journey/play-journey';
import { pollUntil } from './journey/poll-until';

/** One random case; twenty of them are 24,000 requests. */
const REQUESTS_PER_CASE = 1200;
const RESTARTS = 10;
const REQUESTS_PER_RESTART = 20;
const IDLE_SECONDS = 120;

/** Samples by what they are of: a stand-in, or one of the hosts that ran long. */
type Samples = Map<string, Sample[]>;

/**
 * Half of the requests, the restarts in a row, the other half. Each process is sampled after each case.
 * @throws Error when something grew, stayed claimed or outlived the stack
 */
export async function soakEndurance({ seed, count }: SoakOptions): Promise<void> {
  if (count < 16) throw new Error('--count must be at least 16: fewer samples show no growth.');
  const probes = new Probes();
  const folder = mkdtempSync(path.join(tmpdir(), 'endurance-'));
  const samples: Samples = new Map();
  const wrong: string[] = [];
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      ephemeral: true,
      provision: provisioner(storage),
      hostFlags: ['--queue-lease-seconds', '5'],
      env: withoutRequestLimits,
    });
    wrong.push(...(await endure(stack, probes, samples, folder, { seed, count })));
  } finally {
    await stack?.stop();
    probes.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  wrong.push(...processesOn(stack.dataDir).map((process) => `still runs: ${process}`));
  wrong.push(...report(samples));
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  line('no growth, no claim left, no process outlived the stack');
}

async function endure(
  stack: Stack,
  probes: Probes,
  samples: Samples,
  folder: string,
  { seed, count }: Pick<SoakOptions, 'seed' | 'count'>,
): Promise<string[]> {
  const journey = await playJourney({ stack, customer: 'endurance', folder, operationDelaySeconds: 0 });
  const traffic = new Traffic(journey, seed);
  const cases = async (some: number, host: string): Promise<void> => {
    for (let index = 0; index < some; index += 1) {
      await traffic.send(REQUESTS_PER_CASE);
      await waitUntilIdle(stack);
      await sample(stack, probes, samples, host, traffic.requests);
      line(`${traffic.requests} requests answered`);
    }
  };
  try {
    const first = Math.floor(count / 2);
    await cases(first, 'functions-host, first');
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await stack.killHost();
      await stack.startHost();
      await traffic.send(REQUESTS_PER_RESTART);
    }
    line(`${RESTARTS} hosts killed and started again`);
    await cases(count - first, 'functions-host, last');
    return (await waitUntilIdle(stack)) ?? [];
  } finally {
    await journey.client.stop();
  }
}

/** Waits until the service is idle; returns what it has not released in time. */
async function waitUntilIdle(stack: Stack): Promise<string[] | undefined> {
  let held: string[] = [];
  return pollUntil('rest', IDLE_SECONDS, async () => {
    held = await leftoversOf(stack);
    return held.length === 0 ? [] : undefined;
  }).catch(() => held);
}

async function sample(
  { pids }: Stack,
  probes: Probes,
  samples: Samples,
  host: string,
  requests: number,
): Promise<void> {
  for (const [name, pid] of Object.entries(pids)) {
    const key = name === 'functions-host' ? host : name;
    const known = samples.get(key) ?? [];
    samples.set(key, [...known, { ...(await probes.ask(pid)), requests }]);
  }
}

function report(samples: Samples): string[] {
  const wrong: string[] = [];
  const rows = [...samples].map(([name, some]) => {
    const growth = growthOf(some);
    const excess = excessOf(growth);
    wrong.push(...excess.map((what) => `${name}: ${what}`));
    const [first, last] = [some[0], some.at(-1)];
    const span = (of: (sample: Sample) => number): string => `${first && of(first)} → ${last && of(last)}`;
    return [
      name,
      span(({ heapBytes }) => megabytes(heapBytes)),
      kilobytes(growth.heapBytesPerThousand),
      span(({ rssBytes }) => megabytes(rssBytes)),
      megabytes(growth.rssBytes),
      span(({ connections }) => connections),
      excess.length === 0 ? 'steady' : 'GROWS',
    ];
  });
  table(['process', 'heap MB', 'KB per 1,000', 'RSS MB', 'gain MB', 'connections', 'result'], rows);
  return wrong;
}

const megabytes = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;
const kilobytes = (bytes: number): number => Math.round(bytes / 1024);
