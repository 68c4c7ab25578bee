/** Compaction of sessions: what was received is read whole, whenever a process dies and whatever comes late. */
import { MemoryBlobs, MemoryQueues } from '../../../tests/support/memory-storage';
import { recordedSession, type RecordedSession } from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { lineLog } from '../../../shared/telemetry/telemetry';
import type { Services } from '../../../shared/services';
import { emptySession } from '../empty-session';
import { endSession } from '../end-session';
import { keepEventBatch } from '../event-batch';
import { readSessionEvents } from '../read-session-events';
import { readSessionSamples, storeSessionSamples } from '../sample-batch';
import { sessionType } from '../session';
import { findSession, sessionPartition } from '../store';
import { compactSession, startCompactions } from './compact-session';
import { compactLater } from './compaction-due';

const log = lineLog(() => undefined);

let test: TestServices;
let services: Services;
let blobs: MemoryBlobs;
let queues: MemoryQueues;
let recorded: RecordedSession;

beforeEach(async () => {
  test = await startTestServices();
  blobs = new MemoryBlobs();
  queues = new MemoryQueues();
  services = { ...test.services, blobs: blobs.asStore(), queues: queues.asQueues() };
  recorded = await recordedSession(services, test.clock.now());
  const { receive, event, session, at } = recorded;
  await receive('overlapping', [event(2, 2), event(5, 50), event(3, 3)]);
  await receive('first', [event(1, 1), event(2, 2), event(4, 40)]);
  test.clock.advanceSeconds(60);
  const samples = [1, 2, 3].map((second) => ({ time: at(second), cpuPercent: second }));
  await storeSessionSamples(services, session, { batchId: 'samples', samples });
});
afterEach(() => test.close());

const ref = () => ({ customerId: CONTOSO, sessionId: recorded.session.id });

async function current() {
  const session = await findSession(services, CONTOSO, recorded.session.id);
  if (!session) throw new Error('there is no session');
  return session;
}

async function end(): Promise<void> {
  await endSession(services, await current(), test.clock.now().toISOString());
}

/** Events and samples as they are read now, by their number and their second. */
async function content(range: { from?: string; to?: string } = {}): Promise<[number[], number[]]> {
  const events: number[] = [];
  for await (const { id } of readSessionEvents(services, CONTOSO, recorded.session.id, range))
    events.push(Number(id.slice(-6)));
  const samples: number[] = [];
  for await (const { cpuPercent = 0 } of readSessionSamples(services, CONTOSO, recorded.session.id, range))
    samples.push(cpuPercent);
  return [events, samples];
}

async function receiveLate(batchId: string, number: number, second: number): Promise<void> {
  await recorded.receive(batchId, [recorded.event(number, second)]);
  await compactLater(services, await current());
}

const documents = async (type: string) =>
  (await test.stored('session-data')).filter((json) => json.includes(`"type":"${type}"`));

/** Runs the sweep, and what it has put into the queue. */
async function sweep(): Promise<number> {
  await startCompactions(services, log);
  const sent = queues.sent.splice(0);
  for (const { message } of sent) await compactSession(services, message as ReturnType<typeof ref>);
  return sent.length;
}

const ALL: readonly (readonly number[])[] = [
  [1, 2, 3, 4, 5],
  [1, 2, 3],
];

it('CCL-5: ten minutes after its end the events and samples of a session become one blob each', async () => {
  expect(await sweep()).toBe(0);
  await end();
  expect(await sweep()).toBe(0);
  test.clock.advanceSeconds(600);
  expect(await sweep()).toBe(1);
  expect([...blobs.blobs.keys()]).toHaveLength(2);
  expect(await content()).toEqual(ALL);
  expect((await current()).compactAt).toBeUndefined();
  expect(await sweep()).toBe(0);
});

it('CCL-5: the documents stay for seven days, and the archive has everything without them', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await sweep();
  test.clock.advanceSeconds(6 * 86_400);
  expect(await documents('event-batch')).toHaveLength(2);
  test.clock.advanceSeconds(2 * 86_400);
  expect(await documents('event-batch')).toHaveLength(0);
  expect(await documents('session-samples')).toHaveLength(0);
  expect(await content()).toEqual(ALL);
  const { at } = recorded;
  expect(await content({ from: at(2), to: at(40) })).toEqual([
    [2, 3],
    [2, 3],
  ]);
});

it('CCL-5: a batch that comes later is read at once, and joins the archive', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await sweep();
  await receiveLate('late', 6, 30);
  const all = [[1, 2, 3, 6, 4, 5], ALL[1]];
  expect(await content()).toEqual(all);
  expect(await sweep()).toBe(0);
  test.clock.advanceSeconds(600);
  expect(await sweep()).toBe(1);
  expect(await content()).toEqual(all);
  test.clock.advanceSeconds(8 * 86_400);
  expect(await documents('event-batch')).toHaveLength(0);
  expect(await content()).toEqual(all);
});

