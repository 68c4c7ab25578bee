/** What requests cost in calls of the database does not grow with months, buckets or the log. */
import { MailNotSent, sendSmtp } from '../../shared/mail/smtp';
import type { Middleware } from '../../infra/local/cosmos/message';
import { recordingOperations } from '../../functions/recordings';
import { respondToEvents } from '../../functions/responses/respond-to-events';
import { call } from '../support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../support/recording-server';
import { CONTOSO } from '../support/test-issuer';
import { createSample } from '../support/sample-capability';
import type { ActionRef } from '../../functions/responses/action-queue';
import { log, ResponsePipeline } from '../support/response-pipeline';
import { newId } from '../../shared/ids';
import { openMonths } from './open-months';

jest.mock('../../shared/mail/smtp', () => ({
  ...jest.requireActual<object>('../../shared/mail/smtp'),
  sendSmtp: jest.fn(),
}));

/** As it was when a month was one partition and failures were written to the feed one by one. */
const CALLS_OF_SERVERS = {
  startSession: 6,
  startSessionAgain: 7,
  sendEvents: 3,
  beginRecording: 3,
  rollOverSession: 3,
  endSession: 4,
};
const CALLS_OF_RESPONSES = {
  respond: 2,
  startScreenRecording: 6,
  sendEmail: 8,
  lockSession: 6,
  failedMail: 9,
};

function expectNoMore(calls: Record<string, number>, allowed: Record<string, number>) {
  const excess = Object.entries(allowed).filter(([name, count]) => (calls[name] ?? Infinity) > count);
  expect({ excess, calls }).toMatchObject({ excess: [] });
}

/** Counts the calls of the database that `work` makes. */
async function callsOf(
  test: { injectFault(fault: Middleware | undefined): void },
  work: () => Promise<unknown>,
) {
  let calls = 0;
  test.injectFault((request, next) => {
    calls += 1;
    return next(request);
  });
  await work();
  test.injectFault(undefined);
  return calls;
}

describe.each([1, 16] as const)('in a month of %d buckets', (buckets) => {
  let test: RecordingServerTest;
  beforeAll(async () => {
    test = await startRecordingServerTest();
  });
  afterAll(() => test.close());

  it('what recording servers ask for costs no more calls than ever', async () => {
    await openMonths(test.services, test.customerId, { '2030-01': buckets });
    const serverId = await test.register();
    const params = { sessionId: await test.startSession(serverId) };
    const event = () => ({
      id: newId(),
      type: 'appStart',
      time: test.time(),
      data: { appName: 'regedit.exe', commandLine: 'regedit /s' },
    });
    const send =
      (id: string, body: object, more: object = params) =>
      () =>
        test.send(id, { params: { ...more }, body });
    const events = () => ({ sessionId: params.sessionId, batchId: newId(), events: [event()] });
    await send('sendEvents', events())();
    const calls = {
      startSession: await callsOf(test, () => test.startSession(serverId, { sessionKey: 'logon 2' })),
      startSessionAgain: await callsOf(test, () => test.startSession(serverId, { sessionKey: 'logon 2' })),
      sendEvents: await callsOf(test, send('sendEvents', events())),
      beginRecording: await callsOf(
        test,
        send('beginRecording', { ...params, part: 1, container: 'mp4', startedAt: test.time() }, {}),
      ),
      rollOverSession: await callsOf(test, send('rollOverSession', { part: 2 })),
      endSession: await callsOf(test, send('endSession', { endedAt: test.time() })),
    };
    expectNoMore(calls, CALLS_OF_SERVERS);
  });

  it('a page of recordings costs one call and one query for each bucket', async () => {
    const [list] = recordingOperations;
    if (!list) throw new Error('there is no list');
    const token = await test.issuer.token();
    const page = () => call(test.services, list, { token });
    await page();
    // The SDK asks for the plan of each query beside it.
    expect(await callsOf(test, page)).toBe(1 + 2 * buckets);
  });

  it('a refused request costs one call', async () => {
    const token = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    const refused = () => call(test.services, createSample, { token, body: { name: 'x' } });
    await refused();
    expect(await callsOf(test, refused)).toBe(1);
  });

  it('what is done about an event costs no more calls than ever', async () => {
    const smtp = jest.mocked(sendSmtp);
    const pipeline = await ResponsePipeline.start();
    pipeline.resetWith(smtp);
    await openMonths(pipeline.services, CONTOSO, { '2030-01': buckets });
    const respond = async () => {
      await pipeline.publishEvent();
      const [event] = pipeline.topic.published.splice(0);
      return callsOf(pipeline, () => respondToEvents(pipeline.services, event, log));
    };
    const act = async () => {
      const calls: Record<string, number> = {};
      for (const { queue, message } of pipeline.queues.sent.splice(0)) {
        const { action } = message as ActionRef;
        calls[action] = await callsOf(pipeline, () => pipeline.workOnMessage(queue, message));
      }
      return calls;
    };
    await respond();
    await act();
    const calls: Record<string, number> = { respond: await respond(), ...(await act()) };
    smtp.mockImplementation(async () => {
      throw new MailNotSent('the server says no', true);
    });
    await respond();
    await act();
    await respond();
    calls['failedMail'] = (await act())['sendEmail'] ?? 0;
    await pipeline.close();
    expectNoMore(calls, CALLS_OF_RESPONSES);
  });
});
