/** The event pipeline against a real database in memory, with processes that die wherever they can. */
import type { Middleware } from '../../../infra/local/cosmos/message';
import { MemoryBlobs, MemoryQueues, MemoryTopic } from '../../../tests/support/memory-storage';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { feedEntryType } from '../../../shared/feed/feed-entry';
import { derivedId, monthOfSession, newSessionId } from '../../../shared/ids';
import { MailNotSent, type MailMessage, sendSmtp } from '../../../shared/mail/smtp';
import type { Services } from '../../../shared/services';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { type Session, sessionType } from '../../recordings';
import { type Command, commandResultsQueue, commandType } from '../../servers/command';
import { expireCommands, finishCommand } from '../../servers/finish-command';
import { leaseCommands } from '../../servers/lease-commands';
import { siteCreation } from '../../sites';
import { siteSettingsType, siteSettings } from '../../sites/site-settings';
import type { SessionEvent } from '../engine/event';
import type { Action } from '../engine/event-types';
import { writePolicyBody } from '../policy-bodies';
import { publishBatch } from '../publish-batch';
import type { ActionRef } from './action-queue';
import { type EventResponse, eventResponseType } from './event-response';
import { respondToEvents } from './respond-to-events';
import { resumeResponses } from './resume-responses';
import { takeCommandResult } from './take-command-result';
import { samplePolicy, sampleSession } from './testing/samples';
import { giveUpAction, workOnAction } from './work-on-action';

jest.mock('../../../shared/mail/smtp', () => ({
  ...jest.requireActual<object>('../../../shared/mail/smtp'),
  sendSmtp: jest.fn(),
}));
// Pauses take no time here.
jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));
const smtp = jest.mocked(sendSmtp);
const log = lineLog(() => undefined);

const SITE = '019bc17a-0000-7000-8000-000000000001';
const SERVER = '019bc17a-0000-7000-8000-000000000002';
const ALL_ACTIONS: Action[] = ['startScreenRecording', 'sendEmail', 'lockSession'];

let test: TestServices;
let services: Services;
let queues: MemoryQueues;
let topic: MemoryTopic;
let mails: MailMessage[];
/** What may still be done before the process dies: every access to the world counts before and after it. */
let stepsLeft: number;
/** What the recording server says of a command that it was given; undefined: nothing. */
let serverAnswers: (command: Command) => { status: 'succeeded' | 'failed'; reason?: string } | undefined;

function step(): void {
  if (--stepsLeft < 0) throw new Error('the process is dead');
}

const dieOfSteps: Middleware = async (request, next) => {
  step();
  const response = await next(request);
  step();
  return response;
};

beforeAll(async () => {
  test = await startTestServices();
  queues = new MemoryQueues();
  topic = new MemoryTopic();
  queues.beforeSend = step;
  services = {
    ...test.services,
    blobs: new MemoryBlobs().asStore(),
    queues: queues.asQueues(),
    events: topic.asPublisher(),
  };
  stepsLeft = Infinity;
  const site = {
    id: SITE,
    name: 'Site',
    description: '',
    origin: 'created' as const,
    createdAt: '2030-01-01T00:00:00.000Z',
  };
  await services.database.control(CONTOSO).commit(siteCreation(site));
  await configureMail(true);
  test.plantFault(dieOfSteps);
});
afterAll(() => test.close());

beforeEach(() => {
  stepsLeft = Infinity;
  serverAnswers = () => ({ status: 'succeeded' });
  queues.sent.length = 0;
  topic.published.length = 0;
  mails = [];
  smtp.mockReset();
  smtp.mockImplementation(async (_account, message) => {
    step();
    mails.push(message);
    step();
    return { refused: [] };
  });
});

async function configureMail(isConfigured: boolean): Promise<void> {
  const smtpServer = { host: 'smtp.contoso.example' };
  const emailAlerts = { smtp: smtpServer, sender: { address: 'alerts@contoso.example' } };
  const settings = siteSettings.parse({ emailThreshold: 100, ...(isConfigured ? { emailAlerts } : {}) });
  await services.database.control(CONTOSO).upsert(siteSettingsType, { id: SITE, ...settings });
}

