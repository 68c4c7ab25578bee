/** The policy engine beside other rule engines and beside the parsing of the events that it evaluates. */
import {
  compile,
  type Condition,
  respond,
  type ResponsePolicy,
  type Trigger,
} from '../../../functions/policies/engine';
import { summarise, type Summary } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';
import { type Evaluator, NONE } from './evaluator';
import { jsonLogicAlone, jsonLogicTuned } from './json-logic';
import { jsonRules } from './json-rules';
import { collectYoung, heapMegabytes } from './heap';
import { createWorkload, type Workload, type WorkloadEvent } from './workload';
import { zen } from './zen';

const SHORT_TEXT_TRIGGERS = 13;
const RULE_COUNTS = [50, 1_000] as const;
const ROUNDS = 9;
/** As the peers, these are measured warm; compiling is not. */
const WARM_UP_ROUNDS = 5;
const PEER_ROUNDS = 5;
/** The peers are slow: each is given the number of events that it evaluates in about this time. */
const PEER_MILLISECONDS = 1_500;
/** By then V8 has compiled whatever it will: json-logic-engine gets six times as quick over its first seconds. */
const WARM_UP_MILLISECONDS = 5_000;
const MIN_EVENTS = 200;
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
  const tables: Table[] = [];
  for (const rules of RULE_COUNTS) tables.push(await benchPolicy(workload, rules));
  return tables;
}

async function benchPolicy(workload: Workload, rules: number): Promise<Table> {
  const policy = workload.policyOf(rules);
  const compileMilliseconds = summarise(
    Array.from({ length: ROUNDS }, () => processorMilliseconds(() => void compile(policy))),
  );
  const heapBefore = heapMegabytes();
  const evaluate = policyEngine(policy);
  const compiledMegabytes = heapMegabytes() - heapBefore;
  const answers = evaluate(workload.events);
  const parse = parsing(workload.events);
  const withShortTexts = policyEngine(withShortTextsBeyondAscii(policy));
  const [measured, short, parsed] = measureInTurn(workload.events.length, [
    { name: 'policy engine', work: () => void evaluate(workload.events) },
    {
      name: `policy engine, ${SHORT_TEXT_TRIGGERS} triggers more on one letter beyond ASCII`,
      work: () => void withShortTexts(workload.events),
    },
    { name: 'JSON.parse of the events', work: () => void parse() },
  ]);
  const usedMegabytes = heapMegabytes() - heapBefore;
  const peers: Measured[] = [];
  for (const peer of [jsonRules, jsonLogicAlone, jsonLogicTuned, zen]) {
    peers.push(await measurePeer(peer(policy, workload.sessions), workload.events, answers));
  }
  const met = answers.filter((answer) => answer !== NONE).length / answers.length;
  const megabytes = { compiled: compiledMegabytes, used: usedMegabytes };
  return report({ rules, met, compileMilliseconds, megabytes, sides: [measured, short, ...peers, parsed] });
}

/** Ours, in the form of the others. */
function policyEngine(policy: ResponsePolicy): (events: readonly WorkloadEvent[]) => number[] {
  const compiled = compile(policy);
  const positions = new Map(policy.rules.map((rule, position) => [rule.id, position]));
  return (events) =>
    events.map(({ session, event }) => {
      const response = respond(compiled, session, event);
      return response ? (positions.get(response.ruleId) ?? NONE) : NONE;
    });
}

/** A policy with one rule more, for everyone: rules made from Sigma look for dashes other than the hyphen. */
function withShortTextsBeyondAscii(policy: ResponsePolicy): ResponsePolicy {
  const [first] = policy.rules;
  if (!first) return policy;
  const triggers = Array.from({ length: SHORT_TEXT_TRIGGERS }, (_, index): Trigger => {
    const values = [String.fromCharCode(0x2010 + index), `${String.fromCharCode(0x2010 + index)}f`];
    const conditions: Condition[] = [{ dimension: 'commandLine', operator: 'includes', values }];
    return { eventType: 'appStart', conditions, description: '', actions: ['lockSession'] };
  });
  const rule = { ...first, id: 'short', createdAt: '2100-01-01T00:00:00Z', scope: {}, triggers };
  return { ...policy, rules: [...policy.rules, rule] };
}

