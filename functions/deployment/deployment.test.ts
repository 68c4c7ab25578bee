/** Site plans through the API: recommendation, estimate, validation, and the template. */
import { HttpRequest } from '@azure/functions';
import { unzipSync } from 'fflate';
import forge from 'node-forge';
import { makePfx, PFX_PASSWORD } from '../../arm-templates/testing/certificates';
import { PARIS, type PlanInput } from '../../arm-templates/testing/plans';
import { auditLog } from '../../tests/support/logs';
import { runOperation } from '../../shared/http/run-operation';
import { RetailPricesClient } from '../../shared/prices/retail-prices-client';
import { lineLog } from '../../shared/telemetry/telemetry';
import { call, type TestRequest } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { siteDependentOperations, siteOperations } from '../sites';
import { deploymentOperations } from './operations';
import { siteTemplateType } from './site-template';

let test: TestServices;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

function operationOf(id: string) {
  const operation = [...deploymentOperations, ...siteOperations, ...siteDependentOperations([])].find(
    (item) => item.id === id,
  );
  if (!operation) throw new Error(`operation not found: ${id}`);
  return operation;
}

const send = (id: string, request: TestRequest = {}) =>
  call(test.services, operationOf(id), { token, ...request });

let made = 0;

async function createSite(): Promise<string> {
  return String((await send('createSite', { body: { name: `Paris ${(made += 1)}` } })).body['id']);
}

const SECRETS = {
  vm: 'canary-Machine-1',
  sql: 'canary-Sql-1',
  domain: 'canary-domain',
  client: 'canary-client',
  pfx: PFX_PASSWORD,
};
const withSecrets = (): PlanInput => ({
  ...PARIS,
  machines: { ...PARIS.machines, administrator: { userName: 'recadmin', password: SECRETS.vm } },
  databases: { ...PARIS.databases, administrator: { userName: 'dbadmin1', password: SECRETS.sql } },
  domain: { ...PARIS.domain, password: SECRETS.domain } as PlanInput['domain'],
  secureClient: {
    kind: 'existing',
    clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa',
    secret: SECRETS.client,
  },
  certificate: { pfx: makePfx({ notAfter: new Date('2099-01-01') }), password: SECRETS.pfx },
  serverVersion: '24.2.0.11',
});

/** The bytes of the package. */
async function download(
  siteId: string,
  body: PlanInput,
): Promise<{ status: number; zip: Buffer; headers: Record<string, string> }> {
  const request = new HttpRequest({
    method: 'POST',
    url: `https://recording.test/api/v1/sites/${siteId}/armTemplate`,
    params: { siteId },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: { string: JSON.stringify(body) },
  });
  const log = lineLog(() => undefined);
  const response = await runOperation(operationOf('createArmTemplate'), request, {
    services: test.services,
    log,
    traceId: 'x',
  });
  const chunks: Uint8Array[] = [];
  if (response.body instanceof ReadableStream)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return {
    status: response.status ?? 0,
    zip: Buffer.concat(chunks),
    headers: response.headers as Record<string, string>,
  };
}

it('recommends what the answers allow', async () => {
  const body = {
    concurrentSessions: '4000-6000',
    visualMovement: 'some',
    sessionsPerDay: '5000-10000',
    retentionDays: '15-30',
  };
  expect((await send('recommendSitePlan', { body })).body).toMatchObject({
    servers: 3,
    storageTib: 30,
    shares: 6,
  });
  expect((await send('recommendSitePlan', { body: {} })).body).not.toHaveProperty('servers');
  expect((await send('recommendSitePlan', { body: { concurrentSessions: 'many' } })).status).toBe(400);
});

