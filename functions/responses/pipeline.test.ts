/** The event pipeline with processes that die wherever they can, and with recording servers that answer or do not. */
import { derivedId, newSessionId } from '../../shared/ids';
import { type MailMessage, sendSmtp } from '../../shared/mail/smtp';
import { publishBatch } from '../sessions/publish-batch';
import type { ActionRef } from './action-queue';
import { respondToEvents } from './respond-to-events';
import {
  ALL_ACTIONS,
  log,
  type Published,
  ResponsePipeline,
  statesOf,
} from '../../tests/support/response-pipeline';
import { workOnAction } from './work-on-action';

jest.mock('../../shared/mail/smtp', () => ({
  ...jest.requireActual<object>('../../shared/mail/smtp'),
  sendSmtp: jest.fn(),
}));
// Pauses take no time here.
jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));
const smtp = jest.mocked(sendSmtp);

let pipeline: ResponsePipeline;
let mails: MailMessage[];

beforeAll(async () => {
  pipeline = await ResponsePipeline.start();
});
afterAll(() => pipeline.close());

beforeEach(() => {
  mails = pipeline.resetWith(smtp);
});

describe('an event that a rule answers', () => {
  it('RSP-6: has all actions of the rule carried out, each once, however often it is delivered', async () => {
    const given = await pipeline.publishEvent();
    await publishBatch(pipeline.services, given.batch);
    expect(pipeline.topic.published[1]).toEqual(pipeline.topic.published[0]);
    await pipeline.settle();
    const response = await pipeline.responseTo(given);
    expect(response).toMatchObject({ ruleId: 'rule', policyVersion: 1 });
    expect(response.dueAt).toBeUndefined();
    expect(statesOf(response)).toEqual([
      ['startScreenRecording', 'done', undefined],
      ['sendEmail', 'done', undefined],
      ['lockSession', 'done', undefined],
    ]);
    const [start, lock] = (await pipeline.commands(given)).sort((a, b) => (a.kind < b.kind ? 1 : -1));
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

  it('RSP-10: is linked to in the part of the recording that it lies in', async () => {
    const given = await pipeline.publishEvent({ actions: ['sendEmail'], part: 3 });
    await pipeline.settle();
    expect(mails[0]?.text).toContain(`https://recording.test/player/${given.session.id}-0003`);
  });

  it('has its mail in a queue of its own, so that no mail server holds up what is done to sessions', async () => {
    await pipeline.publishEvent();
    await respondToEvents(pipeline.services, pipeline.topic.published[0], log);
    const queueOf = pipeline.queues.sent.map(({ queue, message }) => [(message as ActionRef).action, queue]);
    expect(Object.fromEntries(queueOf)).toEqual({
      startScreenRecording: 'response-actions',
      sendEmail: 'alert-mails',
      lockSession: 'response-actions',
    });
    await pipeline.settle();
  });

  it('RSP-6: is answered to its end wherever a process dies, and nothing is done twice but a mail in mid-air', async () => {
    let died = 0;
    for (let steps = 1, survived = false; !survived; steps++) {
      const given = await pipeline.publishEvent();
      mails.length = 0;
      pipeline.stepsLeft = steps;
      const deaths = await pipeline.settle();
      survived = deaths === 0;
      died += deaths;
      expect(statesOf(await pipeline.responseTo(given)).map(([, state]) => state)).toEqual([
        'done',
        'done',
        'done',
      ]);
      expect((await pipeline.commands(given)).map(({ kind }) => kind).sort()).toEqual([
        'lockSession',
        'startScreenRecording',
      ]);
      expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
      expect(mails.length).toBeLessThanOrEqual(2);
      pipeline.topic.published.length = 0;
    }
    expect(died).toBeGreaterThan(30);
  }, 120_000);

  it('is answered at once when only the answer to a claim is lost', async () => {
    let losses = 0;
    pipeline.injectFault(async (request, next) => {
      const answer = await next(request);
      if (losses > 0 || request.method !== 'PUT' || !request.body.includes('"state":"claimed"'))
        return answer;
      losses += 1;
      throw new Error('the connection is lost');
    });
    try {
      const given = await pipeline.publishEvent({ actions: ['lockSession'] });
      await pipeline.settle();
      expect(losses).toBe(1);
      expect((await pipeline.responseTo(given)).actions).toMatchObject([{ state: 'done', attempts: 1 }]);
      expect(await pipeline.commands(given)).toHaveLength(1);
    } finally {
      pipeline.reset();
    }
  });

  it('keeps its first answer when the policy has changed before the next delivery', async () => {
    const given = await pipeline.publishEvent({ actions: ['lockSession'] });
    await pipeline.settle();
    const [first] = pipeline.topic.published;
    const data = { ...first?.data, policyId: derivedId(...ALL_ACTIONS, '0') };
    await respondToEvents(pipeline.services, { ...first, data }, log);
    await pipeline.settle();
    expect(statesOf(await pipeline.responseTo(given))).toEqual([['lockSession', 'done', undefined]]);
  });

  it('waits for its session to be seen, and for nothing when its policy is gone', async () => {
    await pipeline.publishEvent();
    const [published] = pipeline.topic.published;
    const missing = { ...published?.data, sessionId: newSessionId(new Date('2029-12-01T00:00:00.000Z')) };
    await expect(respondToEvents(pipeline.services, { ...published, data: missing }, log)).rejects.toThrow(
      'cannot be seen',
    );
    const gone = { ...published?.data, policyVersion: 7 };
    await respondToEvents(pipeline.services, { ...published, data: gone }, log);
    expect(pipeline.queues.sent).toEqual([]);
  });
});

describe('a command to the recording server', () => {
  const lockOf = async (given: Published) => (await pipeline.responseTo(given)).actions[0];
  /** Up to where the command waits for the server. */
  const send = async (more: { serverVersion?: string } = {}) => {
    const given = await pipeline.publishEvent({ actions: ['lockSession'], ...more });
    await respondToEvents(pipeline.services, pipeline.topic.published[0], log);
    const [lock] = pipeline.queues.sent.splice(0);
    await pipeline.workOnMessage('response-actions', lock?.message);
    return { given, ref: lock?.message as ActionRef };
  };

  it('is sent, not done, until the server says that it has carried it out', async () => {
    const { given } = await send();
    const [command] = await pipeline.commands(given);
    expect(await lockOf(given)).toMatchObject({ state: 'sent', attempts: 1, commandId: command?.id });
    expect(await lockOf(given)).not.toHaveProperty('finishedAt');
    await pipeline.settle();
    expect(await lockOf(given)).toMatchObject({ state: 'done', commandId: command?.id });
  });

  it.each([
    ['22.5.9.9', 'skipped'],
    ['22.06.0.0', 'sent'],
  ])('SRV-6: to lock a session is for a server of version %s %s', async (serverVersion, state) => {
    const { given } = await send({ serverVersion });
    expect(await lockOf(given)).toMatchObject({
      state,
      ...(state === 'skipped'
        ? { reasonCode: 'serverTooOld', reason: expect.stringMatching(/2206.*22\.5\.9\.9/) as string }
        : {}),
    });
    expect(await pipeline.commands(given)).toHaveLength(state === 'skipped' ? 0 : 1);
  });

  it('has failed when the server says so, and the feed tells why', async () => {
    pipeline.serverAnswers = () => ({ status: 'failed', reason: 'no such terminal session' });
    const given = await pipeline.publishEvent({ actions: ['lockSession'] });
    await pipeline.settle();
    expect(statesOf(await pipeline.responseTo(given))).toEqual([
      ['lockSession', 'failed', 'no such terminal session'],
    ]);
    expect((await pipeline.feed(given))[0]).toContain('no such terminal session');
    expect(pipeline.failuresLogged(given)).toMatchObject([
      { action: 'lockSession', siteId: given.session.siteId, reasonCode: 'serverFailed' },
    ]);
  });

  it('has failed when the server does not fetch it in time, and the reason says what to look at', async () => {
    const { given } = await send();
    pipeline.advanceSeconds(301);
    await pipeline.settle();
    const reason = 'the recording server did not fetch it in time: see whether the server is online';
    expect(await lockOf(given)).toMatchObject({ state: 'failed', reason });
    expect(await pipeline.feed(given)).toHaveLength(1);
    expect(pipeline.failuresLogged(given)).toMatchObject([{ reasonCode: 'serverSilent' }]);
  });

  it.each([
    ['carried out', () => ({ status: 'succeeded' as const }), { state: 'done' }],
    [
      'not answered',
      () => undefined,
      { state: 'failed', reason: expect.stringContaining('did not answer') as string },
    ],
  ])('that was %s is looked up when its result is lost', async (_what, answer, end) => {
    pipeline.serverAnswers = answer;
    const { given, ref } = await send();
    await pipeline.actAsServer();
    pipeline.queues.sent.length = 0;
    await pipeline.workOnMessage('response-actions', ref);
    expect(await lockOf(given)).toMatchObject({ state: 'sent' });
    pipeline.advanceSeconds(481);
    await pipeline.workOnMessage('response-actions', ref);
    expect(await lockOf(given)).toMatchObject(end);
    expect(await pipeline.commands(given)).toHaveLength(1);
    await pipeline.settle();
    const logged = end.state === 'failed' ? [{ action: 'lockSession', reasonCode: 'serverSilent' }] : [];
    expect(pipeline.failuresLogged(given)).toMatchObject(logged);
    expect(await pipeline.feed(given)).toHaveLength(logged.length);
  });
});

describe('a recording of the screen', () => {
  it.each([
    [{ record: 'full' }, 'its screen is recorded already'],
    [{ record: 'none' }, 'the session is not recorded'],
    [{ state: 'ended' }, 'the session has ended'],
  ] as const)('RSP-4: is not started for %j', async (given, reason) => {
    const published = await pipeline.publishEvent({ actions: ['startScreenRecording'], ...given });
    await pipeline.settle();
    expect(statesOf(await pipeline.responseTo(published))).toEqual([
      ['startScreenRecording', 'skipped', reason],
    ]);
    expect(await pipeline.commands(published)).toEqual([]);
  });
});

it('hands an operation with a notice to an orchestration, and to another one when that is lost', async () => {
  const given = await pipeline.publishEvent({ actions: ['logOffSession'], delaySeconds: 60 });
  const started: ActionRef[] = [];
  const [published] = pipeline.topic.published;
  await respondToEvents(pipeline.services, published, log);
  const ref = pipeline.queues.sent.splice(0)[0]?.message as ActionRef;
  const start = async (named: ActionRef) => void started.push(named);
  await workOnAction(pipeline.services, ref, start, log);
  await workOnAction(pipeline.services, ref, start, log);
  expect(started).toEqual([ref]);
  expect(statesOf(await pipeline.responseTo(given))).toEqual([['logOffSession', 'claimed', undefined]]);
  pipeline.advanceSeconds(3_600);
  await workOnAction(pipeline.services, ref, start, log);
  expect(started).toEqual([ref, ref]);
});
