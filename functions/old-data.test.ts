/**
 * What an earlier version has stored is still read. `tests/support/old-data.json` was taken from the data folder of a
 * service of November 2026, one or two documents per type.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerDefinition, CosmosClient } from '@azure/cosmos';
import { call, type TestRequest } from '../tests/support/call';
import { TestClock } from '../tests/support/test-clock';
import { CONTOSO, FABRIKAM } from '../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../tests/support/test-services';
import { lineLog } from '../shared/telemetry/telemetry';
import { runSweep } from '../shared/sweeps/run-sweep';
import { sitePlan } from '../arm-templates/plan/site-plan';
import { siteTemplateType } from './deployment/site-template';
import { operations } from './operations';
import { savedVersionType } from './policies/policy-documents';
import { findCommandEnd } from './servers/commands/finish-command';
import { markServersOffline } from './servers/mark-servers-offline';
import { keepEventBatch } from './sessions/event-batch';
import { findSession } from './sessions/store';
import { reactionsTo } from './trigger-templates/reactions';

type OldDocument = Record<string, unknown> & { id: string; type: string };

const old = JSON.parse(readFileSync(path.join(__dirname, '../tests/support/old-data.json'), 'utf8')) as {
  containers: ContainerDefinition[];
  documents: Record<string, OldDocument[]>;
};

let test: TestServices;
let token: string;

beforeAll(async () => {
  test = await startTestServices({
    clock: new TestClock(new Date('2026-11-29T12:00:00.000Z')),
    prepare: storeOldData,
  });
  token = await test.issuer.token();
});

afterAll(() => test.close());

async function storeOldData(client: CosmosClient): Promise<void> {
  const { database } = await client.databases.create({ id: 'test' });
  for (const definition of old.containers) await database.containers.create(definition);
  for (const [container, documents] of Object.entries(old.documents)) {
    for (const document of documents) await database.container(container).items.create(document);
  }
}

/** The old documents of a type. */
function stored(type: string): OldDocument[] {
  return Object.values(old.documents)
    .flat()
    .filter((document) => document.type === type);
}

/** The id that the domain knows a document by. */
const idOf = ({ id, type }: OldDocument) => id.slice(type.length + 1);

function the(type: string): OldDocument {
  const [document] = stored(type);
  if (!document) throw new Error(`there is no old ${type}`);
  return document;
}

async function ask(operationId: string, request: TestRequest = {}) {
  const operation = operations.find(({ id }) => id === operationId);
  if (!operation) throw new Error(`there is no operation ${operationId}`);
  const answer = await call(test.services, operation, { token, ...request });
  expect([operationId, answer.status]).toEqual([operationId, 200]);
  return answer.body;
}

async function listed(operationId: string, request?: TestRequest, key = 'id'): Promise<unknown[]> {
  const { value } = await ask(operationId, request);
  return (value as Record<string, unknown>[]).map((item) => item[key]);
}

it.each([
  ['listSites', 'site'],
  ['listServers', 'server'],
  ['listRecordings', 'recording'],
  ['listSecureClients', 'secure-client'],
  ['listAdministratorGroups', 'administrator-group'],
  ['listEventTriggerTemplates', 'event-trigger-template'],
])('%s shows what was there', async (operationId, type) => {
  expect(await listed(operationId)).toEqual(expect.arrayContaining(stored(type).map(idOf)));
});

it('a site shows its settings, its policies and what was done about events', async () => {
  const { siteId } = the('session') as { siteId?: string };
  const ofSite = { params: { siteId: String(siteId) } };
  expect(await ask('getSiteSettings', ofSite)).toHaveProperty('emailAlerts.smtp.host');
  const policies = [
    ...(await listed('listRecordingPolicies', ofSite)),
    ...(await listed('listEventDetectionPolicies', ofSite)),
    ...(await listed('listEventResponsePolicies', ofSite)),
  ];
  expect(policies).toEqual(expect.arrayContaining(stored('policy').map(idOf)));
  expect(await listed('listResponses', ofSite, 'eventId')).toEqual(
    expect.arrayContaining(stored('response').map(idOf)),
  );
});

