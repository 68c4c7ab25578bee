/** A dependency that hangs: every operation that uses it answers 503 within its deadline, and works again afterwards. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operations } from '../../functions/operations';
import { faultClient } from '../../infra/local/azure/test-fault-client';
import type { Operation } from '../../shared/http/operation';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { validRequest } from '../support/valid-requests';
import { createTestCustomer, type CustomerRequest, type TestCustomer } from '../support/customer-requests';
import { fillPath, rawRequest, type RawAnswer } from '../support/raw-request';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(120_000);

const DEADLINE_SECONDS = 1;
/** What a busy machine may take besides. */
const MARGIN_SECONDS = 3;
const AT_ONCE = 12;

const ids = operations.map(({ id }) => id);
const ofServers = operations.filter(({ access }) => access === 'cloud-client').map(({ id }) => id);
const ofAdministrators = operations
  .filter(({ access }) => access !== 'cloud-client' && access !== 'anybody')
  .map(({ id }) => id);

/** They answer from what the service is made of, and the caller's token alone. */
const WITHOUT_COSMOS = [
  'openapi',
  'docs',
  'getMe',
  'listEventTypes',
  'recommendSitePlan',
  'estimateSitePlan',
  'validateSitePlan',
  'listPackages',
  'getConnectivity',
  'getAppRegistration',
  'cloudClientProtocol',
];

const forEachPolicy = (names: (title: string) => string[]) =>
  ['RecordingPolicy', 'EventDetectionPolicy', 'EventResponsePolicy'].flatMap(names);

/** They read or write blobs, sign URLs of blobs, or put something into a queue, whatever the customer has. */
const WITH_STORAGE = [
  ...forEachPolicy((title) => [
    ...['create', 'get', 'put', 'delete', 'copy', 'activate', 'deactivate'].map((verb) => verb + title),
    ...[`list${title}Versions`, `get${title}Version`, `restore${title}Version`],
  ]),
  'testPolicies',
  'beginRecording',
  'completeRecording',
  'addSegments',
  'answerCommand',
  // Severe comments are points of interest: the recording is rated again.
  'createComment',
  'deleteComment',
  // They create a task, whose items lie in a blob.
  'diagnoseServer',
  'archiveRecordings',
  'deleteRecordings',
  'refreshServerServices',
  'restartServerService',
  'readRegistry',
  'writeRegistry',
  'requestLogUpload',
  'listTaskResults',
  'upgradeServer',
  'startInstallation',
  'checkInstallation',
  'testConnection',
  ...['startDeployment', 'retryDeployment', 'cancelDeployment'],
];

/** They need the package catalogue, which an instance knows for some time once it has read it. */
const WITH_CATALOGUE = ['listPackages', 'getConnectivity', 'createInstallCommand'];

/** They hash secrets, which can take a busy machine longer than the deadline of this test. */
const HASHING = ['createSecureClient', 'createSecureClientSecret', 'issueClientToken'];

let service: TestService;
let administratorToken: string;
let customer: TestCustomer;
let prices: Server;
const good = new Map<string, CustomerRequest>();
/** Of a customer whose policies decide about sessions and events. */
let strict: TestCustomer;
let strictSession: CustomerRequest;
let strictEvents: CustomerRequest;

beforeAll(async () => {
  prices = createServer(() => undefined);
  await new Promise<void>((resolve) => prices.listen(0, '127.0.0.1', resolve));
  service = await startService();
  [customer, strict] = await Promise.all([
    createTestCustomer(service, 'contoso'),
    createTestCustomer(service, 'fabrikam'),
  ]);
  administratorToken = await service.token();
  await forEachConcurrently(ids, async (id) => void good.set(id, await validRequest(id, customer)), 6);
  strictSession = await validRequest('startSession', strict);
  strictEvents = await validRequest('sendEvents', strict);
  for (const id of ['activateRecordingPolicy', 'activateEventResponsePolicy']) {
    const { method, path } = operationOf(id);
    const { params } = await validRequest(id, strict);
    await strict.administrator(method, fillPath(path, params));
  }
  // The instance of the tests has met nobody yet: it has no key, token or policy at hand.
  const { env } = service.stack;
  env['REQUEST_DEADLINE_SECONDS'] = String(DEADLINE_SECONDS);
  env['RETAIL_PRICES_URL'] = `http://127.0.0.1:${(prices.address() as AddressInfo).port}`;
  await restartHost();
}, 120_000);