interface Given {
  actions?: Action[];
  record?: Session['decision']['record'];
  state?: Session['state'];
  delaySeconds?: number;
}

/** A session, and an event of it that a policy answers with these actions, published. */
async function publishEvent({
  actions = ALL_ACTIONS,
  record = 'eventsOnly',
  state = 'live',
  delaySeconds = 0,
}: Given = {}) {
  const now = test.clock.now();
  const owner = { customerId: CONTOSO, siteId: SITE, serverId: SERVER };
  const started = { id: newSessionId(now), startedAt: now.toISOString(), state };
  const session = sampleSession({ ...owner, ...started }, record);
  await services.database.recordings(CONTOSO, monthOfSession(session.id)).create(sessionType, session);
  const policyId = derivedId(...actions, String(delaySeconds));
  const policyVersion = { policyId, version: 1 };
  const policy = samplePolicy(actions, delaySeconds);
  await writePolicyBody(services, CONTOSO, SITE, policyVersion, policy);
  const event: SessionEvent = {
    id: derivedId('event', session.id),
    type: 'appStart',
    time: session.startedAt,
    data: { appName: 'regedit.exe' },
  };
  const other: SessionEvent = { ...event, id: derivedId('other', session.id), type: 'appEnd' };
  const batch = { ...owner, sessionId: session.id, batchId: session.id };
  const published = { ...batch, receivedAt: session.startedAt, policyVersion, events: [event, other] };
  expect(await publishBatch(services, published)).toEqual({ publishedEvents: 1 });
  return { session, event, published };
}

/** Delivers everything until nothing is left, as Event Grid, the queues and the clock would; counts the deaths. */
async function settle(
  startDelayed: (ref: ActionRef) => Promise<void> = async () => undefined,
): Promise<number> {
  let deaths = 0;
  const deliveries = [...topic.published];
  for (let round = 0; round < 60; round++) {
    for (const event of deliveries.splice(0)) {
      await respondToEvents(services, event, log).catch(() => deliveries.push(event));
    }
    for (const { queue, message } of queues.sent.splice(0)) {
      await workOnMessage(queue, message, startDelayed).catch(() => queues.sent.push({ queue, message }));
    }
    await actAsServer().catch(() => undefined);
    await expireCommands(services, log).catch(() => undefined);
    await resumeResponses(services, log).catch(() => undefined);
    if (stepsLeft < 0) {
      // A process is started in its place. What it held in the queue may be lost: the sweep knows.
      deaths++;
      stepsLeft = Infinity;
      queues.sent.length = 0;
    } else if (deliveries.length === 0 && queues.sent.length === 0 && !(await isAnythingDue())) return deaths;
    test.clock.advanceSeconds(100);
  }
  throw new Error('the pipeline does not come to rest');
}

function workOnMessage(
  queue: string,
  message: unknown,
  startDelayed: (ref: ActionRef) => Promise<void>,
): Promise<void> {
  if (queue === commandResultsQueue.name)
    return takeCommandResult(services, nobodyWaits, commandResultsQueue.message.parse(message));
  const ref = message as ActionRef;
  return queue.endsWith('-poison')
    ? giveUpAction(services, ref)
    : workOnAction(services, ref, startDelayed, log);
}

const nobodyWaits = { raiseEvent: () => Promise.reject(new Error('there are no orchestrations here')) };

/** Fetches commands as the recording server does, and answers them. */
async function actAsServer(): Promise<void> {
  for (const command of await leaseCommands(services, CONTOSO, SERVER)) {
    const answer = serverAnswers(command);
    const target = { customerId: CONTOSO, serverId: SERVER, commandId: command.id };
    if (answer) await finishCommand(services, { ...target, ...answer });
  }
}

