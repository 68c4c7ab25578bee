/** Policies and their activation, through the API. */
import { call, type TestRequest } from '../../tests/support/call';
import { MemoryBlobs } from '../../tests/support/memory-storage';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { auditLog } from '../../tests/support/logs';
import type { Services } from '../../shared/services';
import { type Server, serverType } from '../servers/server';
import { siteCreation } from '../sites';
import { activePolicies } from './active/active-policies';
import { decideSession, rollOverSession } from './active/decide-session';
import { policyOperations } from './operations';
import { activePointerType } from './policy-documents';

const SITE = '019bc17a-0000-7000-8000-000000000001';
const OTHER_SITE = '019bc17a-0000-7000-8000-000000000002';
const FACTS = { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] };
const scope = { users: [{ name: 'CONTOSO\\ada' }] };

let test: TestServices;
let services: Services;
let token: string;
let made = 0;

beforeEach(async () => {
  test = await startTestServices();
  services = { ...test.services, blobs: new MemoryBlobs().asStore() };
  token = await test.issuer.token();
  for (const id of [SITE, OTHER_SITE]) {
    const site = {
      id,
      name: `Site ${id}`,
      description: '',
      origin: 'created' as const,
      createdAt: '2030-01-01T00:00:00.000Z',
    };
    await services.database.control(CONTOSO).commit(siteCreation(site));
  }
});
afterEach(() => test.close());

function send(id: string, { params, ...request }: TestRequest = {}) {
  const operation = policyOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(services, operation, { token, params: { siteId: SITE, ...params }, ...request });
}