it('a batch that comes while a session is compacted is not forgotten', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await startCompactions(services, log);
  const putOnce = blobs.putOnce.bind(blobs);
  blobs.putOnce = async (...given) => {
    blobs.putOnce = putOnce;
    await receiveLate('meanwhile', 6, 60);
    return putOnce(...given);
  };
  await compactSession(services, ref());
  expect(await content()).toEqual([[1, 2, 3, 4, 5, 6], ALL[1]]);
  expect((await current()).compactAt).toBeDefined();
  test.clock.advanceSeconds(600);
  await sweep();
  test.clock.advanceSeconds(8 * 86_400);
  expect(await content()).toEqual([[1, 2, 3, 4, 5, 6], ALL[1]]);
});

it('who began to read before a compaction reads on to the end', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await sweep();
  await receiveLate('late', 6, 60);
  const reader = readSessionEvents(services, CONTOSO, recorded.session.id);
  const first = await reader.next();
  const numbers = first.done ? [] : [Number(first.value.id.slice(-6))];
  test.clock.advanceSeconds(600);
  await sweep();
  for await (const { id } of reader) numbers.push(Number(id.slice(-6)));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
});

it('two compactions of a session at the same time make one archive', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await Promise.all([compactSession(services, ref()), compactSession(services, ref())]);
  expect(await content()).toEqual(ALL);
  test.clock.advanceSeconds(4_000);
  await sweep();
  expect(await content()).toEqual(ALL);
  expect([...blobs.blobs.keys()]).toHaveLength(2);
});

it('a process that dies at any step loses nothing, doubles nothing and leaves no blob behind', async () => {
  await end();
  const expected = [...(ALL[0] ?? [])];
  let step = 0;
  for (let failed = true; failed;) {
    step += 1;
    await receiveLate(`late ${step}`, 100 + step, 100 + step);
    expected.push(100 + step);
    test.clock.advanceSeconds(600);
    failed = await compactWithFault(step);
    expect([step, await content()]).toEqual([step, [expected, ALL[1]]]);
    test.clock.advanceSeconds(4_000);
    // What the dead process has left is done by the next one.
    await sweep();
    expect([step, await content()]).toEqual([step, [expected, ALL[1]]]);
  }
  // Both kinds: claim, assign, write, switch, let expire; and the session at the end.
  expect(step).toBeGreaterThan(8);
  // The events, their generation before, and the samples.
  expect([...blobs.blobs.keys()]).toHaveLength(3);
  test.clock.advanceSeconds(8 * 86_400);
  expect(await content()).toEqual([expected, ALL[1]]);
});

/** The process dies at the n-th write, to Cosmos or to a blob: in half of the cases before it is done, in half after. */
async function compactWithFault(step: number): Promise<boolean> {
  let writes = 0;
  const isDead = () => writes >= step;
  const dead = { status: 403, headers: {}, body: '{}' };
  const putOnce = blobs.putOnce.bind(blobs);
  blobs.putOnce = async (...given) => {
    writes += 1;
    if (!isDead()) return putOnce(...given);
    if (step % 2) await putOnce(...given);
    throw new Error('died');
  };
  test.injectFault(async (request, next) => {
    if (isDead()) return dead;
    const isWrite = request.method !== 'GET' && request.headers['x-ms-documentdb-isquery'] === undefined;
    if (isWrite) writes += 1;
    if (!isDead()) return next(request);
    if (step % 2) await next(request);
    return dead;
  });
  try {
    await compactSession(services, ref());
    return false;
  } catch {
    return true;
  } finally {
    test.injectFault(undefined);
    blobs.putOnce = putOnce;
  }
}

it('CCL-5: a long session is read whole and in parts from its archive', async () => {
  const { event, session, at } = recorded;
  for (let batch = 0; batch < 12; batch++) {
    const events = Array.from({ length: 1_000 }, (_, index) => {
      const number = 100 + batch * 1_000 + index;
      return event(number, number, { data: { appName: `${number} ${'x'.repeat(500)}` } });
    });
    const given = { id: `long ${batch}`, receivedAt: at(0), policyVersion: null, events };
    await keepEventBatch(services, CONTOSO, session.id, given);
  }
  await end();
  test.clock.advanceSeconds(600);
  await sweep();
  test.clock.advanceSeconds(8 * 86_400);
  const [events] = await content();
  expect(events).toEqual([1, 2, 3, 4, 5, ...Array.from({ length: 12_000 }, (_, index) => 100 + index)]);
  expect((await content({ from: at(5_000), to: at(5_003) }))[0]).toEqual([5_000, 5_001, 5_002]);
});

it('MNG-1: the archive goes with the last recording of its session', async () => {
  await end();
  test.clock.advanceSeconds(600);
  await sweep();
  const partition = await sessionPartition(services, CONTOSO, recorded.session.id);
  await partition.replace(sessionType, { ...(await current()), recordingsDeletedAt: recorded.at(700) });
  await compactLater(services, await current());
  await emptySession(services, ref(), async () => true);
  expect([...blobs.blobs.keys()]).toEqual([]);
  test.clock.advanceSeconds(600);
  expect(await sweep()).toBe(1);
  expect(await content()).toEqual([[], []]);
  expect(await documents('session-archive')).toEqual([]);
});
