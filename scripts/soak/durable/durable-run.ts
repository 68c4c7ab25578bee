/** Runs seeded programs on hosts, undisturbed or killed repeatedly, and checks their results. */
import { deepStrictEqual } from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../infra/local/stand-in-support/random';
import { checkHistories } from './check-histories';
import { type Bundles, DurableHosts } from './durable-hosts';
import { eventsOf, type Program, randomProgram } from './program';

export interface DurableRun {
  seed: number;
  instances: number;
  kills: number;
  /** Runs of activities beyond one for each result: those that were running at a kill. */
  repeatedActivities: number;
  seconds: number;
  failure?: string;
}

interface Status {
  runtimeStatus: string;
  customStatus: unknown;
  output: unknown;
}

const PROGRAMS_A_SEED = 3;
const POLL_MS = 100;
/** Few enough that polling their states does not slow the host down. */
const BASELINE_CONCURRENCY = 5;
const TIMEOUT_MS = 90_000;

/** The programs of a seed. */
export function programsOf(seed: number): Program[] {
  const random = new Random(seed);
  return Array.from({ length: PROGRAMS_A_SEED }, () => randomProgram(random));
}

/** Runs the programs of all seeds on one undisturbed host, and returns their results. */
export async function runBaseline(
  bundles: Bundles,
  folder: string,
  seeds: readonly number[],
): Promise<Map<number, string[][]>> {
  const hosts = await DurableHosts.start(bundles, path.join(folder, 'baseline'), 1);
  try {
    const results = new Map<number, string[][]>();
    for (let from = 0; from < seeds.length; from += BASELINE_CONCURRENCY) {
      const some = seeds.slice(from, from + BASELINE_CONCURRENCY);
      const outcomes = await Promise.all(some.map((seed) => runPrograms(hosts, seed)));
      for (const [index, seed] of some.entries()) results.set(seed, withoutTokens(outcomes[index] ?? []));
    }
    await checkHistories(hosts);
    const repeated = repeatedActivities(hosts);
    if (repeated > 0) throw new Error(`${repeated} activities ran twice although nothing was killed`);
    return results;
  } finally {
    await hosts.stop();
  }
}

/** Runs the programs of a seed on hosts of their own while these are killed; failures are in the result. */
export async function runKilled(
  bundles: Bundles,
  folder: string,
  seed: number,
  baseline: readonly string[][],
): Promise<DurableRun> {
  const random = new Random(seed ^ 0x5eed);
  const instances = 1 + (seed % 2);
  const startedMs = Date.now();
  const hosts = await DurableHosts.start(bundles, path.join(folder, `seed-${seed}`), instances);
  const run: DurableRun = { seed, instances, kills: 0, repeatedActivities: 0, seconds: 0 };
  try {
    const [results] = await Promise.all([runPrograms(hosts, seed), killRepeatedly(hosts, instances, random)]);
    deepStrictEqual(withoutTokens(results), baseline);
    checkTokens(hosts, results.flat());
    await checkHistories(hosts);
  } catch (error) {
    run.failure = error instanceof Error ? error.message : String(error);
  } finally {
    await hosts.stop();
  }
  run.kills = hosts.kills;
  run.repeatedActivities = repeatedActivities(hosts);
  run.seconds = Math.round((Date.now() - startedMs) / 100) / 10;
  return run;
}

async function killRepeatedly(hosts: DurableHosts, instances: number, random: Random): Promise<void> {
  const count = random.between(2, 4);
  for (let kill = 0; kill < count; kill += 1) {
    await sleep(random.between(20, 700));
    const pauses = [random.below(300), random.below(300)];
    const victims = instances === 2 && random.chance(0.25) ? [0, 1] : [random.below(instances)];
    await Promise.all(victims.map((index) => hosts.killAndRestart(index, pauses[index] ?? 0)));
  }
}

function runPrograms(hosts: DurableHosts, seed: number): Promise<string[][]> {
  return Promise.all(
    programsOf(seed).map((program, index) => runProgram(hosts, `${seed}-${index}`, program)),
  );
}

async function runProgram(hosts: DurableHosts, id: string, program: Program): Promise<string[]> {
  const input = { program, generation: 0, results: [] };
  const { status } = await hosts.call('POST', `/orchestrators/program/${id}`, input);
  // Killed between the start and its answer, it is there already when it is started again.
  if (status !== 202 && status !== 409) throw new Error(`${id} was not started: ${status}`);
  if (program.hasEarlyEvents) for (const name of eventsOf(program)) await raise(hosts, id, name);
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { body } = await hosts.call('GET', `/instances/${id}`);
    const { runtimeStatus, customStatus, output } = body as Status;
    if (runtimeStatus === 'Completed') return output as string[];
    if (runtimeStatus === 'Failed') throw new Error(`${id} failed: ${String(output)}`);
    if (Date.now() > deadline) throw new Error(`${id} has not ended: ${JSON.stringify(body)}`);
    const isAwaited = typeof customStatus === 'string' && eventsOf(program).includes(customStatus);
    if (isAwaited && !program.hasEarlyEvents) await raise(hosts, id, customStatus);
    await sleep(POLL_MS);
  }
}

/** One that is raised twice, because the answer was lost, is not waited for any more: names are used once. */
async function raise(hosts: DurableHosts, id: string, name: string): Promise<void> {
  const { status } = await hosts.call('POST', `/instances/${id}/raiseEvent/${name}`, `event ${name}`);
  if (status !== 202 && status !== 410) throw new Error(`${name} was not raised to ${id}: ${status}`);
}

/** Tokens differ from run to run. */
function withoutTokens(results: readonly string[][]): string[][] {
  return results.map((list) => list.map((text) => text.replace(/ [0-9a-f-]{36}$/, ' done')));
}

/** Each result is one that an activity has given, and counts once. */
function checkTokens(hosts: DurableHosts, results: readonly string[]): void {
  const tokens = results.filter((text) => / [0-9a-f-]{36}$/.test(text));
  if (new Set(tokens).size < tokens.length) throw new Error('a result was counted twice');
  const traces = new Set(hosts.traces());
  const invented = tokens.filter((token) => !traces.has(token));
  if (invented.length > 0) throw new Error(`results that no activity gave: ${invented.join(', ')}`);
}

function repeatedActivities(hosts: DurableHosts): number {
  const done = hosts.traces().filter((line) => !line.endsWith(' failed'));
  return done.length - new Set(done.map((line) => line.split(' ')[0])).size;
}
