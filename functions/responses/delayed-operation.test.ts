/** The orchestration of an operation with a notice, its activities over a real database in memory. */
import type { OrchestrationContext } from 'durable-functions';
import { activityFeed } from '../../tests/support/logs';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { monthOfSession, newSessionId } from '../../shared/ids';
import { lineLog } from '../../shared/telemetry/telemetry';
import { sessionType, type Session } from '../sessions/session';
import { type Command, commandType } from '../servers/commands/command';
import type { ActionRef } from './action-queue';
import { delayedOperation, delayedOperationSteps, startDelayedOperation } from './delayed-operation';
import { eventResponseType, type ResponseAction } from './event-response';
import { takeCommandResult } from './take-command-result';
import { announceOperation, commandIdOf } from './session-commands';

type Activity = (input: unknown) => Promise<unknown>;
const activities = new Map<string, Activity>();

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const SITE = '019bc17a-0000-7000-8000-000000000001';
const SERVER = '019bc17a-0000-7000-8000-000000000002';
const EVENT = '8f1c5bb0-31a1-4d5c-8d0f-5f4f3f1e0a01';
const DELAY_SECONDS = 60;

let test: TestServices;
let lines: string[];
const log = lineLog((line) => lines.push(line));
let ref: ActionRef;
let session: Session;

beforeEach(async () => {
  test = await startTestServices();
  lines = [];
  const { announce, carryOut, record } = delayedOperationSteps;
  activities.set(announce.name, (input) => announce.handler(test.services, announce.input.parse(input), log));
  activities.set(carryOut.name, (input) => carryOut.handler(test.services, carryOut.input.parse(input), log));
  activities.set(record.name, (input) => record.handler(test.services, record.input.parse(input), log));
  const id = newSessionId(test.clock.now());
  ref = {
    customerId: CONTOSO,
    siteId: SITE,
    month: monthOfSession(id),
    eventId: EVENT,
    action: 'logOffSession',
  };
  session = {
    id,
    customerId: CONTOSO,
    siteId: SITE,
    serverId: SERVER,
    sessionKey: 'logon 1',
    facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
    startedAt: test.clock.now().toISOString(),
    state: 'live',
    // Operations do not look at it.
    decision: {} as Session['decision'],
  };
  await recordings().create(sessionType, session);
  await responses().create(eventResponseType, {
    id: EVENT,
    siteId: SITE,
    sessionId: id,
    serverId: SERVER,
    eventType: 'appStart',
    eventTime: session.startedAt,
    at: session.startedAt,
    policyId: 'policy',
    policyVersion: 1,
    ruleId: 'rule',
    ruleName: 'Rule',
    triggers: [],
    recipients: [],
    recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
    operationDelaySeconds: DELAY_SECONDS,
    actions: [
      {
        kind: 'logOffSession',
        state: 'claimed',
        attempts: 1,
        claimId: 'claim',
        leasedUntil: session.startedAt,
      },
    ],
    searchedBy: [],
  });
});
afterEach(() => test.close());

const recordings = () => test.services.database.recordings(CONTOSO, ref.month);
const responses = () => test.services.database.responses(CONTOSO, SITE, ref.month);
const actionNow = async () => (await responses().read(eventResponseType, EVENT))?.actions[0];

async function commands(): Promise<Command[]> {
  const found = await test.services.database.presence(CONTOSO, SERVER).list(commandType, { limit: 10 });
  return found.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

interface Step {
  activity?: string;
  input?: unknown;
  at?: Date;
  event?: string;
  any?: Step[];
  result?: unknown;
  cancel?: () => void;
}

/** Runs the orchestration as the runtime would; `answer` is the external event, which may never come. */
async function run(answer?: unknown, beforeTimer: () => Promise<void> = async () => undefined) {
  const cancelled: Step[] = [];
  const context = {
    df: {
      getInput: () => ref,
      get currentUtcDateTime() {
        return test.clock.now();
      },
      callActivityWithRetry: (activity: string, _retries: unknown, input: unknown): Step => ({
        activity,
        input,
      }),
      createTimer: (at: Date): Step => {
        const timer: Step = { at, cancel: () => cancelled.push(timer) };
        return timer;
      },
      waitForExternalEvent: (event: string): Step => ({ event, result: answer }),
      Task: { any: (any: Step[]): Step => ({ any }) },
    },
  };
  const steps = delayedOperation(context as unknown as OrchestrationContext) as unknown as Generator<
    Step,
    void
  >;
  let next = steps.next();
  while (!next.done) {
    const step = next.value;
    let result: unknown;
    if (step.activity !== undefined) {
      const input: unknown = JSON.parse(JSON.stringify(step.input));
      result = await activities.get(step.activity)?.(input);
    } else if (step.at) {
      await beforeTimer();
      test.clock.advanceSeconds((step.at.getTime() - test.clock.now().getTime()) / 1000);
    } else if (step.any) {
      await beforeTimer();
      result = step.any.find(({ event }) => (event === undefined) === (answer === undefined));
    }
    next = steps.next(...([result] as never));
  }
  return { cancelledTimers: cancelled.length };
}

it('tells the user, waits, sends the command and records what became of it', async () => {
  const { cancelledTimers } = await run({ commandId: 'c', status: 'succeeded' });
  const [notice, logOff] = await commands();
  expect(notice).toMatchObject({
    kind: 'notifyUser',
    sessionId: session.id,
    parameters: { seconds: 60, message: 'Your session will be logged off in 60 seconds.' },
  });
  expect(logOff).toMatchObject({
    kind: 'logOffSession',
    replyTo: { eventName: 'commandResult', instanceId: logOff?.id },
  });
  const between = Date.parse(String(logOff?.createdAt)) - Date.parse(String(notice?.createdAt));
  expect(between).toBe(DELAY_SECONDS * 1000);
  expect(await actionNow()).toMatchObject({ state: 'done', commandId: logOff?.id });
  expect(cancelledTimers).toBe(1);
});

it('tells the user of a single second', async () => {
  const stored = await responses().read(eventResponseType, EVENT);
  if (!stored) throw new Error('The response was not saved');
  const response = { ...stored, operationDelaySeconds: 1 };
  await announceOperation(test.services, { customerId: CONTOSO, response, session }, 'lockSession');
  expect(await commands()).toMatchObject([
    { parameters: { seconds: 1, message: 'Your session will be locked in 1 second.' } },
  ]);
});

it.each([
  ['failed', { commandId: 'c', status: 'failed', reason: 'access denied' }, 'access denied'],
  ['not answered', undefined, 'did not answer in time'],
  ['answered with nonsense', { strange: true }, 'did not answer in time'],
])('records a command that was %s in response, log and feed', async (_what, answer, reason) => {
  await run(answer);
  expect(await actionNow()).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(reason) as string,
  });
  const [line, ...more] = lines.map((text) => JSON.parse(text) as object);
  expect(line).toMatchObject({ event: 'action.given-up', eventId: EVENT, action: 'logOffSession' });
  expect(more).toEqual([]);
  const feed = await activityFeed(test.services);
  expect(feed.map(({ message }) => message)).toEqual([
    expect.stringMatching(new RegExp(`^Logging off the session has failed: .*${reason}`)),
  ]);
});