async function isAnythingDue(): Promise<boolean> {
  stepsLeft = Infinity;
  const due = services.database.sweep('responses', 'SELECT c.id FROM c WHERE c.dueAt > @then', [
    { name: '@then', value: '2000' },
  ]);
  for await (const _ of due) return true;
  return false;
}

async function responseTo({
  session,
  event,
}: {
  session: Session;
  event: SessionEvent;
}): Promise<EventResponse> {
  const partition = services.database.responses(CONTOSO, SITE, monthOfSession(session.id));
  const response = await partition.read(eventResponseType, event.id);
  if (!response) throw new Error('there is no response');
  return response;
}

const commands = async (session: Session) => {
  const all = await services.database.presence(CONTOSO, SERVER).list(commandType, { limit: 1_000 });
  return all.filter(({ sessionId }) => sessionId === session.id);
};
const states = ({ actions }: EventResponse) =>
  actions.map(({ kind, state, reason }) => [kind, state, reason]);
const feed = async (eventId: string) => {
  const entries = await services.database.control(CONTOSO).list(feedEntryType, { limit: 1_000 });
  return entries.filter(({ details }) => details?.['eventId'] === eventId).map(({ message }) => message);
};

describe('an event that a rule answers', () => {
  it('has all actions of the rule carried out, each once, however often it is delivered', async () => {
    const given = await publishEvent();
    await publishBatch(services, given.published);
    expect(topic.published[1]).toEqual(topic.published[0]);
    await settle();
    const response = await responseTo(given);
    expect(response).toMatchObject({ ruleId: 'rule', policyVersion: 1 });
    expect(response.dueAt).toBeUndefined();
    expect(states(response)).toEqual([
      ['startScreenRecording', 'done', undefined],
      ['sendEmail', 'done', undefined],
      ['lockSession', 'done', undefined],
    ]);
    const [start, lock] = (await commands(given.session)).sort((a, b) => (a.kind < b.kind ? 1 : -1));
    expect(start).toMatchObject({
      kind: 'startScreenRecording',
      parameters: { minutesAfter: 5, secondsBefore: 10, lossy: true },
    });
    expect(lock).toMatchObject({ kind: 'lockSession', status: 'succeeded' });
    expect(mails).toMatchObject([
      { to: ['soc@contoso.example'], messageId: expect.stringMatching(/@recording\.test$/) as string },
    ]);
    expect(mails[0]?.text).toContain(`https://recording.test/player/${given.session.id}-0001`);
  });

  it('has its mail in a queue of its own, so that no mail server holds up what is done to sessions', async () => {
    await publishEvent();
    await respondToEvents(services, topic.published[0], log);
    const queueOf = queues.sent.map(({ queue, message }) => [(message as ActionRef).action, queue]);
    expect(Object.fromEntries(queueOf)).toEqual({
      startScreenRecording: 'response-actions',
      sendEmail: 'alert-mails',
      lockSession: 'response-actions',
    });
    await settle();
  });

  it('is answered to its end wherever a process dies, and nothing is done twice but a mail in mid-air', async () => {
    let died = 0;
    for (let steps = 1, survived = false; !survived; steps++) {
      const given = await publishEvent();
      mails = [];
      stepsLeft = steps;
      const deaths = await settle();
      survived = deaths === 0;
      died += deaths;
      expect(states(await responseTo(given)).map(([, state]) => state)).toEqual(['done', 'done', 'done']);
      expect((await commands(given.session)).map(({ kind }) => kind).sort()).toEqual([
        'lockSession',
        'startScreenRecording',
      ]);
      expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
      expect(mails.length).toBeLessThanOrEqual(2);
      topic.published.length = 0;
    }
    expect(died).toBeGreaterThan(30);
  }, 120_000);

  it('is answered at once when only the answer to a claim is lost', async () => {
    let losses = 0;
    test.plantFault(async (request, next) => {
      const answer = await next(request);
      if (losses > 0 || request.method !== 'PUT' || !request.body.includes('"state":"claimed"'))
        return answer;
      losses += 1;
      throw new Error('the connection is lost');
    });
    try {
      const given = await publishEvent({ actions: ['lockSession'] });
      await settle();
      expect(losses).toBe(1);
      expect((await responseTo(given)).actions).toMatchObject([{ state: 'done', attempts: 1 }]);
      expect(await commands(given.session)).toHaveLength(1);
    } finally {
      test.plantFault(dieOfSteps);
    }
  });

  it('keeps its first answer when the policy has changed before the next delivery', async () => {
    const given = await publishEvent({ actions: ['lockSession'] });
    await settle();
    const [first] = topic.published;
    const data = { ...first?.data, policyId: derivedId(...ALL_ACTIONS, '0') };
    await respondToEvents(services, { ...first, data }, log);
    await settle();
    expect(states(await responseTo(given))).toEqual([['lockSession', 'done', undefined]]);
  });

  it('waits for its session to be seen, and for nothing when its policy is gone', async () => {
    await publishEvent();
    const [published] = topic.published;
    const missing = { ...published?.data, sessionId: newSessionId(new Date('2029-12-01T00:00:00.000Z')) };
    await expect(respondToEvents(services, { ...published, data: missing }, log)).rejects.toThrow(
      'cannot be seen',
    );
    const gone = { ...published?.data, policyVersion: 7 };
    await respondToEvents(services, { ...published, data: gone }, log);
    expect(queues.sent).toEqual([]);
  });
});

