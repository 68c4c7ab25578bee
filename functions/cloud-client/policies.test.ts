/** What policies mean to a recording server: the decision at the start, and the version that answers a batch. */
import { call } from '../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import { newId } from '../../shared/ids';
import { policyOperations } from '../policies';
import { findServer } from '../servers';

let test: RecordingServerTest;
let serverId: string;
let siteId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register();
  siteId = (await findServer(test.services, CONTOSO, serverId))?.siteId ?? '';
});

afterEach(() => test.close());

const administer = async (id: string, params: Record<string, string>, body?: unknown) => {
  const found = policyOperations.find((operation) => operation.id === id);
  if (!found) throw new Error(`there is no operation ${id}`);
  const token = await test.issuer.token();
  const answer = await call(test.services, found, { token, params: { siteId, ...params }, body });
  if (answer.status >= 300) throw new Error(`${id} answered ${answer.text}`);
  return answer;
};

/** Activates a new response policy that mails about this type of event; what instances remember is too old then. */
const respondTo = async (eventType: string) => {
  const triggers = [{ eventType, actions: ['sendEmail'] }];
  const rules = [
    {
      name: 'Tell security',
      scope: { applications: ['Ledger'] },
      triggers,
      recipients: 'security@contoso.example',
    },
  ];
  const { body } = await administer('createEventResponsePolicy', {}, { name: `On ${eventType}`, rules });
  const policyId = String(body['id']);
  await administer('activateEventResponsePolicy', { policyId });
  test.clock.advanceSeconds(10);
  return policyId;
};

const sendBatch = (sessionId: string, batchId: string) =>
  test.send('sendEvents', {
    body: {
      batchId,
      sessionId,
      events: [
        { id: newId(), type: 'appStart', time: test.time(), data: { appName: 'regedit.exe' } },
        { id: newId(), type: 'appEnd', time: test.time(), data: { appName: 'regedit.exe' } },
      ],
    },
  });
const publishedPolicies = () =>
  test.topic.published.map(({ data }) => (data as { policyId: string }).policyId);

describe('the decision about a session', () => {
  it('is that of the active recording policy when the session starts', async () => {
    const policyId = 'record-excluding-audio-with-notification';
    await administer('activateRecordingPolicy', { policyId });
    test.clock.advanceSeconds(10);
    const { body } = await test.send('startSession', {
      body: {
        serverId,
        sessionKey: 'a',
        startedAt: test.time(),
        facts: { user: { name: 'a', groups: [] }, tags: [] },
      },
    });
    expect(body['decision']).toMatchObject({ policyId, record: 'full', notify: true });
    const configuration = await test.send('getServerConfiguration', { params: { serverId } });
    expect(configuration.body).toMatchObject({ policies: { recording: { policyId } } });
  });

  it('POL-4: changes at a roll-over when the policies have changed', async () => {
    await administer('activateRecordingPolicy', { policyId: 'record-excluding-audio-without-notification' });
    test.clock.advanceSeconds(10);
    const sessionId = await test.startSession(serverId);
    const rollOver = (part: number) =>
      test.send('rollOverSession', { params: { sessionId }, body: { part } });
    await administer('activateRecordingPolicy', { policyId: 'record-excluding-audio-with-notification' });
    test.clock.advanceSeconds(10);
    const first = await rollOver(2);
    expect(first.body).toMatchObject({ outcome: 'continues', showNotification: true });
    await administer('activateRecordingPolicy', { policyId: 'do-not-record' });
    test.clock.advanceSeconds(10);
    expect((await rollOver(2)).text).toBe(first.text);
    expect((await rollOver(3)).body).toMatchObject({ outcome: 'stops', decision: { record: 'none' } });
  });
});

describe('a batch of events', () => {
  it('RSP-6: is published under the policy version of its first receipt, also when it comes again', async () => {
    const first = await respondTo('appStart');
    const sessionId = await test.startSession(serverId);
    const batchId = newId();
    const answer = await sendBatch(sessionId, batchId);
    expect(answer.body).toMatchObject({ receivedEvents: 2, publishedEvents: 1, pollCommandsSeconds: 60 });
    const second = await respondTo('appEnd');
    const again = await sendBatch(sessionId, batchId);
    expect(again.text).toBe(answer.text);
    expect(publishedPolicies()).toEqual([first, first]);
    expect(test.topic.published[0]).toEqual(test.topic.published[1]);
    await sendBatch(sessionId, newId());
    expect(publishedPolicies()).toEqual([first, first, second]);
  });

  it('that was kept but not published is published when it comes again', async () => {
    const policy = await respondTo('appStart');
    const sessionId = await test.startSession(serverId);
    const batchId = newId();
    test.topic.beforePublish = () => {
      throw Object.assign(new Error('the topic is away'), { statusCode: 503 });
    };
    expect((await sendBatch(sessionId, batchId)).status).toBe(503);
    test.topic.beforePublish = () => undefined;
    expect((await sendBatch(sessionId, batchId)).status).toBe(202);
    expect(publishedPolicies()).toEqual([policy]);
  });

  it('has the same events however their ids are written', async () => {
    await respondTo('appStart');
    const sessionId = await test.startSession(serverId);
    const id = newId();
    for (const written of [id.toUpperCase(), id]) {
      const events = [{ id: written, type: 'appStart', time: test.time(), data: {} }];
      await test.send('sendEvents', { body: { sessionId, batchId: newId(), events } });
    }
    const ids = test.topic.published.flatMap(({ data }) => (data as { events: { id: string }[] }).events);
    expect(ids.map((event) => event.id)).toEqual([id, id]);
  });

  it("has its times corrected by the skew of the server's clock", async () => {
    await respondTo('appStart');
    // Ten minutes slow, as two measurements in a row say.
    for (let n = 0; n < 2; n++) await test.register({ clientTime: test.time(-600) });
    const sessionId = await test.startSession(serverId);
    const sent = [{ id: newId(), type: 'appStart', time: test.time(-700), data: {} }];
    await test.send('sendEvents', { body: { sessionId, batchId: newId(), events: sent } });
    const [published] = test.topic.published;
    const { events } = published?.data as { events: { time: string }[] };
    expect(events.map(({ time }) => time)).toEqual([test.time(-100)]);
  });
});

describe('the start of a session', () => {
  it('is an event that policies respond to, the same one however often it is sent', async () => {
    await respondTo('sessionStart');
    const sessionId = await test.startSession(serverId);
    expect(await test.startSession(serverId)).toBe(sessionId);
    const [first, again] = test.topic.published;
    expect(first).toEqual(again);
    expect(first?.data).toMatchObject({ sessionId, events: [{ type: 'sessionStart', time: test.time() }] });
  });
});
