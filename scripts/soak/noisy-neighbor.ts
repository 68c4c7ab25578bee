/** The noisy-neighbor suite: what a customer notices of another one that attacks the service which they share. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { storage } from '../../functions/storage';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { callsBetween, readCalls } from '../bench/pipeline/call-counts';
import { line, table } from '../demo/print';
import { pollUntil } from './journey/poll-until';
import { Attacker } from './noisy-neighbor/attacker';
import type { AttackReport } from './noisy-neighbor/attacker.app';
import { SLOW_RULES } from './noisy-neighbor/attacks';
import { excessOf, type Expectations, type Latencies } from './noisy-neighbor/latencies';
import { Neighbor } from './noisy-neighbor/neighbor';
import { readProcessorTimes, usageBetween } from './noisy-neighbor/processor-time';
import { answeredEvents, createCustomer, type CustomerAccess } from './noisy-neighbor/test-customer';
import type { SoakOptions } from './options';

/** One case; twenty of them, the default, are two minutes of attacks. */
const SECONDS_PER_CASE = 6;
/** Without attacks, before them; the part that is not measured is for caches and compilers. */
const WARM_UP_SECONDS = 10;
const UNDISTURBED_SECONDS = 30;
/** How long the decisions about the last events may take after the attacks: those of the hostile customer are paced. */
const SETTLE_SECONDS = 900;

const EXPECTED: Expectations = { timesUndisturbed: 3, longestMs: 500 };

/**
 * Measures the working customer without attacks and under them, then counts what was decided of both.
 * @throws Error when the customer waited too long, was refused anything, or something accepted was not decided once
 */
export async function soakNoisyNeighbor({ count, only }: SoakOptions): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'noisy-neighbor-'));
  const stack = await startStack({ ephemeral: true, provision: provisioner(storage) });
  const wrong: string[] = [];
  try {
    const access = await createCustomer(stack.url, 'neighbor');
    const hostile = await createCustomer(stack.url, 'hostile', SLOW_RULES);
    const neighbor = await Neighbor.signIn(access);
    await neighbor.work(WARM_UP_SECONDS);
    logLoad(stack, 'before');
    const undisturbed = await measured('undisturbed', stack, {}, UNDISTURBED_SECONDS, neighbor);
    const order = { target: { hostile, victimClientId: access.clientId }, only };
    const attacker = await Attacker.start(folder, order);
    let report: AttackReport;
    let disturbed: Map<string, Latencies>;
    try {
      const seconds = count * SECONDS_PER_CASE;
      disturbed = await measured('under attack', stack, { attacker: attacker.pid }, seconds, neighbor);
      report = await attacker.stop();
    } finally {
      attacker.kill();
    }
    wrong.push(...compare(undisturbed, disturbed), ...neighbor.failures);
    printAttacks(report);
    wrong.push(...(await undecided('neighbor', access, neighbor.watchedEvents)));
    wrong.push(...(await undecided('hostile customer', hostile, report.watchedEvents)));
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  line('no request waited too long, nothing was lost');
}

/** The neighbor's work, and what the processors were used for meanwhile. */
async function measured(
  when: string,
  stack: Stack,
  others: Record<string, number>,
  seconds: number,
  neighbor: Neighbor,
): Promise<Map<string, Latencies>> {
  const processes = { ...stack.pids, neighbor: process.pid, ...others };
  const before = readProcessorTimes(processes);
  const callsBefore = await readCalls(stack);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const latencies = await neighbor.work(seconds);
  delay.disable();
  table(
    ['process', `${when}: ran ms/s`, 'waited for a processor ms/s'],
    usageBetween(before, readProcessorTimes(processes), seconds).filter(([, ran]) => ran > 0),
  );
  const calls = Object.entries(callsBetween(callsBefore, await readCalls(stack)));
  line(
    `calls a second: ${calls.map(([call, count]) => `${call} ${Math.round(count / seconds)}`).join(', ')}`,
  );
  line(`the process that measures was late itself: p99 ${Math.round(delay.percentile(99) / 1e6)} ms`);
  logLoad(stack, when);
  return latencies;
}

function compare(undisturbed: Map<string, Latencies>, disturbed: Map<string, Latencies>): string[] {
  const wrong: string[] = [];
  const rows: (string | number)[][] = [];
  for (const [kind, before] of undisturbed) {
    const during = disturbed.get(kind);
    if (!during) continue;
    rows.push([kind, 'undisturbed', ...figures(before)], [kind, 'under attack', ...figures(during)]);
    wrong.push(...excessOf(kind, before, during, EXPECTED));
  }
  table(['request', 'when', 'count', 'median ms', 'p99 ms', 'longest ms'], rows);
  return wrong;
}

const figures = ({ count, medianMs, p99Ms, maxMs }: Latencies): number[] => [
  count,
  ...[medianMs, p99Ms, maxMs].map(Math.round),
];

function printAttacks({ outcomes }: AttackReport): void {
  const summary = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([outcome, count]) => `${count} × ${outcome}`)
      .join(', ');
  table(
    ['attack', 'what came of it'],
    Object.entries(outcomes).map(([name, counts]) => [name, summary(counts)]),
  );
}

/** Waits until each of the events is decided; what is missing then, or was decided more than once. */
async function undecided(
  whose: string,
  access: CustomerAccess,
  events: readonly string[],
): Promise<string[]> {
  const startedAt = performance.now();
  let answered: string[] = [];
  let missing = events.length;
  await pollUntil('the decisions', SETTLE_SECONDS, async () => {
    answered = await answeredEvents(access);
    const known = new Set(answered);
    missing = events.filter((id) => !known.has(id)).length;
    return missing === 0 || undefined;
  }).catch(() => undefined);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  line(`${whose}: ${events.length} batches accepted, the last of them decided ${seconds} s later`);
  const repeated = answered.length - new Set(answered).size;
  return [
    ...(missing > 0 ? [`${whose}: ${missing} of ${events.length} accepted batches were not decided`] : []),
    ...(repeated > 0 ? [`${whose}: ${repeated} events were decided more than once`] : []),
  ];
}

function logLoad({ pids }: Stack, when: string): void {
  const pid = pids['functions-host'];
  const status = pid === undefined ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  line(
    `${when}: the host uses ${megabytes('VmRSS')} MB (at most ${megabytes('VmHWM')}); load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
}
