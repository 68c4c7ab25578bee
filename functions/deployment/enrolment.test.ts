/** Enrolment of the machines of a template as secure clients. */
import { PARIS } from '../../arm-templates/testing/plans';
import { auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { authenticateSecureClient } from '../identity';
import { serverOperations } from '../servers';
import { siteOperations } from '../sites';
import { enrolmentOperations } from './enrolment-operations';
import { deploymentOperations } from './operations';

let test: TestServices;
let token: string;
let siteId: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
  siteId = String((await send('createSite', { body: { name: 'Paris' } })).body['id']);
});

afterEach(() => test.close());

function send(id: string, request: TestRequest = {}) {
  const operation = [
    ...siteOperations,
    ...serverOperations,
    ...deploymentOperations,
    ...enrolmentOperations,
  ].find((item) => item.id === id);
  if (!operation) throw new Error(`operation not found: ${id}`);
  return call(test.services, operation, { token, ...request });
}

/** A template, and a token for its three machines. */
async function enrolment(): Promise<{ token: string; machines: string[] }> {
  await send('createArmTemplate', { params: { siteId }, body: PARIS });
  const { status, body } = await send('createEnrolmentToken', { params: { siteId } });
  expect(status).toBe(201);
  return body as unknown as { token: string; machines: string[] };
}

const enrol = (enrolmentToken: string, machineName: string) =>
  call(test.services, enrolmentOperations[1] as never, { body: { token: enrolmentToken, machineName } });

it('ARM-1: gives each machine a secure client that can sign in, once, whatever the case of its name', async () => {
  const made = await enrolment();
  expect(made.machines).toHaveLength(3);
  for (const name of made.machines) {
    const { status, body } = await enrol(made.token, name.toUpperCase());
    expect(status).toBe(201);
    const credentials = { clientId: String(body['clientId']), clientSecret: String(body['secret']) };
    const client = await authenticateSecureClient(test.services, {
      ...credentials,
      address: '',
      traceId: '',
    });
    expect(client).toMatchObject({ customerId: CONTOSO, name });
    expect((await enrol(made.token, name)).status).toBe(401);
  }
});

it('SRV-3: shows a machine of the template from the start, and that it is being set up once it has enrolled', async () => {
  const { token: secret, machines } = await enrolment();
  const statuses = async () => {
    const { body } = await send('listServers', { query: `?siteId=${siteId}` });
    const servers = body['value'] as { hostName: string; status: string; clientId?: string }[];
    return Object.fromEntries(servers.map(({ hostName, ...server }) => [hostName, server]));
  };
  const [first = '', ...others] = machines;
  expect(Object.keys(await statuses()).toSorted()).toEqual(machines.toSorted());
  const { body } = await enrol(secret, first);
  const now = await statuses();
  expect(now[first]).toMatchObject({ status: 'setupInProgress', clientId: body['clientId'] });
  expect(others.map((name) => now[name]?.status)).toEqual(others.map(() => 'planned'));
});

it('gives a machine that enrols twice concurrently one client', async () => {
  const { token: secret, machines } = await enrolment();
  const [name = ''] = machines;
  const statuses = (await Promise.all([enrol(secret, name), enrol(secret, name)])).map(
    ({ status }) => status,
  );
  expect(statuses.sort()).toEqual([201, 401]);
});

it('is refused to other machines, with other tokens, and after a day', async () => {
  const { token: secret, machines } = await enrolment();
  const [name = ''] = machines;
  expect((await enrol(secret, 'unknown')).status).toBe(401);
  for (const wrong of [
    '',
    'x',
    `${secret.slice(0, -1)}_`,
    secret.replace(CONTOSO, '99999999-9999-4999-8999-999999999999'),
  ])
    expect((await enrol(wrong, name)).status).toBe(401);
  test.clock.advanceSeconds(24 * 3_600);
  expect((await enrol(secret, name)).status).toBe(401);
});

it('makes a network that guesses tokens wait, before anything is read, and no other one', async () => {
  const { token: secret, machines } = await enrolment();
  const guess = (n: number, address: string) =>
    call(test.services, enrolmentOperations[1] as never, {
      body: { token: `${CONTOSO}.${String(n).padStart(43, '0')}`, machineName: 'any' },
      headers: { 'x-forwarded-for': `${secret}, ${address}:1234` },
    });
  const statuses = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => (await guess(n, '198.51.100.1')).status),
  );
  expect(statuses.filter((status) => status === 401)).toHaveLength(60);
  const refused = await guess(1, '198.51.100.1');
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
  expect((await enrol(secret, machines[0] ?? '')).status).toBe(201);
});

describe('an enrolment that its machine could not finish', () => {
  const key = 'k'.repeat(43);
  const enrolWith = (secret: string, machineName: string, machineKey: string) =>
    call(test.services, enrolmentOperations[1] as never, {
      body: { token: secret, machineName, machineKey },
    });
  const signsIn = (body: Record<string, unknown>) =>
    authenticateSecureClient(test.services, {
      clientId: String(body['clientId']),
      clientSecret: String(body['secret']),
      address: '',
      traceId: '',
    }).then(
      (client) => client !== undefined,
      () => false,
    );

  it('ARM-5: is repeated by the same machine, which keeps its client and loses the first secret', async () => {
    const { token: secret, machines } = await enrolment();
    const name = machines[0] ?? '';
    const first = await enrolWith(secret, name, key);
    const again = await enrolWith(secret, name.toUpperCase(), key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body['clientId']).toBe(first.body['clientId']);
    expect([await signsIn(first.body), await signsIn(again.body)]).toEqual([false, true]);
  });

  it('is refused to whoever lacks the key of the machine, and after a day', async () => {
    const { token: secret, machines } = await enrolment();
    const [name = '', other = ''] = machines;
    await enrolWith(secret, name, key);
    expect((await enrolWith(secret, name, 'x'.repeat(43))).status).toBe(401);
    expect((await enrol(secret, name)).status).toBe(401);
    await enrol(secret, other);
    expect((await enrolWith(secret, other, key)).status).toBe(401);
    test.clock.advanceSeconds(24 * 3_600);
    expect((await enrolWith(secret, name, key)).status).toBe(401);
  });

  it('keeps no key of a machine', async () => {
    const { token: secret, machines } = await enrolment();
    await enrolWith(secret, machines[0] ?? '', key);
    expect((await test.stored('control')).join('\n')).not.toContain(key);
  });
});

it('needs a template', async () => {
  expect((await send('createEnrolmentToken', { params: { siteId } })).body.code).toBe('conflict');
});

it('keeps neither token nor secret, and logs both steps', async () => {
  const { token: secret, machines } = await enrolment();
  const enrolled = await enrol(secret, machines[0] ?? '');
  const stored = (await test.stored('control')).join('\n');
  expect(stored).not.toContain(secret.split('.')[1]);
  expect(stored).not.toContain(String(enrolled.body['secret']));
  const actions = (await auditLog(test.services)).map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['site.createEnrolmentToken', 'secureClient.enrol']));
});