describe('a command to the recording server', () => {
  const lockOf = async (given: Awaited<ReturnType<typeof publishEvent>>) =>
    (await responseTo(given)).actions[0];
  /** Up to where the command waits for the server. */
  const send = async () => {
    const given = await publishEvent({ actions: ['lockSession'] });
    await respondToEvents(services, topic.published[0], log);
    const [lock] = queues.sent.splice(0);
    await workOnMessage('response-actions', lock?.message, async () => undefined);
    return { given, ref: lock?.message as ActionRef };
  };

  it('is sent, not done, until the server says that it has carried it out', async () => {
    const { given } = await send();
    const [command] = await commands(given.session);
    expect(await lockOf(given)).toMatchObject({ state: 'sent', attempts: 1, commandId: command?.id });
    expect((await lockOf(given))?.finishedAt).toBeUndefined();
    await settle();
    expect(await lockOf(given)).toMatchObject({ state: 'done', commandId: command?.id });
  });

  it('has failed when the server says so, and the feed tells why', async () => {
    serverAnswers = () => ({ status: 'failed', reason: 'no such terminal session' });
    const given = await publishEvent({ actions: ['lockSession'] });
    await settle();
    expect(states(await responseTo(given))).toEqual([['lockSession', 'failed', 'no such terminal session']]);
    expect((await feed(given.event.id))[0]).toContain('no such terminal session');
  });

  it('has failed when the server does not fetch it in time, and the reason says what to look at', async () => {
    const { given } = await send();
    test.clock.advanceSeconds(301);
    await settle();
    const reason = 'the recording server did not fetch it in time: see whether the server is online';
    expect(await lockOf(given)).toMatchObject({ state: 'failed', reason });
    expect(await feed(given.event.id)).toHaveLength(1);
  });

  it.each([
    ['carried out', () => ({ status: 'succeeded' as const }), { state: 'done' }],
    [
      'not answered',
      () => undefined,
      { state: 'failed', reason: expect.stringContaining('did not answer') as string },
    ],
  ])('that was %s is looked up when its result is lost', async (_what, answer, end) => {
    serverAnswers = answer;
    const { given, ref } = await send();
    await actAsServer();
    queues.sent.length = 0;
    await workOnMessage('response-actions', ref, async () => undefined);
    expect(await lockOf(given)).toMatchObject({ state: 'sent' });
    test.clock.advanceSeconds(481);
    await workOnMessage('response-actions', ref, async () => undefined);
    expect(await lockOf(given)).toMatchObject(end);
    expect(await commands(given.session)).toHaveLength(1);
    await settle();
  });
});

