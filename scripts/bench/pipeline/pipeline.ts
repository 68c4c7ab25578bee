/** The event pipeline through a running service: what a batch costs, and how long it takes until it has an effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withoutRequestLimits } from '../../../infra/local/stack/environment';
import { storage } from '../../../functions/storage';
import { provisioner } from '../../../infra/local/stack/provision';
import { type Stack, startStack } from '../../../infra/local/stack/stack';
import { figure, ratio, type Table, withSpread } from '../table';
import { median, quantile, summarise } from '../statistics';
import { type CallCounts, callsBetween, readCalls } from './call-counts';
import { RecordingSite } from '../../recording-site/recording-site';
import { LOAD_POLICY, loadEvents } from './load';

const SESSIONS = 16;
const SENDERS = 8;
const EVENTS_A_BATCH = 100;
const BATCHES_A_ROUND = 80;
const ROUNDS = 5;
const PAUSE_MS = 100;
const TIMEOUT_MS = 120_000;

interface Side {
  name: string;
  /** Events of each batch that the rule answers. */
  wanted: number;
}

/** The floor first: the same path, and nothing to be done at its end. */
const SIDES: readonly Side[] = [
  { name: 'nothing matches', wanted: 0 },
  { name: '1 of 100 events matches', wanted: 1 },
  { name: '10 of 100 events match', wanted: 10 },
];

interface Round {
  eventsPerSecond: number;
  postMs: number[];
  effectMs: number[];
  calls: CallCounts;
}

/** Starts a temporary service of its own. */
export async function benchPipeline(): Promise<Table[]> {
  const stack = await startStack({
    ephemeral: true,
    provision: provisioner(storage),
    env: withoutRequestLimits,
  });
  try {
    const rounds = SIDES.map((): Round[] => []);
    for (let round = -1; round < ROUNDS; round += 1) {
      for (const [index, side] of SIDES.entries()) {
        const played = await playRound(stack, side);
        // The first one of each side warms everything up.
        if (round >= 0) rounds[index]?.push(played);
      }
    }
    return [throughput(rounds), cost(rounds)];
  } finally {
    await stack.stop();
  }
}

/** A site of its own, so that what is asked for at the end stays small. */
async function playRound(stack: Stack, { wanted }: Side): Promise<Round> {
  const site = await RecordingSite.open(stack.url, LOAD_POLICY, SESSIONS);
  const before = await readCalls(stack);
  const postedAtMs = new Map<string, number>();
  const postMs: number[] = [];
  const startedMs = Date.now();
  let batches = 0;
  const send = async (): Promise<void> => {
    while (batches < BATCHES_A_ROUND) {
      const sessionId = site.sessionIds[batches % SESSIONS] ?? '';
      batches += 1;
      const events = loadEvents(EVENTS_A_BATCH, wanted);
      const sentMs = Date.now();
      for (const { id } of events.slice(0, wanted)) postedAtMs.set(id, sentMs);
      await site.deliver(sessionId, events);
      postMs.push(Date.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  // Where nothing matches, a last event shows when all before it have been processed.
  if (wanted === 0) {
    const [marker] = loadEvents(1, 1);
    if (marker) postedAtMs.set(marker.id, Date.now());
    await site.deliver(site.sessionIds[0] ?? '', marker ? [marker] : []);
  }
  const effects = await allEffects(site, postedAtMs.size);
  const endMs = Math.max(...effects.map(({ sentAt }) => Date.parse(sentAt)));
  return {
    eventsPerSecond: (BATCHES_A_ROUND * EVENTS_A_BATCH) / ((endMs - startedMs) / 1000),
    postMs,
    effectMs: effects.map(({ eventId, sentAt }) => Date.parse(sentAt) - (postedAtMs.get(eventId) ?? 0)),
    calls: callsBetween(before, await readCalls(stack)),
  };
}

/** When the command that answers each event was queued. Polls rarely, since polling disturbs the measurement. */
async function allEffects(
  site: RecordingSite,
  count: number,
): Promise<{ eventId: string; sentAt: string }[]> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const effects = (await site.responses()).flatMap(({ eventId, actions: [action] }) =>
      action?.sentAt === undefined ? [] : [{ eventId, sentAt: action.sentAt }],
    );
    if (effects.length >= count) return effects;
    if (Date.now() > deadline) throw new Error(`Of ${count} events ${effects.length} had an effect in time.`);
    await sleep(Math.max(PAUSE_MS, (count - effects.length) * 5));
  }
}

function throughput(rounds: readonly Round[][]): Table {
  const floor = median((rounds[0] ?? []).map(({ eventsPerSecond }) => eventsPerSecond));
  return {
    title: 'Event pipeline',
    note: `${ROUNDS} rounds in turn of ${BATCHES_A_ROUND} batches with ${EVENTS_A_BATCH} events each, ${SENDERS} at a time; until the command to the server is queued. Clients, service and all stand-ins share the machine.`,
    columns: ['', 'events/s', 'of the floor', 'POST p50 (ms)', 'p99', 'POST to effect p50 (ms)', 'p99'],
    rows: SIDES.map(({ name, wanted }, index) => {
      const side = rounds[index] ?? [];
      const speed = summarise(side.map(({ eventsPerSecond }) => eventsPerSecond));
      const post = side.flatMap(({ postMs }) => postMs);
      const effect = wanted === 0 ? [] : side.flatMap(({ effectMs }) => effectMs);
      return [
        name,
        withSpread(speed),
        ratio(speed.median, floor),
        ...[0.5, 0.99].map((share) => figure(quantile(post, share))),
        ...[0.5, 0.99].map((share) => (effect.length === 0 ? '–' : figure(quantile(effect, share)))),
      ];
    }),
  };
}

/** Calls as the stand-ins saw them, the host's polling of queues among them. */
function cost(rounds: readonly Round[][]): Table {
  const thousands = (BATCHES_A_ROUND * EVENTS_A_BATCH) / 1000;
  const kinds = [...new Set(rounds.flat().flatMap(({ calls }) => Object.keys(calls)))].sort();
  const figures = kinds.map((kind) => ({
    kind,
    each: rounds.map((side) => median(side.map(({ calls }) => calls[kind] ?? 0)) / thousands),
  }));
  return {
    title: 'What 1,000 events cost, in calls',
    note: 'Medians of the rounds; reads of empty queues and the reading of the result are among them.',
    columns: ['', ...SIDES.map(({ name }) => name)],
    rows: figures
      .filter(({ each }) => each.some((calls) => calls >= 0.1))
      .map(({ kind, each }) => [kind, ...each.map((calls) => figure(calls, 1))]),
  };
}
