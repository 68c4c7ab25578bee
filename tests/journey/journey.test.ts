/** The main journey against the running service, as its callers see it. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { derivedId } from '../../shared/ids';
import { readEventLog } from '../../scripts/cloud-client/event-log/read-event-log';
import { typesByRarity } from '../../scripts/demo/policies-from-log';
import { type Result, readResult } from '../../scripts/soak/journey/outcome';
import { type Journey, type ListedResponse, playJourney } from '../../scripts/soak/journey/play-journey';
import { factsOf } from '../../scripts/soak/journey/scenario';
import { eventually, startService, type TestService } from '../support/service';

const folder = mkdtempSync(path.join(tmpdir(), 'journey-'));
let service: TestService;
let journey: Journey;
let result: Result;

beforeAll(async () => {
  service = await startService();
  journey = await playJourney({
    stack: service.stack,
    customer: 'journey',
    folder,
    // Long enough for the notice to be fetched on a busy machine: later it expires.
    operationDelaySeconds: 4,
  });
  result = await readResult(journey, service.stack.env);
}, 120_000);

afterAll(async () => {
  await journey?.client.stop();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('both sessions are recorded events only, with the types that the detection policy names', () => {
  expect(result.outcome.decisions).toMatchObject([
    { key: 'disconnected', decision: { record: 'eventsOnly', notify: false } },
    { key: 'locked', decision: { record: 'eventsOnly', notify: false } },
  ]);
  for (const { decision } of result.outcome.decisions as { decision: { eventTypes: string[] } }[])
    expect(decision.eventTypes.toSorted()).toEqual(['appStart', 'genericUsb', 'rdpConnection']);
});

test('each event that a rule answers has one response with all of its actions done', () => {
  expect(result.outcome.responses).toMatchObject([
    {
      eventType: 'appStart',
      ruleName: 'Shells',
      triggers: [{ position: 0, description: 'A shell was started' }],
      actions: [
        { kind: 'startScreenRecording', state: 'done' },
        { kind: 'sendEmail', state: 'done' },
      ],
    },
    { eventType: 'genericUsb', ruleName: 'Devices', actions: [{ kind: 'disconnectSession', state: 'done' }] },
    {
      eventType: 'rdpConnection',
      ruleName: 'Hops',
      actions: [
        { kind: 'sendEmail', state: 'done' },
        { kind: 'lockSession', state: 'done' },
      ],
    },
  ]);
});

test('the server carries out each command once', () => {
  expect(result.outcome.operations).toEqual([
    { kind: 'disconnectSession', session: 'disconnected', parameters: {} },
    { kind: 'lockSession', session: 'locked', parameters: {} },
    {
      kind: 'startScreenRecording',
      session: 'locked',
      parameters: { minutesAfter: 5, secondsBefore: 20, lossy: true },
    },
  ]);
  expect(journey.client.executed.map(({ status }) => status)).toEqual(Array(4).fill('succeeded'));
});

test('the user is notified before the session is locked', () => {
  const ofHop = journey.executed.filter(({ kind }) => kind === 'notifyUser' || kind === 'lockSession');
  expect(ofHop).toMatchObject([
    {
      kind: 'notifyUser',
      parameters: { message: 'Your session will be locked in 4 seconds.', seconds: 4 },
    },
    { kind: 'lockSession' },
  ]);
});

test('alert mails arrive through SMTP, one each', async () => {
  const mails = (await service.outbox()).filter(({ to }) => to.includes(journey.recipient));
  expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
    'Session Recording alert: App start | User name: alice | Machine: VDA01',
    'Session Recording alert: RDP connection | User name: alice | Machine: VDA01',
  ]);
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
  for (const mail of mails) expect(mail.via).toBe('smtp');
  const shell = mails.find(({ subject }) => subject.includes('App start'));
  const recording = `${service.url}/player/${journey.client.sessions.get('locked')?.sessionId}-0001`;
  expect(shell?.text).toContain('A shell was started');
  expect(shell?.text).toContain('Domain name: CONTOSO');
  expect(shell?.text).toContain(recording);
  expect(shell?.html).toContain(`href="${recording}"`);
});

test('the recordings are listed as complete, with user, machine, length and size', () => {
  const screen = statSync(path.join(repositoryRoot(), 'scripts/cloud-client/samples/screen.webm'));
  const events = statSync(path.join(folder, 'events.ndjson'));
  const common = { part: 1, state: 'complete', machine: 'VDA01', durationSeconds: 45 };
  expect(result.outcome.recordings).toEqual([
    {
      ...common,
      session: 'disconnected',
      container: 'events',
      userName: 'CONTOSO\\bob',
      sizeBytes: events.size,
    },
    { ...common, session: 'locked', container: 'webm', userName: 'CONTOSO\\alice', sizeBytes: screen.size },
  ]);
});

test('the sessions have ended, and nothing was refused', () => {
  expect(result.outcome.sessions).toEqual([
    { sessionKey: 'disconnected', state: 'ended' },
    { sessionKey: 'locked', state: 'ended' },
  ]);
  expect(result.outcome.refused).toEqual([]);
});

test('IAM-9: every change of the configuration is in the administrator log', () => {
  expect(result.outcome.audit).toEqual([
    'eventDetectionPolicy.activate succeeded',
    'eventDetectionPolicy.create succeeded',
    'eventResponsePolicy.activate succeeded',
    'eventResponsePolicy.create succeeded',
    'recordingPolicy.activate succeeded',
    'secureClient.create succeeded',
    'server.register succeeded',
    'site.create succeeded',
    'siteSettings.change succeeded',
  ]);
});

test('a server that has the current configuration gets 304, until a policy changes', async () => {
  const path = `/servers/${journey.serverId}/configuration`;
  const { connection } = journey.client;
  const first = await connection.call('GET', path);
  const ask = () => connection.call('GET', path, { headers: { 'if-none-match': first.etag ?? '' } });
  expect(first.status).toBe(200);
  expect(await ask()).toMatchObject({ status: 304, body: undefined });

  await activate('Nothing at all');
  const changed = await eventually('the new configuration', async () => {
    const answer = await ask();
    return answer.status === 200 ? answer : undefined;
  });
  expect(changed.etag).not.toBe(first.etag);
}, 60_000);

test('RSP-7: a policy change takes effect within five seconds', async () => {
  const { client, administrator, siteId } = journey;
  await activate('Answer to Word');
  await sleep(5_000);
  client.startSession({
    sessionKey: 'later',
    startedAt: new Date().toISOString(),
    facts: factsOf('locked'),
  });
  const id = derivedId('journey', 'later');
  const time = new Date().toISOString();
  client.addEvents('later', [{ id, type: 'appStart', time, data: { appName: 'winword.exe' } }]);
  await client.delivered();
  const response = await eventually('the response', async () => {
    const path = `/sites/${siteId}/responses`;
    const found = await administrator.list<ListedResponse & { eventId: string }>(path);
    return found.find(({ eventId }) => eventId === id);
  });
  expect(response).toMatchObject({ ruleName: 'Answer to Word', eventType: 'appStart' });
}, 60_000);

test('in the sample of an office day, each event of the rarest type gets a response, and nothing is rejected', async () => {
  const log = path.join(repositoryRoot(), 'scripts/cloud-client/samples/office-day.ndjson');
  const { sessions } = await readEventLog({ kind: 'file', path: log }, { lastRecordAt: new Date() });
  const machines = [...new Set(sessions.map(({ host }) => host))];
  const [rarest = ''] = typesByRarity(sessions);
  const trigger = { eventType: rarest, description: '', actions: ['startScreenRecording'] };
  await activate('Rarest', [{ name: 'Rarest', scope: { machines }, triggers: [trigger] }]);
  await sleep(3_000);

  const { client, administrator, siteId } = journey;
  for (const { key, user, host, firstTime, events } of sessions) {
    const startedAt = firstTime ?? events[0]?.time ?? new Date().toISOString();
    const facts = { user: { name: user, groups: [] }, machine: host, tags: [] };
    client.startSession({ sessionKey: key, startedAt, facts });
    client.addEvents(key, events);
  }
  await client.delivered();
  expect(journey.refused).toEqual([]);
  const rare = sessions.flatMap(({ events }) => events).filter(({ type }) => type === rarest);
  const answered = await eventually('the responses', async () => {
    const path = `/sites/${siteId}/responses?top=200`;
    const found = await administrator.list<ListedResponse & { eventId: string }>(path);
    const ids = found.filter(({ ruleName }) => ruleName === 'Rarest').map(({ eventId }) => eventId);
    return ids.length >= rare.length ? ids : undefined;
  });
  expect(answered.toSorted()).toEqual(rare.map(({ id }) => id).toSorted());
}, 60_000);

/** Creates and activates a response policy of this name; by default it responds to the start of Word. */
async function activate(name: string, rules: object[] = [answerToWord(name)]): Promise<void> {
  const base = `/sites/${journey.siteId}/eventResponsePolicies`;
  const { id } = await journey.administrator.post<{ id: string }>(base, { name, rules });
  await journey.administrator.post(`${base}/${id}/activate`);
}

function answerToWord(name: string): object {
  const trigger = {
    eventType: 'appStart',
    description: '',
    conditions: [{ dimension: 'appName', operator: 'equals', values: ['winword.exe'] }],
    actions: ['disconnectSession'],
  };
  return { name, scope: { machines: ['VDA01'] }, triggers: [trigger] };
}