it('looks up what became of a command whose result was lost', async () => {
  let timers = 0;
  await run(undefined, async () => {
    timers += 1;
    if (timers < 2) return;
    const [sent] = (await commands()).filter(({ kind }) => kind === 'logOffSession');
    const presence = test.services.database.presence(CONTOSO, SERVER);
    if (sent) await presence.upsert(commandType, { ...sent, status: 'succeeded' });
  });
  expect(await actionNow()).toMatchObject({ state: 'done' });
});

it('does nothing more when the session ends during the notice', async () => {
  const end = async () => void (await recordings().upsert(sessionType, { ...session, state: 'ended' }));
  await run(undefined, end);
  expect((await commands()).map(({ kind }) => kind)).toEqual(['notifyUser']);
  expect(await actionNow()).toMatchObject({ state: 'skipped', reason: 'the session has ended' });
});

it('sends the commands of operations that go before it first, under their own ids, so that they keep their order', async () => {
  const known = await responses().read(eventResponseType, EVENT);
  if (!known) throw new Error('there is no response');
  const at = session.startedAt;
  const claimed = { state: 'claimed', attempts: 1, claimId: 'claim', leasedUntil: at } as const;
  const actions: ResponseAction[] = [
    { kind: 'lockSession', ...claimed },
    { kind: 'disconnectSession', state: 'done', attempts: 1, finishedAt: at },
    { kind: 'logOffSession', ...claimed },
  ];
  await responses().upsert(eventResponseType, { ...known, actions });
  await run({ commandId: 'c', status: 'succeeded' });
  const sent = (await commands()).filter(({ kind }) => kind !== 'notifyUser');
  expect(sent.map(({ kind, replyTo }) => [kind, replyTo?.['instanceId']])).toEqual([
    ['lockSession', commandIdOf(known, 'lockSession')],
    ['logOffSession', commandIdOf(known, 'logOffSession')],
  ]);
  expect(sent[0]?.id).toBe(commandIdOf(known, 'lockSession'));
});

it('repeats its commands under the same ids when it runs again', async () => {
  await run({ commandId: 'c', status: 'succeeded' });
  await run({ commandId: 'c', status: 'succeeded' });
  expect(await commands()).toHaveLength(2);
});

describe('its start', () => {
  const client = (startNew: () => Promise<string>, getStatus: () => Promise<never>) => ({
    startNew: jest.fn(startNew),
    getStatus: jest.fn(getStatus),
  });
  const refused = () => Promise.reject(new Error('409'));
  const seen = () => Promise.resolve({} as never);

  it('is under the id of the command', async () => {
    const starting = client(() => Promise.resolve('id'), refused);
    await startDelayedOperation(starting, test.services, ref);
    const response = await responses().read(eventResponseType, EVENT);
    const instanceId = response && commandIdOf(response, 'logOffSession');
    expect(starting.startNew).toHaveBeenCalledWith('delayedSessionOperation', { instanceId, input: ref });
  });

  it('is no error when it runs already, and one when it cannot be reached', async () => {
    await startDelayedOperation(client(refused, seen), test.services, ref);
    await expect(startDelayedOperation(client(refused, refused), test.services, ref)).rejects.toThrow('409');
  });
});

describe('the result of a command', () => {
  const replyTo = { instanceId: 'i', eventName: 'commandResult' };
  const result = { commandId: 'c', status: 'succeeded' as const };
  const raising = (error?: Error) => ({
    raiseEvent: jest.fn(async () => (error ? Promise.reject(error) : undefined)),
  });

  it('is raised for the orchestration that waits, and dropped when that is gone', async () => {
    const client = raising();
    await takeCommandResult(test.services, { replyTo, ...result }, client, log);
    expect(client.raiseEvent).toHaveBeenCalledWith('i', 'commandResult', result);
    const gone = raising(new Error("No instance with ID 'i' found."));
    await takeCommandResult(test.services, { replyTo, ...result }, gone, log);
  });

  it('is brought again when the runtime cannot be reached', async () => {
    const away = raising(new Error('ECONNREFUSED'));
    await expect(takeCommandResult(test.services, { replyTo, ...result }, away, log)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });
});