async function restartHost(): Promise<void> {
  await service.stack.killHost();
  await service.stack.startHost();
}

afterEach(async () => {
  resume('cosmos');
  resume('azurite');
  await endHanging();
});

afterAll(async () => {
  await service?.stop();
  prices.closeAllConnections();
  prices.close();
});

function signal(name: string, signalName: NodeJS.Signals): void {
  const pid = service?.stack.pids[name];
  if (pid !== undefined) process.kill(pid, signalName);
}

const stopProcess = (name: string) => signal(name, 'SIGSTOP');
const resume = (name: string) => signal(name, 'SIGCONT');

function operationOf(id: string): Operation {
  const operation = operations.find((one) => one.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return operation;
}

function send(id: string, request = good.get(id), caller = customer): Promise<RawAnswer> {
  const operation = operationOf(id);
  if (!request) throw new Error(`there is no request for ${id}`);
  const { method, path, access } = operation;
  const token = access === 'cloud-client' ? caller.serverToken : administratorToken;
  return rawRequest(service.url, {
    method,
    path: fillPath(path, request.params),
    ...written(operation, request.body),
    headers: {
      ...(access === 'anybody' ? {} : { authorization: `Bearer ${token}` }),
      ...written(operation, request.body).headers,
      ...request.headers,
    },
  });
}

function written({ method, bodyFormat }: Operation, body: unknown): { body?: string; headers?: object } {
  if (body === undefined) return {};
  if (bodyFormat?.form) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { body: new URLSearchParams(body as Record<string, string>).toString(), headers };
  }
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return { body: JSON.stringify(body), headers: { 'content-type': contentType } };
}

interface Outcome {
  id: string;
  status: number;
  /** The answer has what a 503 must have. */
  isComplete: boolean;
  isInTime: boolean;
}

async function outcome(id: string, request?: CustomerRequest, caller?: TestCustomer): Promise<Outcome> {
  const startedAt = performance.now();
  const { status, headers, text } = await send(id, request, caller);
  const seconds = (performance.now() - startedAt) / 1000;
  const isProblem = headers['retry-after'] !== undefined && text.includes('unavailable');
  // Health says with its own body what is wrong.
  const isComplete = id === 'health' ? text.includes('"down"') : isProblem;
  return { id, status, isComplete, isInTime: seconds < DEADLINE_SECONDS + MARGIN_SECONDS };
}