/** Creates a policy with a name of its own. */
async function create(kind: string, body: object): Promise<string> {
  made += 1;
  const answer = await send(`create${kind}Policy`, { body: { ...body, name: `ポリシー ${made}` } });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

const recordingRule = (more: object = {}) => ({
  name: '規則',
  scope,
  action: 'recordWithNotification',
  ...more,
});
const recordingPolicy = (more: object = {}) => ({ name: '録画ポリシー', rules: [recordingRule(more)] });
const responsePolicy = (...actions: string[]) => ({
  name: 'Answers',
  rules: [
    {
      name: 'Rule',
      scope,
      triggers: [{ eventType: 'appStart', actions }],
      recipients: 'ada@contoso.example',
      recordingOptions: { secondsBefore: 5 },
    },
  ],
});

const names = (answer: { body: Record<string, unknown> }, field = 'name') =>
  (answer.body['value'] as Record<string, unknown>[]).map((policy) => policy[field]);
const active = async (kind: string) => {
  const { body } = await send(`list${kind}Policies`);
  return (body['value'] as { id: string; active: boolean }[])
    .filter((policy) => policy.active)
    .map(({ id }) => id);
};
const activate = (kind: string, policyId: string) => send(`activate${kind}Policy`, { params: { policyId } });
const deactivate = (kind: string, policyId: string) =>
  send(`deactivate${kind}Policy`, { params: { policyId } });

describe('the policies of a new site', () => {
  it('are the system-defined ones; nothing is recorded or detected, and there are no responses', async () => {
    expect(names(await send('listRecordingPolicies'))).toHaveLength(9);
    expect(names(await send('listEventDetectionPolicies'))).toEqual(['Do not detect']);
    expect(names(await send('listEventResponsePolicies'))).toEqual(['Do not respond']);
    expect(await active('Recording')).toEqual(['do-not-record']);
    expect(await active('EventDetection')).toEqual([]);
    expect(await active('EventResponse')).toEqual([]);
    expect(await decideSession(services, CONTOSO, SITE, FACTS)).toMatchObject({
      record: 'none',
      eventTypes: [],
      responsePolicy: null,
    });
  });

  it('can be read one by one', async () => {
    const { body } = await send('getRecordingPolicy', { params: { policyId: 'do-not-record' } });
    expect(body).toMatchObject({ name: 'Do not record', systemDefined: true, active: true });
  });
});

describe('a policy', () => {
  it('is stored with its rules in any script, each with an id and its creation time', async () => {
    const created = await send('createRecordingPolicy', { body: recordingPolicy({ description: 'x' }) });
    const shown = await send('getRecordingPolicy', { params: { policyId: String(created.body['id']) } });
    expect(shown).toMatchObject({
      body: {
        name: '録画ポリシー',
        version: 1,
        systemDefined: false,
        active: false,
        createdBy: 'ada@contoso.example',
        rules: [{ ...recordingRule(), createdAt: '2030-01-15T12:00:00.000Z', audio: false }],
      },
      headers: { etag: created.headers['etag'] },
    });
  });

  it('exists only for its kind, site and customer', async () => {
    const policyId = await create('Recording', recordingPolicy());
    const elsewhere = [
      send('getEventResponsePolicy', { params: { policyId } }),
      send('getRecordingPolicy', { params: { policyId, siteId: OTHER_SITE } }),
      send('activateRecordingPolicy', { params: { policyId, siteId: OTHER_SITE } }),
      send('getRecordingPolicy', {
        params: { policyId },
        token: await test.issuer.token({ tid: FABRIKAM }),
      }),
      send('getRecordingPolicy', { params: { policyId: 'do-not-record', siteId: 'none' } }),
    ];
    for (const answer of elsewhere) expect(await answer).toMatchObject({ status: 404 });
  });

  it('that is rejected is reported with pointers to its errors', async () => {
    const answer = await send('createRecordingPolicy', {
      body: recordingPolicy({ action: 'disable', audio: true, scope: {} }),
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain('/rules/0/scope');
  });

  it('POL-2a: may be for everyone, as the system-defined ones are', async () => {
    const scope = { everyone: true };
    const created = await send('createRecordingPolicy', {
      body: recordingPolicy({ action: 'disable', scope }),
    });
    expect(created).toMatchObject({ status: 201, body: { rules: [{ scope }] } });
    const system = await send('getRecordingPolicy', { params: { policyId: 'do-not-record' } });
    expect(system.body).toMatchObject({ rules: [{ scope }] });
  });

  it('that sends e-mail is saved with a warning while no e-mail can be sent', async () => {
    const { body } = await send('createEventResponsePolicy', { body: responsePolicy('sendEmail') });
    expect(body['warnings']).toHaveLength(1);
  });

  it('is listed in pages with the others, once each', async () => {
    const made = [await create('Recording', recordingPolicy()), await create('Recording', recordingPolicy())];
    const found: unknown[] = [];
    let query: string | undefined = '?top=4';
    while (query !== undefined) {
      const page = await send('listRecordingPolicies', { query });
      found.push(...names(page, 'id'));
      const { nextLink } = page.body as { nextLink?: string };
      query = nextLink === undefined ? undefined : new URL(nextLink).search;
    }
    expect(found).toHaveLength(11);
    expect(new Set(found).size).toBe(11);
    expect(found.slice(9)).toEqual(made);
  });
});

describe('activation', () => {
  it('POL-1: replaces the active policy, deactivation returns to recording nothing, and both are logged', async () => {
    const policyId = await create('Recording', recordingPolicy());
    const before = await send('getRecordingPolicy', { params: { policyId } });
    expect(await activate('Recording', policyId)).toMatchObject({ status: 200, body: { active: true } });
    expect(await active('Recording')).toEqual([policyId]);
    const after = await send('getRecordingPolicy', { params: { policyId } });
    expect(after.headers['etag']).not.toBe(before.headers['etag']);

    expect(await deactivate('Recording', policyId)).toMatchObject({ body: { active: false } });
    expect(await active('Recording')).toEqual(['do-not-record']);
    const log = await auditLog(services);
    expect(log.map(({ action }) => action).sort()).toEqual([
      'recordingPolicy.activate',
      'recordingPolicy.create',
      'recordingPolicy.deactivate',
    ]);
  });

  it('does not affect other kinds, and deactivating an inactive policy does not affect the active one', async () => {
    const [first, second] = [
      await create('EventResponse', responsePolicy('lockSession')),
      await create('EventResponse', responsePolicy()),
    ];
    await activate('EventResponse', first);
    await activate('EventDetection', 'do-not-detect');
    await deactivate('EventResponse', second);
    expect(await active('EventResponse')).toEqual([first]);
    expect(await active('EventDetection')).toEqual(['do-not-detect']);
    await deactivate('EventResponse', first);
    expect(await active('EventResponse')).toEqual([]);
  });

  it('POL-1: leaves exactly one policy active when several are activated concurrently', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => create('Recording', recordingPolicy())));
    const answers = await Promise.all(ids.map((id) => activate('Recording', id)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await active('Recording')).toHaveLength(1);
    const pointer = await services.database.control(CONTOSO).read(activePointerType, SITE);
    expect(ids).toContain(pointer?.recording.policyId);
  });

  it('SRV-6: is rejected while a server of the site is too old for a feature of the policy', async () => {
    const server: Server = {
      id: '019bc17a-0000-7000-8000-000000000009',
      machineId: 'm',
      siteId: SITE,
      hostName: 'REC01',
      description: '',
      operatingSystem: 'Windows Server 2022',
      timeZone: 'Europe/Paris',
      serverVersion: '23.5.0.0',
      clientVersion: '7.42.15010.4',
      status: 'available',
      statusSince: '2030-01-01T00:00:00.000Z',
      registeredAt: '2030-01-01T00:00:00.000Z',
      lastSeenAt: '2030-01-01T00:00:00.000Z',
    };
    await services.database.control(CONTOSO).create(serverType, server);
    expect(await activate('Recording', 'record-including-audio-with-notification')).toMatchObject({
      status: 409,
      body: { code: 'feature-not-supported', feature: 'audioRecording', found: '23.5.0.0', needed: '2308' },
    });
    expect(await active('Recording')).toEqual(['do-not-record']);
    expect(await activate('Recording', 'record-excluding-audio-with-notification')).toMatchObject({
      status: 200,
    });
  });

  it('RSP-7: takes effect within two seconds on an instance with cached policies', async () => {
    expect((await activePolicies(services, CONTOSO, SITE)).eventResponse).toBeNull();
    const policyId = await create('EventResponse', responsePolicy('startScreenRecording'));
    await activate('EventResponse', policyId);
    test.clock.advanceSeconds(2);
    expect((await activePolicies(services, CONTOSO, SITE)).eventResponse).toMatchObject({
      policyId,
      version: 1,
    });
  });
});

describe('the decision on a session', () => {
  it('POL-5: contains policy, rule, and what the server must know before an event', async () => {
    const policyId = await create('Recording', recordingPolicy({ action: 'eventOnlyWithoutNotification' }));
    await activate('Recording', policyId);
    const detection = await create('EventDetection', {
      name: 'All',
      rules: [{ name: 'Rule', scope, eventTypes: ['performanceData', 'appStart'] }],
    });
    await activate('EventDetection', detection);
    const response = await create('EventResponse', responsePolicy('startScreenRecording'));
    await activate('EventResponse', response);
    expect(await decideSession(services, CONTOSO, SITE, FACTS)).toEqual({
      action: 'eventOnlyWithoutNotification',
      record: 'eventsOnly',
      notify: false,
      audio: false,
      lossy: false,
      policyId,
      policyVersion: 1,
      ruleId: expect.any(String) as string,
      ruleName: '規則',
      eventTypes: ['appStart', 'performanceData'],
      logPerformanceData: true,
      preEventBufferSeconds: 10,
      detectionPolicy: { policyId: detection, version: 1 },
      responsePolicy: { policyId: response, version: 1 },
    });
  });

  it('POL-4: applies until the roll-over, which stops a recording that is no longer to be made', async () => {
    await activate('Recording', 'record-only-events-without-notification');
    const first = await decideSession(services, CONTOSO, SITE, FACTS);
    await activate('Recording', 'record-excluding-audio-with-notification');
    test.clock.advanceSeconds(2);
    const second = await rollOverSession(services, CONTOSO, SITE, FACTS, first);
    expect(second).toMatchObject({
      outcome: 'continues',
      showNotification: true,
      decision: { record: 'full' },
    });
    await deactivate('Recording', 'record-excluding-audio-with-notification');
    test.clock.advanceSeconds(2);
    const third = await rollOverSession(services, CONTOSO, SITE, FACTS, second.decision);
    expect(third).toMatchObject({ outcome: 'stops', decision: { record: 'none' } });
    await activate('Recording', 'record-excluding-audio-with-notification');
    test.clock.advanceSeconds(2);
    const fourth = await rollOverSession(services, CONTOSO, SITE, FACTS, third.decision);
    expect(fourth).toMatchObject({ outcome: 'notRecorded', decision: { record: 'none' } });
  });
});

it('lists the event types for every role of administrators', async () => {
  const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
  const { status, body } = await send('listEventTypes', { token: reader });
  expect(status).toBe(200);
  expect(body['value']).toHaveLength(28);
  expect(await send('listRecordingPolicies', { token: reader })).toMatchObject({ status: 403 });
});
