/** What an activity of a wide fan-out costs on the local Functions host, beside one of a narrow fan-out. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleHostAndApp, DurableHosts } from '../../soak/durable/durable-hosts';
import { median, summarise } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';

const WIDTHS = [30, 100, 300, 1000];
const ROUNDS = 9;
const POLL_MS = 2;

/** Runs a fan-out of each width in turn, on one host process. */
export async function benchDurable(): Promise<Table> {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-recording-bench-'));
  const bundles = await bundleHostAndApp(folder, 'scripts/bench/durable/fan-out.app.ts');
  const hosts = await DurableHosts.start(bundles, path.join(folder, 'storage'), 1);
  try {
    const rounds = new Map<number, number[]>(WIDTHS.map((width) => [width, []]));
    for (const width of WIDTHS) await fanOut(hosts, `warm-up-${width}`, width);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [width, times] of rounds) times.push(await fanOut(hosts, `round-${round}-${width}`, width));
    }
    return report(rounds);
  } finally {
    await hosts.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the start to the end of an orchestration. */
async function fanOut(hosts: DurableHosts, id: string, width: number): Promise<number> {
  const startedMs = performance.now();
  await hosts.call('POST', `/orchestrators/fanOut/${id}`, width);
  for (;;) {
    const { body } = await hosts.call('GET', `/instances/${id}`);
    const { runtimeStatus, output } = body as { runtimeStatus: string; output: unknown };
    if (runtimeStatus === 'Completed' && output === (width * (width + 1)) / 2) break;
    if (!/Pending|Running/.test(runtimeStatus))
      throw new Error(`${id} ended with ${runtimeStatus}, ${String(output)}`);
    await sleep(POLL_MS);
  }
  return performance.now() - startedMs;
}

function report(rounds: Map<number, number[]>): Table {
  const perActivity = (width: number, times: readonly number[]) => times.map((time) => time / width);
  const [[narrowWidth, narrow] = [1, []]] = rounds;
  const base = median(perActivity(narrowWidth, narrow));
  return {
    title: 'Durable fan-out',
    note: `One orchestration starts all activities at once and adds up what they return; ${ROUNDS} rounds in turn on one host.`,
    columns: ['', 'whole (ms)', 'ms per activity', 'ratio'],
    rows: [...rounds].map(([width, times]) => [
      `${figure(width)} activities`,
      withSpread(summarise(times)),
      figure(median(perActivity(width, times)), 2),
      ratio(median(perActivity(width, times)), base),
    ]),
  };
}
