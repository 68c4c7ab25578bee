/** Why a server is not seen, from what really happened: sign-ins, registrations, heartbeats. */
import { randomUUID } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import { runOperation } from '../../shared/http/run-operation';
import { lineLog } from '../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../tests/support/call';
import {
  MACHINE,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { FABRIKAM } from '../../tests/support/test-issuer';
import { cloudClientOperations } from '../cloud-client';
import { identityOperations } from '../identity';
import { serverOperations } from '../servers';
import { diagnose as diagnoseFacts, isSameHost, type ServerFacts } from './diagnosis';
import { onboardingOperations } from './operations';

/** Hashes are slow on purpose. */
jest.setTimeout(120_000);

let test: RecordingServerTest;
let address = 0;

beforeAll(async () => {
  test = await startRecordingServerTest();
});
afterAll(() => test.close());

const all = [...onboardingOperations, ...identityOperations, ...serverOperations, ...cloudClientOperations];
const operationOf = (id: string) => {
  const operation = all.find((item) => item.id === id);
  if (!operation) throw new Error(`operation not found: ${id}`);
  return operation;
};
const send = async (id: string, request: TestRequest = {}) =>
  call(test.services, operationOf(id), { token: await test.issuer.token(), ...request });

interface Diagnosis {
  findings: { code: string; detail: string; remedy: string }[];
  lastAttempt?: { at: string; outcome: string; reason?: string; address?: string; clientId: string };
  servers: { hostName: string; status: string; clockSkewMilliseconds: number }[];
  hints: string[];
}
async function diagnose(body: object, token?: string): Promise<Diagnosis> {
  const answer = await send('createDiagnosis', { body, ...(token === undefined ? {} : { token }) });
  expect(answer.status).toBe(200);
  return answer.body as unknown as Diagnosis;
}
const codesOf = ({ findings }: Diagnosis) => findings.map(({ code }) => code);

async function newClient(body: object = { name: 'Servers' }) {
  const made = (await send('createSecureClient', { body })).body;
  return { clientId: String(made['clientId']), secret: String(made['secret']) };
}

/** What a machine does with its credentials: the status, and the token of a success. */
async function signIn(clientId: string, secret: string): Promise<{ status: number; token: string }> {
  const response = await runOperation(
    operationOf('issueClientToken'),
    new HttpRequest({
      method: 'POST',
      url: 'https://recording.test/api/cloud-client/v1/token',
      body: {
        string: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: secret,
        }).toString(),
      },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-for': `192.0.2.${++address}:50000`,
      },
    }),
    { services: test.services, log: lineLog(() => undefined), traceId: 'trace' },
  );
  const { access_token: token = '' } = JSON.parse(response.body as string) as { access_token?: string };
  return { status: response.status ?? 0, token };
}

/** Registers a machine with a database of its own; answers the status of the response. */
async function register(token: string, hostName: string, more: object = {}): Promise<number> {
  const machine = { ...MACHINE, machineId: randomUUID(), hostName, clientTime: test.time(), ...more };
  const database = { instance: hostName, name: 'Recordings' };
  return (await send('registerServer', { token, body: { ...machine, database } })).status;
}