/** What each operation answers, in the order of their names. */
async function outcomes(asked: readonly string[]): Promise<Outcome[]> {
  const found: Outcome[] = [];
  await forEachConcurrently(asked, async (id) => void found.push(await outcome(id)), AT_ONCE);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const unavailable = (id: string): Outcome => ({ id, status: 503, isComplete: true, isInTime: true });
const allUnavailable = (asked: readonly string[]) => [...asked].sort().map(unavailable);

const hang = (standIn: string) =>
  faultClient(service.url).inject({ standIn, times: null, effect: { do: 'delay', seconds: 600 } });
const endHanging = () => faultClient(service.url).clear();

const answers = (
  id: string,
  isExpected: (status: number) => boolean,
  request?: CustomerRequest,
  caller?: TestCustomer,
) =>
  eventually(`an answer of ${id}`, async () => {
    const { status } = await send(id, request, caller);
    return isExpected(status) ? status : undefined;
  });
const succeeds = (status: number) => status < 300;

async function worksAgain(): Promise<void> {
  for (const id of ['health', 'listSites', 'getServer', 'getServerConfiguration'])
    await answers(id, succeeds);
}

test('without keys to verify tokens by and without tokens of its own, the service says 503', async () => {
  await hang('login');
  const asked = [...ofAdministrators, ...ofServers, 'issueClientToken'];
  expect(await outcomes(asked)).toEqual(allUnavailable(asked));
  expect(await outcome('health')).toEqual(unavailable('health'));
  await endHanging();
  await answers('listSites', succeeds);
});

test('with a hung Key Vault, whatever needs a secret says 503', async () => {
  // What still waits for the login of the test before may read the signing key once that answers.
  await restartHost();
  await hang('keyVault');
  const asked = [...ofServers, 'issueClientToken'];
  expect(await outcomes(asked)).toEqual(allUnavailable(asked));
  expect(await outcome('health')).toEqual(unavailable('health'));
  const smtp = { host: 'mail.contoso.example', password: 'secret-of-a-test' };
  const withPassword = {
    ...good.get('changeSiteSettings'),
    params: { siteId: customer.siteId },
    body: { emailAlerts: { smtp, sender: { address: 'alerts@contoso.example' } } },
  };
  expect(await outcome('changeSiteSettings', withPassword)).toEqual(unavailable('changeSiteSettings'));
  await endHanging();
  await worksAgain();
});

test('with a hung price list, an estimate says 503, and uses other prices once the list is given up', async () => {
  expect(await outcome('estimateSitePlan')).toEqual(unavailable('estimateSitePlan'));
  await answers('estimateSitePlan', succeeds);
});

test('OPS-1, OPS-2: with a stopped Cosmos DB, every operation that uses it says 503', async () => {
  const asked = ids.filter((id) => !WITHOUT_COSMOS.includes(id) && id !== 'health');
  stopProcess('cosmos');
  expect(await outcomes(asked)).toEqual(allUnavailable(asked));
  expect(await outcome('health')).toEqual(unavailable('health'));
  expect(JSON.parse((await send('health')).text)).toMatchObject({
    status: 'degraded',
    dependencies: [
      { name: 'cosmos', state: 'down' },
      { name: 'blobs', state: 'up' },
      { name: 'queues', state: 'up' },
      { name: 'secrets', state: 'up' },
    ],
  });
  for (const id of WITHOUT_COSMOS) await answers(id, succeeds);
  resume('cosmos');
  await worksAgain();
});

test('OPS-2: with a stopped Azurite, every operation that uses blobs or queues says 503, and no other', async () => {
  const apart = [...WITH_STORAGE, ...WITH_CATALOGUE, ...HASHING, 'health'];
  const others = ids.filter((id) => !apart.includes(id));
  // The instance has the policies of this customer at hand, and not those of the strict one.
  for (const id of ['startSession', 'sendEvents']) await answers(id, succeeds);
  // The recordings of the requests before are being deleted or archived.
  for (const id of ['archiveRecordings', 'deleteRecordings']) good.set(id, await validRequest(id, customer));
  stopProcess('azurite');
  expect(await outcomes(WITH_STORAGE)).toEqual(allUnavailable(WITH_STORAGE));
  expect(await outcome('health')).toEqual(unavailable('health'));
  expect(await outcome('startSession', strictSession, strict)).toEqual(unavailable('startSession'));
  expect(await outcome('sendEvents', strictEvents, strict)).toEqual(unavailable('sendEvents'));
  await forEachConcurrently(others, async (id) => void (await answers(id, (status) => status !== 503)), 4);
  resume('azurite');
  await worksAgain();
});

test('with a hung Event Grid, sending events says 503, and a repeat delivers them', async () => {
  await answers('startSession', succeeds, strictSession, strict);
  await hang('eventGrid');
  expect(await outcome('sendEvents', strictEvents, strict)).toEqual(unavailable('sendEvents'));
  await endHanging();
  await answers('sendEvents', succeeds, strictEvents, strict);
});