describe('a recording of the screen', () => {
  it.each([
    [{ record: 'full' }, 'its screen is recorded already'],
    [{ record: 'none' }, 'the session is not recorded'],
    [{ state: 'ended' }, 'the session has ended'],
  ] as const)('is not started for %j', async (given, reason) => {
    const published = await publishEvent({ actions: ['startScreenRecording'], ...given });
    await settle();
    expect(states(await responseTo(published))).toEqual([['startScreenRecording', 'skipped', reason]]);
    expect(await commands(published.session)).toEqual([]);
  });
});

describe('a mail', () => {
  const failing = (permanent: boolean) =>
    smtp.mockImplementation(async () => {
      throw new MailNotSent('the server says no', permanent);
    });

  it('that the server may take later is tried five times, then ends in the poison queue and the feed', async () => {
    failing(false);
    const given = await publishEvent({ actions: ['sendEmail'] });
    await settle();
    expect(smtp).toHaveBeenCalledTimes(5);
    expect(states(await responseTo(given))).toEqual([['sendEmail', 'failed', 'the server says no']]);
    expect(await feed(given.event.id)).toHaveLength(1);
  });

  it('that the server refuses for good is tried once, and the feed says so', async () => {
    failing(true);
    const given = await publishEvent({ actions: ['sendEmail'] });
    await settle();
    expect(smtp).toHaveBeenCalledTimes(1);
    expect(states(await responseTo(given))).toEqual([['sendEmail', 'failed', 'the server says no']]);
    expect((await feed(given.event.id))[0]).toContain('the server says no');
  });

  it.each(['before', 'after'])(
    'is not sent again when the database fails %s it records that it was sent',
    async (when) => {
      let failures = 0;
      test.plantFault(async (request, next) => {
        if (failures === 3 || !request.body.includes('"state":"done"')) return next(request);
        failures += 1;
        if (when === 'after') await next(request);
        throw new Error('the connection is lost');
      });
      try {
        const given = await publishEvent({ actions: ['sendEmail'] });
        await settle();
        expect(states(await responseTo(given))).toEqual([['sendEmail', 'done', undefined]]);
        expect(mails).toHaveLength(1);
        expect(failures).toBe(when === 'before' ? 3 : 1);
      } finally {
        test.plantFault(dieOfSteps);
      }
    },
  );

  it('is skipped where no mail is configured, and the feed says so', async () => {
    await configureMail(false);
    const given = await publishEvent({ actions: ['sendEmail'] });
    await settle();
    await configureMail(true);
    expect(states(await responseTo(given))).toEqual([['sendEmail', 'skipped', 'mail not configured']]);
    expect(await feed(given.event.id)).toHaveLength(1);
  });

  it('is sent for a session that has ended', async () => {
    const given = await publishEvent({ actions: ['sendEmail', 'logOffSession'], state: 'ended' });
    await settle();
    expect(states(await responseTo(given))).toEqual([
      ['sendEmail', 'done', undefined],
      ['logOffSession', 'skipped', 'the session has ended'],
    ]);
  });
});

it('hands an operation with a notice to an orchestration, and to another one when that is lost', async () => {
  const given = await publishEvent({ actions: ['logOffSession'], delaySeconds: 60 });
  const started: ActionRef[] = [];
  const [published] = topic.published;
  await respondToEvents(services, published, log);
  const ref = queues.sent.splice(0)[0]?.message as ActionRef;
  const start = async (named: ActionRef) => void started.push(named);
  await workOnAction(services, ref, start, log);
  await workOnAction(services, ref, start, log);
  expect(started).toEqual([ref]);
  expect(states(await responseTo(given))).toEqual([['logOffSession', 'claimed', undefined]]);
  test.clock.advanceSeconds(3_600);
  await workOnAction(services, ref, start, log);
  expect(started).toEqual([ref, ref]);
});
