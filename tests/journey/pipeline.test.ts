/**
 * Batches that arrive twice, out of order, late, during a policy change or are undeliverable: how their events are
 * handled.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantIdOf } from '../../infra/local/azure/login/directory-ids';
import type { SessionEvent } from '../../functions/policies/engine';
import { type ListedResponse, MACHINE, RecordingSite } from '../../scripts/recording-site/recording-site';
import { replayDeadLetters } from '../../scripts/replay/replay-dead-letters';
import { localTarget } from '../../scripts/replay/target';
import { readDocuments } from '../../scripts/soak/journey/outcome';
import { eventually, startService, type TestService } from '../support/service';

/** A change must act within this time on every instance. */
const POLICY_CHANGE_MS = 5_000;

let service: TestService;
let site: RecordingSite;

/** A policy with a name of its own and one rule. */
const policy = (name: string, actions: string[]) => ({
  name: `${name} ${randomUUID()}`,
  rules: [
    {
      name,
      scope: { machines: [MACHINE] },
      triggers: [{ eventType: 'rdpConnection', description: '', actions }],
    },
  ],
});

const hop = (time = new Date()): SessionEvent => ({
  id: randomUUID(),
  type: 'rdpConnection',
  time: time.toISOString(),
  data: { ipAddress: '10.0.0.7' },
});

beforeAll(async () => {
  service = await startService();
}, 60_000);
afterAll(() => service?.stop());
beforeEach(async () => {
  site = await RecordingSite.open(service.url, policy('Disconnect', ['disconnectSession']), 2);
});

const session = (index: number) => site.sessionIds[index] ?? '';

/** The responses to these events, once every action has finished or waits for the server, which does not answer here. */
const answersTo = (events: readonly SessionEvent[]): Promise<ListedResponse[]> =>
  eventually('the answer to the events', async () => {
    const responses = (await site.responses()).filter(({ eventId }) =>
      events.some(({ id }) => id === eventId),
    );
    const isOver = responses.every(({ actions }) =>
      actions.every(({ state, finishedAt }) => state === 'sent' || finishedAt !== undefined),
    );
    return responses.length === events.length && isOver ? responses : undefined;
  });

const commands = () =>
  readDocuments<{ id: string }>(service.stack.env, 'presence', 'command', tenantIdOf(site.customer));

test('a batch that is delivered again, at once and later, is answered once', async () => {
  const events = [hop(), hop()];
  const batchId = randomUUID();
  const deliver = () => site.deliver(session(0), events, batchId);
  expect(await Promise.all([deliver(), deliver(), deliver()])).toEqual(
    Array(3).fill({
      batchId,
      receivedEvents: 2,
      publishedEvents: 2,
      pollCommandsSeconds: expect.any(Number) as number,
    }),
  );
  const first = await answersTo(events);
  await deliver();
  await sleep(1_000);
  expect(await answersTo(events)).toEqual(first);
  expect(await commands()).toHaveLength(2);
});

test('an event that comes in two batches is answered once', async () => {
  const event = hop();
  await site.deliver(session(0), [event]);
  await site.deliver(session(0), [hop(), event]);
  await sleep(1_000);
  expect((await site.responses()).filter(({ eventId }) => eventId === event.id)).toHaveLength(1);
  expect(await commands()).toHaveLength(2);
});

test('events are answered in whichever order they come, also those of the past', async () => {
  const events = [0, -60_000, -3_600_000, -1_000].map((ms) => hop(new Date(Date.now() + ms)));
  for (const event of events) await site.deliver(session(0), [event]);
  const answers = await answersTo(events);
  expect(answers.flatMap(({ actions }) => actions.map(({ state }) => state))).toEqual(Array(4).fill('sent'));
});

test('an event that arrives after the end of its session only appears in the log of decisions', async () => {
  await site.endSession(session(0));
  const event = hop();
  await site.deliver(session(0), [event]);
  const [answer] = await answersTo([event]);
  expect(answer?.actions).toMatchObject([{ state: 'skipped', reason: 'the session has ended' }]);
  expect(await commands()).toEqual([]);
});

test('a batch keeps the policy of its first receipt, and what comes within five seconds of a change has the new one', async () => {
  const before = [hop(), hop()];
  const batchId = randomUUID();
  await site.deliver(session(0), before, batchId);
  await answersTo(before);

  await site.activate(policy('Log off', ['logOffSession']));
  const changedMs = Date.now();
  await site.deliver(session(0), before, batchId);
  await sleep(POLICY_CHANGE_MS - (Date.now() - changedMs));
  const after = hop();
  await site.deliver(session(1), [after]);
  const answers = await answersTo([...before, after]);
  const done = new Map(answers.map(({ eventId, actions }) => [eventId, actions.map(({ kind }) => kind)]));
  expect(done.get(after.id)).toEqual(['logOffSession']);
  for (const { id } of before) expect(done.get(id)).toEqual(['disconnectSession']);
  // The batch was published again under the policy that it came with: no second answer.
  expect(await commands()).toHaveLength(3);
});

test('there are no responses after the policy is deactivated', async () => {
  const policyId = await site.activate(policy('Log off', ['logOffSession']));
  await site.administrator.call('POST', `/sites/${site.siteId}/eventResponsePolicies/${policyId}/deactivate`);
  await sleep(POLICY_CHANGE_MS);
  expect(await site.deliver(session(0), [hop()])).toMatchObject({ receivedEvents: 1, publishedEvents: 0 });
});

test('RSP-7: a policy change acts within five seconds on an instance that knew the old policy', async () => {
  await service.stack.startSecondHost();
  const second = site.servedBy(service.stack.secondUrl);
  const before = hop();
  await second.deliver(session(0), [before]);
  await answersTo([before]);
  await site.activate(policy('Log off', ['logOffSession']));
  await sleep(POLICY_CHANGE_MS);
  const after = hop();
  await second.deliver(session(0), [after]);
  const answers = await answersTo([before, after]);
  expect(answers.map(({ ruleName }) => ruleName)).toEqual(['Log off', 'Disconnect']);
}, 120_000);

test('RSP-6: events that cannot be delivered end as dead letters, and are answered once they are replayed', async () => {
  const refused = { standIn: 'eventGrid', method: 'DELIVER', body: tenantIdOf(site.customer) };
  const effect = { do: 'refuse', status: 400 };
  const injected = await fetch(`${service.url}/local/faults`, {
    method: 'POST',
    body: JSON.stringify({ ...refused, effect }),
  });
  expect(injected.status).toBe(201);
  const event = hop();
  await site.deliver(session(0), [event]);
  const target = await localTarget(service.stack.ports.host, service.stack.dataDir);
  const letters = await eventually('the dead letter', async () => {
    const found = await replayDeadLetters(target, { prefix: '', dryRun: true });
    return found.length > 0 ? found : undefined;
  });
  expect(letters).toMatchObject([{ events: 1, outcome: 'left', isLeft: true }]);
  expect(await site.responses()).toEqual([]);

  const replayed = await replayDeadLetters(target, { prefix: '', dryRun: false });
  expect(replayed).toMatchObject([{ events: 1, outcome: 'published again', isLeft: false }]);
  expect(await answersTo([event])).toMatchObject([{ ruleName: 'Disconnect' }]);
  expect(await replayDeadLetters(target, { prefix: '', dryRun: true })).toEqual([]);
});