describe('an estimate', () => {
  const body = { region: 'westeurope', machines: { size: 'Standard_D4s_v3', count: 3 } };

  it('uses the built-in prices when no price list is configured, and states it', async () => {
    const answer = await send('estimateSitePlan', { body });
    expect(answer.body).toMatchObject({
      total: 812.16,
      prices: { source: 'snapshot', region: 'eastus', asOf: '2024-05-01' },
    });
  });

  const withPrices = (respond: (url: unknown) => Promise<Response>) => ({
    ...test.services,
    retailPrices: new RetailPricesClient('https://prices.test', test.clock, respond),
  });
  const row = {
    productName: 'DSv3 Windows',
    skuName: 'D4s v3',
    meterName: 'D4s v3',
    type: 'Consumption',
    tierMinimumUnits: 0,
  };

  it("uses Azure's price list when it is available", async () => {
    const services = withPrices(() =>
      Promise.resolve(Response.json({ Items: [{ ...row, retailPrice: 0.5 }] })),
    );
    const answer = await call(services, operationOf('estimateSitePlan'), { token, body });
    const today = test.clock.now().toISOString().slice(0, 10);
    expect(answer.body).toMatchObject({
      total: 1080,
      prices: { source: 'azureRetailPrices', region: 'westeurope', asOf: today },
    });
  });

  it('EST-1: takes a price that the list lacks from the built-in ones, for that line alone', async () => {
    const services = withPrices((url) =>
      Promise.resolve(
        Response.json({ Items: /Virtual\+Machines/.test(String(url)) ? [{ ...row, retailPrice: 0.5 }] : [] }),
      ),
    );
    const input = { ...body, loadBalancer: { type: 'internal' } };
    const answer = await call(services, operationOf('estimateSitePlan'), { token, body: input });
    const today = test.clock.now().toISOString().slice(0, 10);
    expect(answer.body).toMatchObject({
      prices: { source: 'mixed', asOf: '2024-05-01', region: 'westeurope' },
      lines: [
        { kind: 'machines', unitPrice: 0.5, source: 'azureRetailPrices', asOf: today },
        { kind: 'loadBalancer', source: 'snapshot', asOf: '2024-05-01' },
        { kind: 'loadBalancer', source: 'snapshot', asOf: '2024-05-01' },
      ],
    });
    const notes = (answer.body['notes'] as string[]).join(' ');
    expect(notes).toMatch(/lacks the prices of some lines/);
    expect(notes).not.toMatch(/not available/);
  });

  it.each([
    ['does not answer', () => Promise.reject(new Error('ENOTFOUND'))],
    ['lacks a price', () => Promise.resolve(Response.json({ Items: [] }))],
  ])("EST-1: falls back to the built-in prices when Azure's list %s", async (_what, respond) => {
    const answer = await call(withPrices(respond), operationOf('estimateSitePlan'), { token, body });
    expect(answer.body).toMatchObject({ total: 812.16, prices: { source: 'snapshot' } });
  });
});

describe('validation', () => {
  it('PLAN-1: lists every error with its location', async () => {
    const body = { ...PARIS, region: 'usgovtexas', machines: { ...PARIS.machines, count: 0 } };
    const { status, body: problem } = await send('validateSitePlan', { body });
    expect(status).toBe(400);
    expect(problem.errors).toMatchObject([{ pointer: '/region' }, { pointer: '/machines/count' }]);
  });

  it('lists the secrets that the scripts prompt for and the manual steps', async () => {
    const { body } = await send('validateSitePlan', { body: { ...PARIS, domain: { kind: 'entra' } } });
    expect(body).toEqual({
      secretsAskedFor: ['VmAdminPassword', 'SqlAdminPassword', 'CertificatePassword', 'EnrolmentToken'],
      manualSteps: [
        expect.stringContaining('service endpoints'),
        expect.stringContaining('enrolment token'),
        expect.stringContaining('Microsoft Entra ID'),
      ],
      warnings: [
        {
          pointer: '/loadBalancer/allowedSources',
          detail: expect.stringContaining('2001:db8::/32') as string,
        },
      ],
    });
  });

  it('requires secrets, certificate and version for a host connection', async () => {
    const bare = await send('validateSitePlan', { query: '?method=hostConnection', body: PARIS });
    expect(bare.body.errors?.map(({ pointer }) => pointer)).toEqual([
      '/machines/administrator/password',
      '/databases/administrator/password',
      '/domain/password',
      '/certificate',
      '/serverVersion',
    ]);
    const whole = await send('validateSitePlan', { query: '?method=hostConnection', body: withSecrets() });
    expect(whole.body).toMatchObject({
      certificate: { subject: 'recording.contoso.example', validUntil: '2099-01-01T00:00:00.000Z' },
      secretsAskedFor: [],
    });
  });

  it('rejects a certificate that has expired by the clock of the service', async () => {
    const certificate = { pfx: makePfx({ notAfter: test.clock.now() }), password: PFX_PASSWORD };
    const { status, body } = await send('validateSitePlan', { body: { ...PARIS, certificate } });
    expect([status, body.errors]).toEqual([
      400,
      [{ pointer: '/certificate/pfx', detail: expect.stringContaining('expired') as string }],
    ]);
  });
});