interface Side {
  readonly name: string;
  readonly work: () => void;
}

/** Measures the sides in turn, so that a busy machine slows all of them alike. */
function measureInTurn<Sides extends readonly Side[]>(
  events: number,
  sides: readonly [...Sides],
): { [Index in keyof Sides]: Measured } {
  const rates = sides.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [index, { work }] of sides.entries()) {
      const measured = rate(events, processorMilliseconds(work));
      if (round >= 0) rates[index]?.push(measured);
    }
  }
  return sides.map(({ name }, index) => ({
    name,
    eventsPerSecond: summarise(rates[index] ?? []),
    events,
  })) as {
    [Index in keyof Sides]: Measured;
  };
}

/** Warms the peer up to find how many events it can process in a round, compares its answers, and measures. */
async function measurePeer(
  peer: Evaluator,
  events: readonly WorkloadEvent[],
  expected: readonly number[],
): Promise<Measured> {
  const sample = events.slice(0, await eventsPerRound(peer, events));
  const rates: number[] = [];
  for (let round = 0; round < PEER_ROUNDS; round++) {
    collectYoung();
    const start = process.cpuUsage();
    const answers = await peer.evaluate(sample);
    rates.push(rate(sample.length, millisecondsOf(process.cpuUsage(start))));
    requireSameResults(peer.name, answers, expected);
  }
  return { name: peer.name, eventsPerSecond: summarise(rates), events: sample.length };
}

/** Has the peer evaluate until it is warm, and returns how many events it evaluates in a round then. */
async function eventsPerRound(peer: Evaluator, events: readonly WorkloadEvent[]): Promise<number> {
  let count = MIN_EVENTS;
  for (const start = performance.now(); performance.now() - start < WARM_UP_MILLISECONDS;) {
    const before = performance.now();
    await peer.evaluate(events.slice(0, count));
    const perEvent = (performance.now() - before) / count;
    count = Math.min(events.length, Math.max(MIN_EVENTS, Math.floor(PEER_MILLISECONDS / perEvent)));
  }
  return count;
}

function requireSameResults(name: string, answers: readonly number[], expected: readonly number[]): void {
  for (const [index, answer] of answers.entries()) {
    if (answer !== expected[index]) {
      throw new Error(`${name} answers ${answer} about event ${index}, the policy engine ${expected[index]}`);
    }
  }
}

/** The floor: no event is evaluated that has not been parsed. */
function parsing(events: readonly WorkloadEvent[]): () => number {
  const batches: string[] = [];
  for (let start = 0; start < events.length; start += EVENTS_PER_BATCH) {
    batches.push(JSON.stringify(events.slice(start, start + EVENTS_PER_BATCH).map(({ event }) => event)));
  }
  return () => batches.reduce((sum, batch) => sum + (JSON.parse(batch) as unknown[]).length, 0);
}

/** Processor time: neighbours that take the processor away do not count, nor does what the side before has left. */
function processorMilliseconds(work: () => void): number {
  collectYoung();
  const start = process.cpuUsage();
  work();
  return millisecondsOf(process.cpuUsage(start));
}

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;

const rate = (events: number, milliseconds: number) => (events / milliseconds) * 1_000;

function report(result: {
  rules: number;
  met: number;
  compileMilliseconds: Summary;
  megabytes: { compiled: number; used: number };
  sides: readonly [Measured, ...Measured[]];
}): Table {
  const { rules, met, compileMilliseconds, megabytes, sides } = result;
  const ours = sides[0].eventsPerSecond.median;
  return {
    title: `Evaluating events under ${figure(rules)} rules`,
    note:
      `The oldest rule that an event matches; ${(met * 100).toFixed(1)} % match one. All answers agree. ` +
      `Compiling the policy takes ${withSpread(compileMilliseconds)} ms and ${figure(megabytes.compiled, 1)} MB, ` +
      `with all sessions and patterns in use ${figure(megabytes.used, 1)} MB.`,
    columns: ['evaluator', 'events per second of processor time', 'events measured', 'policy engine is'],
    rows: sides.map(({ name, eventsPerSecond, events }) => [
      name,
      withSpread(eventsPerSecond),
      figure(events),
      ratio(ours, eventsPerSecond.median),
    ]),
  };
}