describe('TRB-4: for a secure client', () => {
  it('that never signed in: ports by the version of its cloud client, reinstallation and patience', async () => {
    const { clientId } = await newClient();
    const diagnosis = await diagnose({ clientId, clientVersion: '7.40.13020.10' });
    expect(codesOf(diagnosis)).toEqual(['neverSeen']);
    expect(diagnosis.findings[0]?.remedy).toMatch(/80, 443, 8088 and 9090–9094.*Reinstall.*few minutes/);
    expect(diagnosis).not.toHaveProperty('lastAttempt');
    expect(diagnosis.hints.join(' ')).toMatch(/TLS 1\.2.*WebSocket/);
    const newer = await diagnose({ clientId, clientVersion: '7.40.13020.11' });
    expect(newer.findings[0]?.remedy).toMatch(/port 443 \(/);
    expect(newer.hints.join(' ')).not.toContain('8088');
  });

  it('whose secret was wrong: when, from where and why, and no longer once it has signed in', async () => {
    const { clientId, secret } = await newClient();
    expect((await signIn(clientId, 'canary-wrong-secret')).status).toBe(401);
    const from = `192.0.2.${address}`;
    const diagnosis = await diagnose({ clientId });
    expect(codesOf(diagnosis)).toEqual(['wrongSecret']);
    expect(diagnosis.lastAttempt).toEqual({
      clientId,
      at: test.time(),
      outcome: 'refused',
      reason: 'wrongSecret',
      address: from,
    });
    expect((await test.stored('control')).join('\n')).not.toContain('canary-wrong-secret');

    test.clock.advanceSeconds(60);
    expect((await signIn(clientId, secret)).status).toBe(200);
    const later = await diagnose({ clientId });
    expect(codesOf(later)).toEqual(['notRegistered']);
    expect(later.lastAttempt).toMatchObject({ outcome: 'succeeded', at: test.time() });
  });

  it('whose secret has expired', async () => {
    const { clientId, secret } = await newClient({ name: 'Servers', secretExpiresAt: test.time(60) });
    test.clock.advanceSeconds(61);
    expect((await signIn(clientId, secret)).status).toBe(401);
    const diagnosis = await diagnose({ clientId });
    expect(codesOf(diagnosis)).toEqual(['secretExpired']);
    expect(diagnosis.lastAttempt).toMatchObject({ outcome: 'refused', reason: 'secretExpired' });
  });

  it('that was revoked, or never existed', async () => {
    const { clientId } = await newClient();
    const { headers } = await send('getSecureClient', { params: { id: clientId } });
    await send('deleteSecureClient', {
      params: { id: clientId },
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(codesOf(await diagnose({ clientId }))).toEqual(['clientRevoked']);
    expect(codesOf(await diagnose({ clientId: randomUUID() }))).toEqual(['unknownClient']);
  });

  it('of another customer: exactly as one that does not exist', async () => {
    const { clientId, secret } = await newClient();
    await signIn(clientId, secret);
    await register((await signIn(clientId, secret)).token, 'TENANT01');
    const other = await test.issuer.token({ tid: FABRIKAM });
    const diagnosis = await diagnose({ clientId }, other);
    expect(codesOf(diagnosis)).toEqual(['unknownClient']);
    expect(diagnosis.servers).toEqual([]);
    expect(diagnosis).not.toHaveProperty('lastAttempt');
    expect(codesOf(await diagnose({ hostName: 'TENANT01' }, other))).toEqual(['neverSeen']);
  });
});

describe('TRB-4: for a host', () => {
  it('whose version may not register, with its clock that is wrong', async () => {
    const { clientId, secret } = await newClient();
    const { token } = await signIn(clientId, secret);
    expect(await register(token, 'OLD01', { serverVersion: '20.3.0.1', clientTime: test.time(-1_200) })).toBe(
      409,
    );
    const diagnosis = await diagnose({ hostName: 'old01.contoso.example' });
    expect(codesOf(diagnosis)).toEqual(['versionNotSupported', 'clockSkew']);
    expect(diagnosis.findings[0]?.detail).toContain('20.3.0.1');
    expect(diagnosis.findings[1]?.detail).toContain('20 minutes slow');
    expect(diagnosis.lastAttempt).toMatchObject({ clientId, outcome: 'succeeded' });
    expect(codesOf(await diagnose({ clientId }))).toEqual(['versionNotSupported', 'clockSkew']);
  });

  it('that reports as it should', async () => {
    const { clientId, secret } = await newClient();
    const { token } = await signIn(clientId, secret);
    expect(await register(token, 'WELL01')).toBe(200);
    const diagnosis = await diagnose({ hostName: 'well01' });
    expect(codesOf(diagnosis)).toEqual(['seen']);
    expect(diagnosis.servers).toMatchObject([{ hostName: 'WELL01', status: 'discovered' }]);
  });

  it('that belongs to another client', async () => {
    const [first, second] = [await newClient(), await newClient()];
    const machineId = randomUUID();
    const owner = await signIn(first.clientId, first.secret);
    expect(await register(owner.token, 'MOVED01', { machineId })).toBe(200);
    const other = await signIn(second.clientId, second.secret);
    expect(await register(other.token, 'MOVED01', { machineId })).toBe(403);
    expect(codesOf(await diagnose({ clientId: second.clientId, hostName: 'MOVED01' }))).toEqual([
      'serverOfAnotherClient',
    ]);
  });

  it('that nobody has heard of', async () => {
    expect(codesOf(await diagnose({ hostName: 'NOBODY01' }))).toEqual(['neverSeen']);
  });

  it('needs a host name or a client id', async () => {
    const { status, body } = await send('createDiagnosis', { body: {} });
    expect([status, body.errors?.map(({ pointer }) => pointer)]).toEqual([400, ['/hostName']]);
  });
});

it('TRB-4: writes a refusal once in five minutes, however often is guessed', async () => {
  const { clientId } = await newClient();
  const control = test.services.database.control(test.customerId);
  const writes: string[] = [];
  const spy = jest.spyOn(Object.getPrototypeOf(control) as typeof control, 'upsert');
  const count = () => spy.mock.calls.filter(([type]) => type.name === 'sign-in').length;
  for (let guess = 0; guess < 4; guess++) await signIn(clientId, `guess ${guess}`);
  writes.push(String(count()));
  test.clock.advanceSeconds(301);
  await signIn(clientId, 'another guess');
  writes.push(String(count()));
  spy.mockRestore();
  expect(writes).toEqual(['1', '2']);
});

it('TRB-4: keeps one refusal of each machine, and at most fifty writes of a client in five minutes', async () => {
  const { clientId, secret } = await newClient();
  const { token } = await signIn(clientId, secret);
  for (let machine = 0; machine < 55; machine++) {
    const body = {
      ...MACHINE,
      hostName: `MANY${machine % 53}`,
      serverVersion: '20.3.0.1',
      clientTime: test.time(),
    };
    await send('registerServer', { token, body });
  }
  const found = await test.services.database
    .control(test.customerId)
    .query<{ refusals: { hostName: string }[] }>(
      `SELECT * FROM c WHERE c.type = 'registration-refusals' AND c.id = 'registration-refusals:${clientId}'`,
    );
  const names = found.flatMap(({ refusals }) => refusals.map(({ hostName }) => hostName));
  expect([names.length, new Set(names).size]).toEqual([50, 50]);
});

const AVAILABLE: ServerFacts = {
  id: randomUUID(),
  hostName: 'SRV01',
  status: 'available',
  statusReason: undefined,
  siteId: randomUUID(),
  clientVersion: '7.42.15010.4',
  lastSeenAt: '2030-01-15T12:00:00.000Z',
  skewMilliseconds: 0,
};

it.each<[Partial<ServerFacts>, string, RegExp]>([
  [{}, 'seen', /Refresh/],
  [{ skewMilliseconds: 299_999 }, 'seen', /Refresh/],
  [{ skewMilliseconds: -300_000 }, 'clockSkew', /time server/],
  [{ status: 'offline' }, 'silent', /port 443.*Reinstall/],
  [{ status: 'offline', clientVersion: '7.40.1.1' }, 'silent', /8088/],
  [{ status: 'maintenance', statusReason: 'Too old.' }, 'clientTooOld', /latest/],
  [{ status: 'deleted' }, 'removedFromView', /registers/],
  [{ status: 'uninstalled' }, 'clientUninstalled', /Reinstall/],
  [{ siteId: undefined, status: 'readyToInstall' }, 'withoutSite', /server component/],
])('TRB-4: a server with %j is found as %s, with its remedy', (more, code, remedy) => {
  const facts = { clients: [], refusals: [], clientVersion: undefined };
  expect(diagnoseFacts({ ...facts, servers: [{ ...AVAILABLE, ...more }] })).toEqual([
    {
      code,
      detail: expect.stringContaining('SRV01') as string,
      remedy: expect.stringMatching(remedy) as string,
    },
  ]);
});

it.each([
  ['SRV01', 'srv01', true],
  ['SRV01', 'srv01.contoso.example', true],
  ['srv01.contoso.example.', 'SRV01.contoso.example', true],
  ['srv01.contoso.example', 'srv01.fabrikam.example', false],
  ['SRV01', 'SRV011', false],
])('TRB-4: takes %s and %s for one machine: %s', (one, other, expected) => {
  expect([isSameHost(one, other), isSameHost(other, one)]).toEqual([expected, expected]);
});
