/** Deployments through a host connection, driven through the API, with an Azure in memory and its machines at the other end. */
import { randomUUID } from 'node:crypto';
import { makePfx, PFX_PASSWORD } from '../../arm-templates/testing/certificates';
import { PARIS, type PlanInput, SUBSCRIPTION } from '../../arm-templates/testing/plans';
import { FakeAzure } from '../../scripts/soak/deployment/fake-azure';
import { lineLog } from '../../shared/telemetry/telemetry';
import { taskType } from '../../shared/tasks/task';
import { call, type TestRequest } from '../../tests/support/call';
import { publish } from '../../tests/support/packages';
import {
  MACHINE,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { cloudClientOperations } from '../cloud-client';
import { enrolmentOperations } from '../deployment';
import { serverOperations } from '../servers';
import { siteDependents } from '../site-dependents';
import { siteDependentOperations, siteOperations } from '../sites';
import { AzureError } from '../../shared/azure/azure-error';
import { secureClientType } from '../../shared/identity/secure-client';
import { deploymentStep } from './deployment-step';
import { hostConnectionType } from '../host-connections/host-connection';
import { hostDeploymentOperations } from './operations';
import { sitesThroughConnection } from './sites-through-connection';

const CONNECTION = '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa';
const GROUP = 'paris-rg';
const VERSION = '24.2.0.11';
const CANARIES = ['canary-Machine-1', 'canary-Sql-"1;$', 'canary-domain-é', PFX_PASSWORD] as const;
const PFX = makePfx({ notAfter: new Date('2099-01-01') });
const PLAN: PlanInput = {
  ...PARIS,
  machines: { ...PARIS.machines, count: 2, administrator: { userName: 'recadmin', password: CANARIES[0] } },
  databases: { ...PARIS.databases, administrator: { userName: 'dbadmin1', password: CANARIES[1] } },
  domain: { ...PARIS.domain, password: CANARIES[2] } as PlanInput['domain'],
  certificate: { pfx: PFX, password: PFX_PASSWORD },
  serverVersion: VERSION,
};

let test: RecordingServerTest;
let azure: FakeAzure;
let siteId: string;
/** Tokens of the machines' own secure clients, by machine. */
let machines: Map<string, { token: string; serverId: string }>;
let round: number;

const step = deploymentStep(async () => ({ subscriptionId: SUBSCRIPTION, azure }), siteDependents);
const log = lineLog(() => undefined);

beforeEach(async () => {
  test = await startRecordingServerTest();
  await publish(test.blobs, 'server', VERSION);
  azure = new FakeAzure(SUBSCRIPTION);
  machines = new Map();
  round = 0;
  siteId = String((await send('createSite', { body: { name: 'Paris' } })).body['id']);
  await control().create(hostConnectionType, {
    ...{ id: CONNECTION, name: 'Production', description: '', subscriptionId: SUBSCRIPTION },
    ...{ tenantId: CONNECTION, applicationId: CONNECTION, servicePrincipalObjectId: CONNECTION },
    ...{ secretId: 'secret', secretExpiresAt: '2099-01-01T00:00:00Z' },
    ...{ createdAt: '2030-01-01T00:00:00Z', createdBy: 'ada@contoso.example' },
  });
});
afterEach(() => test.close());

const OPERATIONS = [
  ...hostDeploymentOperations,
  ...siteOperations,
  ...siteDependentOperations(siteDependents),
  ...serverOperations,
  ...enrolmentOperations,
  ...cloudClientOperations,
];

async function send(id: string, request: TestRequest = {}) {
  const operation = OPERATIONS.find((one) => one.id === id);
  if (!operation) throw new Error(`operation not found: ${id}`);
  return call(test.services, operation, { token: await test.issuer.token(), ...request });
}

const deploy = (more: object = {}) =>
  send('startDeployment', {
    params: { siteId },
    body: { hostConnectionId: CONNECTION, resourceGroup: GROUP, plan: PLAN },
    ...more,
  });
const show = async (deploymentId: string) =>
  (await send('getDeployment', { params: { siteId, deploymentId } })).body;
const decide = (id: 'retryDeployment' | 'cancelDeployment', deploymentId: string, body?: object) =>
  send(id, { params: { siteId, deploymentId }, ...(body ? { body } : {}) });
const control = () => test.services.database.control(test.customerId);

/** Plays the orchestration of a task to its end, or until something; Azure and the machines go on meanwhile. */
async function play(taskId: string, until: () => boolean = () => false): Promise<void> {
  const ref = { customerId: test.customerId, taskId };
  for (let steps = 0; steps < 500; steps++) {
    const pause = await step.handler(test.services, ref, log);
    if (pause === 'end' || until()) return;
    if (pause === 0) continue;
    test.clock.advanceSeconds(pause === 'poll' ? 30 : Number(pause));
    azure.tick();
    await playMachines();
  }
  throw new Error('the deployment does not end');
}

/** Each machine whose command has run enrols and registers, installs the server when it is asked to, and sends heartbeats. */
async function playMachines(): Promise<void> {
  for (const name of azure.registered) {
    const known = machines.get(name) ?? (await enrol(name));
    machines.set(name, known);
    const { token, serverId } = known;
    const params = { serverId };
    const { body } = await send('fetchCommands', { token, params });
    for (const { id, kind } of body['value'] as { id: string; kind: string }[]) {
      expect(kind).toBe('install');
      const data = { kind: 'install', serverVersion: VERSION, restartRequired: false };
      const report = { status: 'succeeded', data };
      await send('answerCommand', { token, params: { serverId, commandId: id }, body: report });
      await register(name, token, {
        serverVersion: VERSION,
        database: { instance: 'sr-sql', name: 'recording' },
      });
      await send('sendHeartbeat', { token, params, body: { ...HEALTHY, clientTime: test.time() } });
    }
  }
}

const HEALTHY = {
  services: 'running',
  cpuPercent: 1,
  memoryPercent: 1,
  networkSendKbps: 1,
  networkReceiveKbps: 1,
  storage: [],
  liveSessions: 0,
};

async function enrol(name: string) {
  const enrolmentToken = [...test.vault.values()].findLast((value) =>
    value.startsWith(`${test.customerId}.`),
  );
  const body = { token: enrolmentToken, machineName: name };
  const client = (await send('enrolMachine', { body })).body;
  const id = String(client['clientId']);
  const token = await test.services.clientTokens.issue({ customerId: test.customerId, id, name });
  const serverId = await register(name, token, { serverVersion: undefined, database: undefined });
  return { token, serverId };
}

async function register(name: string, token: string, more: object): Promise<string> {
  const machineId = `${name} ${round}`;
  const body = { ...MACHINE, hostName: name, machineId, clientTime: test.time(), ...more };
  const answer = await send('registerServer', { token, body });
  expect(answer.status).toBe(200);
  return String(answer.body['serverId']);
}

const FAILURE = {
  code: 'DeploymentFailed',
  message: 'See details.',
  details: [{ code: 'QuotaExceeded', message: 'No cores.' }],
};

it('HST-2: a site is deployed from a request, its progress is shown, and its secrets lie in the secret store alone', async () => {
  const accepted = await deploy();
  expect(accepted).toMatchObject({
    status: 202,
    body: { state: 'testingConnection', attempt: 1, canCancel: true },
  });
  const id = String(accepted.body['id']);
  const taskId = String(accepted.body['taskId']);
  expect(accepted.headers['operation-location']).toContain(taskId);
  expect(accepted.headers['location']).toContain(id);
  expect((await send('getSite', { params: { siteId } })).body).toMatchObject({
    deployment: { method: 'hostConnection', status: 'deploying', deploymentId: id },
  });
  await play(taskId);

  const ended = await show(id);
  expect(ended).toMatchObject({ state: 'available', leftovers: [], canRetry: false, canCancel: false });
  expect(ended['machines']).toMatchObject([
    { setup: 'done', serverStatus: 'available' },
    { setup: 'done', serverStatus: 'available' },
  ]);
  expect((ended['resources'] as unknown[]).length).toBeGreaterThan(3);
  expect((await send('getSite', { params: { siteId } })).body).toMatchObject({
    deployment: { status: 'deployed' },
  });
  expect(await control().read(taskType, taskId)).toMatchObject({ state: 'Succeeded' });
  expect((await send('listDeployments', { params: { siteId } })).body['value']).toMatchObject([{ id }]);

  const stored = (
    await Promise.all(['control', 'presence', 'log', 'people'].map((name) => test.stored(name)))
  )
    .flat()
    .join('\n');
  for (const secret of [...CANARIES, PFX]) {
    expect(stored).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(JSON.stringify(ended)).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(test.vault.values()).not.toContain(secret);
  }
});

it('HST-3: a failure is shown and deletes nothing; a retry deletes what was made and deploys with the kept passwords', async () => {
  azure.templateError = FAILURE;
  const { body } = await deploy();
  const id = String(body['id']);
  await play(String(body['taskId']));
  const failed = await show(id);
  expect(failed).toMatchObject({
    state: 'failed',
    canRetry: true,
    error: { code: 'DeploymentFailed', cause: { code: 'QuotaExceeded' }, correlationId: 'correlation' },
  });
  const made = (failed['resources'] as { id: string }[]).map((resource) => resource.id);
  expect(made.length).toBeGreaterThan(0);
  expect(azure.deletedIds).toEqual([]);
  expect(await control().read(taskType, String(body['taskId']))).toMatchObject({ state: 'Failed' });
  expect((await send('deleteSite', { params: { siteId }, headers: { 'if-match': '*' } })).body).toMatchObject(
    {
      code: 'in-use',
      blockedBy: [{ kind: 'azureResources' }],
    },
  );

  azure.templateError = undefined;
  round = 1;
  const retried = await decide('retryDeployment', id);
  expect(retried).toMatchObject({ status: 202, body: { state: 'deletingForRetry' } });
  await play(String(retried.body['taskId']));
  expect(azure.deletedIds).toEqual(expect.arrayContaining(made));
  expect(await show(id)).toMatchObject({
    state: 'available',
    attempt: 2,
    leftovers: [],
  });
});

it('HST-3: a cancellation deletes what was made and the site, and still shows what could not be deleted', async () => {
  azure.templateError = FAILURE;
  const locked = new AzureError({ code: 'ScopeLocked', message: 'Locked.' }, 409);
  azure.undeletable = { type: 'Microsoft.Storage/storageAccounts', error: locked };
  const { body } = await deploy();
  const id = String(body['id']);
  await play(String(body['taskId']));
  const canceled = await decide('cancelDeployment', id);
  expect(canceled).toMatchObject({ status: 202, body: { state: 'deletingForCancellation' } });
  await play(String(canceled.body['taskId']));
  expect((await send('getSite', { params: { siteId } })).status).toBe(404);
  expect(await show(id)).toMatchObject({
    state: 'canceled',
    leftovers: [{ kind: 'notDeleted' }, { kind: 'notDeleted', reason: 'ScopeLocked: Locked.' }],
  });
  for (const secret of CANARIES) expect(test.vault.values()).not.toContain(secret);
});

it('HST-3: of two administrators who deploy, cancel or retry at once one wins, the other is answered why', async () => {
  const starts = await Promise.all([deploy(), deploy()]);
  expect(starts.map(({ status }) => status).toSorted()).toEqual([202, 409]);
  const [won] = starts.filter(({ status }) => status === 202);
  const [lost] = starts.filter(({ status }) => status === 409);
  const id = String(won?.body['id']);
  expect(lost?.body).toMatchObject({ code: 'conflict', deploymentId: id, state: 'testingConnection' });
  expect((await decide('retryDeployment', id)).body).toMatchObject({
    code: 'conflict',
    state: 'testingConnection',
  });

  azure.templateError = FAILURE;
  await play(String(won?.body['taskId']));
  const decisions = await Promise.all([decide('retryDeployment', id), decide('cancelDeployment', id)]);
  // Whoever cancels a deployment that is being retried wins too.
  expect(decisions.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
  for (const { body } of decisions.filter(({ status }) => status === 409))
    expect(body['detail']).toMatch(/being deleted|canceled/);
  const cancels = await Promise.all([decide('cancelDeployment', id), decide('cancelDeployment', id)]);
  expect(cancels.filter(({ status }) => status === 202).length).toBeLessThan(2);
  expect(cancels.find(({ status }) => status === 409)?.body['detail']).toMatch(/has canceled it already/);
});

it('HST-3: a cancellation revokes the secure clients of the machines that it deletes', async () => {
  const { body } = await deploy();
  await play(String(body['taskId']), () => machines.size === 2);
  const known = [...machines.values()];
  const clients = () => control().list(secureClientType, { limit: 10 });
  expect(await clients()).toHaveLength(2);
  const canceled = await decide('cancelDeployment', String(body['id']));
  machines.clear();
  azure.registered.clear();
  await play(String(canceled.body['taskId']));
  expect(await clients()).toEqual([]);
  test.clock.advanceSeconds(31);
  for (const { token, serverId } of known) {
    const heartbeat = { token, params: { serverId }, body: { ...HEALTHY, clientTime: test.time() } };
    expect((await send('sendHeartbeat', heartbeat)).status).toBe(401);
  }
});

it('HST-1, HST-2: a site is deployed through a connection that exists, which is needed until the deployment is canceled', async () => {
  const unknown = await deploy({
    body: { hostConnectionId: randomUUID(), resourceGroup: GROUP, plan: PLAN },
  });
  expect([unknown.status, unknown.body.errors?.[0]?.pointer]).toEqual([400, '/hostConnectionId']);
  const using = () =>
    sitesThroughConnection.sitesUsing(test.services, {
      customerId: test.customerId,
      hostConnectionId: CONNECTION,
    });
  expect(await using()).toEqual([]);
  const started = await deploy();
  expect(started.status).toBe(202);
  expect(await using()).toEqual([{ siteId }]);
  const { body } = await decide('cancelDeployment', String(started.body['id']));
  await play(String(body['taskId']));
  expect(await using()).toEqual([]);
});
