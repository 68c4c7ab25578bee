/** The policy engine beside other rule engines and beside the parsing of the events that it evaluates. */
import type { ResponsePolicy } from '../../../functions/policies/engine/policy';
import { compileResponse, respond } from '../../../functions/policies/engine/response';
import { summarise, type Summary } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';
import { type Evaluator, NONE } from './evaluator';
import { jsonLogic } from './json-logic';
import { jsonRules } from './json-rules';
import { createWorkload, type Workload, type WorkloadEvent } from './workload';

const RULE_COUNTS = [50, 1_000] as const;
const ROUNDS = 7;
const PEER_ROUNDS = 3;
/** The peers are slow: each is given so many events as it evaluates in about this time. */
const PEER_MILLISECONDS = 1_500;
const LEAST_EVENTS = 200;
/** As many events as a batch of a recording server may hold are parsed at once. */
const EVENTS_PER_BATCH = 1_000;

interface Measured {
  readonly name: string;
  readonly eventsPerSecond: Summary;
  readonly events: number;
}

/** A table per number of rules. Throws when two evaluators answer differently about any event. */
export async function benchEvaluators(seed: number): Promise<Table[]> {
  const workload = createWorkload(seed);
  const parse = measureParse(workload.events);
  const tables: Table[] = [];
  for (const rules of RULE_COUNTS) tables.push(await benchPolicy(workload, rules, parse));
  return tables;
}

async function benchPolicy(workload: Workload, rules: number, parse: Measured): Promise<Table> {
  const policy = workload.policyOf(rules);
  const compileMilliseconds = summarise(
    Array.from({ length: ROUNDS }, () => elapsedMilliseconds(() => void compileResponse(policy))),
  );
  const evaluate = policyEngine(policy);
  const answers = evaluate(workload.events);
  const measured = measure('policy engine', workload.events.length, () => void evaluate(workload.events));
  const peers: Measured[] = [];
  for (const peer of [jsonRules, jsonLogic]) {
    peers.push(await measurePeer(peer(policy, workload.sessions), workload.events, answers));
  }
  const met = answers.filter((answer) => answer !== NONE).length / answers.length;
  return report({ rules, met, compileMilliseconds, measured, others: [...peers, parse] });
}

/** Ours, in the form of the others. */
function policyEngine(policy: ResponsePolicy): (events: readonly WorkloadEvent[]) => number[] {
  const compiled = compileResponse(policy);
  const positions = new Map(policy.rules.map((rule, position) => [rule.id, position]));
  return (events) =>
    events.map(({ session, event }) => {
      const response = respond(compiled, session, event);
      return response ? (positions.get(response.ruleId) ?? NONE) : NONE;
    });
}

function measure(name: string, events: number, work: () => void): Measured {
  const rates = Array.from({ length: ROUNDS }, () => rate(events, elapsedMilliseconds(work)));
  return { name, eventsPerSecond: summarise(rates), events };
}

/** Warms the peer up on some events to see how many it can be given, compares its answers, and measures. */
async function measurePeer(
  peer: Evaluator,
  events: readonly WorkloadEvent[],
  expected: readonly number[],
): Promise<Measured> {
  const started = performance.now();
  await peer.evaluate(events.slice(0, LEAST_EVENTS));
  const perEvent = (performance.now() - started) / LEAST_EVENTS;
  const sample = events.slice(0, Math.max(LEAST_EVENTS, Math.floor(PEER_MILLISECONDS / perEvent)));
  const rates: number[] = [];
  for (let round = 0; round < PEER_ROUNDS; round++) {
    const start = performance.now();
    const answers = await peer.evaluate(sample);
    rates.push(rate(sample.length, performance.now() - start));
    requireSame(peer.name, answers, expected);
  }
  return { name: peer.name, eventsPerSecond: summarise(rates), events: sample.length };
}

function requireSame(name: string, answers: readonly number[], expected: readonly number[]): void {
  for (const [index, answer] of answers.entries()) {
    if (answer !== expected[index]) {
      throw new Error(`${name} answers ${answer} about event ${index}, the policy engine ${expected[index]}`);
    }
  }
}

/** The floor: no event is evaluated that has not been parsed. */
function measureParse(events: readonly WorkloadEvent[]): Measured {
  const batches: string[] = [];
  for (let start = 0; start < events.length; start += EVENTS_PER_BATCH) {
    batches.push(JSON.stringify(events.slice(start, start + EVENTS_PER_BATCH).map(({ event }) => event)));
  }
  const parseAll = () => batches.reduce((sum, batch) => sum + (JSON.parse(batch) as unknown[]).length, 0);
  parseAll();
  return measure('JSON.parse of the events', events.length, () => void parseAll());
}

function elapsedMilliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const rate = (events: number, milliseconds: number) => (events / milliseconds) * 1_000;

function report(result: {
  rules: number;
  met: number;
  compileMilliseconds: Summary;
  measured: Measured;
  others: readonly Measured[];
}): Table {
  const { rules, met, compileMilliseconds, measured, others } = result;
  const ours = measured.eventsPerSecond.median;
  return {
    title: `Evaluating events under ${figure(rules)} rules`,
    note:
      `Which rule is the oldest that an event meets; ${(met * 100).toFixed(1)} % meet one. All answers agree. ` +
      `Compiling the policy takes ${withSpread(compileMilliseconds)} ms.`,
    columns: ['evaluator', 'events/s', 'events measured', 'policy engine is'],
    rows: [measured, ...others].map(({ name, eventsPerSecond, events }) => [
      name,
      withSpread(eventsPerSecond),
      figure(events),
      ratio(ours, eventsPerSecond.median),
    ]),
  };
}