describe('a template', () => {
  it('ARM-1: is a zip, identical for the same plan, and its site lists its machines at once', async () => {
    const siteId = await createSite();
    const first = await download(siteId, PARIS);
    expect([first.status, first.headers['content-type']]).toEqual([200, 'application/zip']);
    expect(first.headers['content-disposition']).toContain(siteId);
    test.clock.advanceSeconds(60);
    expect((await download(siteId, PARIS)).zip.equals(first.zip)).toBe(true);

    const { body } = await send('getSite', { params: { siteId } });
    const parameters = JSON.parse(
      new TextDecoder().decode(unzipSync(first.zip)['parameter/main.parameters.json']),
    ) as {
      parameters: {
        names: { value: { machines: string[] } };
        siteId: { value: string };
        planFingerprint: { value: string };
      };
    };
    const { names, planFingerprint } = parameters.parameters;
    expect(parameters.parameters.siteId.value).toBe(siteId);
    expect(body['deployment']).toMatchObject({
      status: 'templateCreated',
      region: 'eastus',
      planFingerprint: planFingerprint.value,
      machines: names.value.machines.map((name) => ({ name })),
    });
    const { value } = (await send('listSites')).body as { value: object[] };
    expect(value).toMatchObject([{ deployment: { status: 'templateCreated' } }]);
  });

  it('ARM-5: has the same names for another plan, and others for another site', async () => {
    const [one, two] = [await createSite(), await createSite()];
    const machinesOf = async (siteId: string, plan: PlanInput) => {
      await download(siteId, plan);
      const { deployment } = (await send('getSite', { params: { siteId } })).body as {
        deployment: { machines: { name: string }[] };
      };
      return deployment.machines[0]?.name;
    };
    const names = [
      await machinesOf(one, PARIS),
      await machinesOf(two, PARIS),
      await machinesOf(one, { ...PARIS, region: 'uksouth' }),
    ];
    expect(names[2]).toBe(names[0]);
    expect(names[1]).not.toBe(names[0]);
  });

  it.each([
    ['validateSitePlan', () => Promise.resolve('')],
    ['createArmTemplate', createSite],
  ])('%s opens the certificate file once', async (operation, site) => {
    const siteId = await site();
    const open = jest.spyOn(forge.pkcs12, 'pkcs12FromAsn1');
    try {
      const { status } = await send(operation, {
        ...(siteId ? { params: { siteId } } : {}),
        body: withSecrets(),
      });
      expect([status, open.mock.calls.length]).toEqual([200, 1]);
    } finally {
      open.mockRestore();
    }
  });

  it('keeps no secret of the plan in files or documents', async () => {
    const siteId = await createSite();
    const { zip, status } = await download(siteId, withSecrets());
    expect(status).toBe(200);
    const files = Object.values(unzipSync(zip)).map((bytes) => new TextDecoder().decode(bytes));
    const kept = [...files, ...(await test.stored('control'))].join('\n');
    expect(Object.values(SECRETS).filter((secret) => kept.includes(secret))).toEqual([]);
    const record = await test.services.database.control(CONTOSO).read(siteTemplateType, siteId);
    expect(record?.plan).not.toHaveProperty('certificate');
  });

  it('is logged with its machines', async () => {
    const siteId = await createSite();
    await download(siteId, PARIS);
    const entries = await auditLog(test.services);
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'site.createTemplate', siteId, outcome: 'succeeded' }),
    );
  });

  it('ARM-5: is refused where the service has no installer for its machines', async () => {
    const siteId = await createSite();
    const { config } = test.services;
    const deployment = { ...config.deployment, cloudClientPackageUrl: undefined };
    const services = { ...test.services, config: { ...config, deployment } };
    const request = { token, params: { siteId }, body: PARIS };
    const { status, body } = await call(services, operationOf('createArmTemplate'), request);
    expect([status, body.code, body.detail]).toEqual([
      409,
      'conflict',
      expect.stringContaining('CLOUD_CLIENT_PACKAGE_URL'),
    ]);
  });

  it('is refused for an unknown site, an invalid plan, and read-only administrators', async () => {
    const siteId = await createSite();
    expect((await send('createArmTemplate', { params: { siteId: 'none' }, body: PARIS })).status).toBe(404);
    const bad = await send('createArmTemplate', { params: { siteId }, body: { ...PARIS, name: '' } });
    expect(bad.body.errors).toMatchObject([{ pointer: '/name' }]);
    const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    expect((await send('createArmTemplate', { params: { siteId }, body: PARIS, token: reader })).status).toBe(
      403,
    );
  });

  it('stays listed when the site is renamed', async () => {
    const siteId = await createSite();
    await download(siteId, PARIS);
    const etag = String((await send('getSite', { params: { siteId } })).headers['etag']);
    const renamed = await send('changeSite', {
      params: { siteId },
      body: { name: 'Lyon' },
      headers: { 'if-match': etag },
    });
    expect(renamed.body).toMatchObject({ name: 'Lyon', deployment: { status: 'templateCreated' } });
  });

  it('is not created again for a repeated idempotency key', async () => {
    const siteId = await createSite();
    const again = () =>
      send('createArmTemplate', { params: { siteId }, body: PARIS, headers: { 'idempotency-key': 'k' } });
    expect((await again()).status).toBe(200);
    expect((await again()).body.code).toBe('idempotency-response-not-kept');
  });
});