it('the history of a policy is there', async () => {
  for (const { policyId } of stored('policy-version')) {
    const where = { where: 'c.policyId = @policyId', parameters: { policyId: String(policyId) }, limit: 10 };
    expect(await test.services.database.control(CONTOSO).list(savedVersionType, where)).toHaveLength(1);
  }
});

it('a session, its events and its commands go on where they were', async () => {
  const session = the('session');
  expect(await findSession(test.services, CONTOSO, idOf(session))).toMatchObject({ state: 'ended' });
  const batch = the('event-batch');
  const repeated = { id: idOf(batch), receivedAt: 'later', policyVersion: null, events: [] };
  const kept = await keepEventBatch(test.services, CONTOSO, idOf(session), repeated);
  expect(kept.receivedAt).toBe(batch['receivedAt']);
  expect(kept.events).toHaveLength(Number(batch['eventCount']));
  const { serverId } = the('command');
  expect(await findCommandEnd(test.services, CONTOSO, String(serverId), idOf(the('command')))).toMatchObject({
    status: the('command')['status'],
  });
});

it('a server shows its last heartbeat, and is offline a whole period after the service has come back', async () => {
  const server = idOf(the('server'));
  const status = async () => (await ask('getServer', { params: { serverId: server } }))['status'];
  expect(await ask('getServer', { params: { serverId: server } })).toMatchObject({
    machine: the('heartbeat')['state'],
  });
  const log = lineLog(() => undefined);
  const sweep = () =>
    runSweep(test.services, log, { name: 'markServersOffline', periodSeconds: 60 }, (run) =>
      markServersOffline(test.services, log, run),
    );
  for (let minute = 0; minute < 3; minute++) {
    await sweep();
    expect(await status()).toBe('available');
    test.clock.advanceSeconds(60);
  }
  await sweep();
  expect(await status()).toBe('offline');
  expect(await ask('getServer', { params: { serverId: server } })).toMatchObject({
    statusReason: expect.stringMatching(/^No heartbeat since .*: check that/) as string,
  });
});

it('bookmarks and likes of templates are there', async () => {
  const template = idOf(the('template-bookmark'));
  const reader = { customerId: CONTOSO, id: String(the('template-bookmark')['administratorId']) };
  const reactions = await reactionsTo(test.services, reader, [template]);
  expect(reactions(template)).toMatchObject({ bookmarked: true, likes: the('template-likes')['count'] });
});

it('TPL-1: a template that was published earlier is listed, liked and withdrawn', async () => {
  const id = idOf(the('published-template'));
  const stranger = await test.issuer.token({ tid: FABRIKAM });
  const community = async () =>
    (
      (await ask('listEventTriggerTemplates', { query: '?tab=community&top=200', token: stranger }))[
        'value'
      ] as { id: string; likes: number }[]
    ).find((template) => template.id === id);
  const likes = Number(the('template-likes')['count']);
  expect(await community()).toMatchObject({ likes });
  await ask('likeEventTriggerTemplate', { params: { id }, token: stranger });
  await ask('publishEventTriggerTemplate', {
    params: { id },
    body: { organisation: 'Contoso', acceptTerms: true },
  });
  expect(await community()).toMatchObject({ likes: likes + 1, liked: true });
  await ask('removeLikeOfEventTriggerTemplate', { params: { id }, token: stranger });
  expect(await community()).toMatchObject({ likes, liked: false });
  await ask('unpublishEventTriggerTemplate', { params: { id } });
  expect(await community()).toBeUndefined();
});

it('ARM-5: the plan of a template has the options of now, and a new template keeps its names', async () => {
  const record = the('site-template') as OldDocument & { plan: object; suffix: string };
  const siteId = idOf(record);
  const control = test.services.database.control(CONTOSO);
  const before = await control.read(siteTemplateType, siteId);
  expect(sitePlan.parse(before?.plan)).toEqual(before?.plan);
  await ask('createArmTemplate', { params: { siteId }, body: { ...record.plan, description: 'Changed' } });
  const { deployment } = await ask('getSite', { params: { siteId } });
  expect(deployment).toMatchObject({
    machines: [0, 1, 2].map((index) => ({ name: `sr-${record.suffix}-${index}` })),
  });
});
