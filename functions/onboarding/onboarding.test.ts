/** Packages, install commands and the connectivity guide through the API. */
import { randomUUID } from 'node:crypto';
import { auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { CONTOSO } from '../../tests/support/test-issuer';
import { readByCmd, readByInstaller } from '../../tests/support/windows-command-lines';
import type { Package } from '../../shared/packages/catalogue';
import { addToCatalogue } from '../../shared/packages/package-catalogue';
import { identityOperations } from '../identity';
import { onboardingOperations } from './operations';

let test: RecordingServerTest;
let token: string;

beforeAll(async () => {
  test = await startRecordingServerTest();
  token = await test.issuer.token();
});

afterAll(() => test.close());

function send(id: string, request: TestRequest = {}) {
  const operation = [...onboardingOperations, ...identityOperations].find((item) => item.id === id);
  if (!operation) throw new Error(`operation not found: ${id}`);
  return call(test.services, operation, { token, ...request });
}

const SECRET = 'aB3_x-"%&^';
const CLIENT_ID = '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa';
const command = (more: object = {}) =>
  send('createInstallCommand', { body: { clientId: CLIENT_ID, clientSecret: 'aB3_x-y', ...more } });
const propertiesOf = (body: Record<string, unknown>) => {
  const { text } = body['commandPrompt'] as { text: string };
  return Object.fromEntries(readByInstaller(readByCmd(text, 'prompt').slice('msiexec '.length)).properties);
};
const codes = (list: unknown) => (list as { code: string }[]).map(({ code }) => code);

describe('the install command', () => {
  it('ONB-1: contains the customer of the caller, the client and the mode of its proxy, by default none', async () => {
    const { status, body, headers } = await command();
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(propertiesOf(body)).toEqual({
      CUSTOMERID: CONTOSO,
      CLIENTID: CLIENT_ID,
      CLIENTSECRET: 'aB3_x-y',
      PROXYMODE: '0',
    });
    expect((body['commandPrompt'] as { text: string }).text).toMatch(/ \/qn\+$/);
  });

  it('ONB-1: names a proxy server, or a script or auto-detection, and what goes past it', async () => {
    const manual = await command({
      proxyMode: 1,
      proxyServer: 'http://proxy.contoso.example:8080',
      proxyBypass: ['http://intra.', '10.'],
      logPath: 'C:\\Temp files\\client.log',
    });
    expect(propertiesOf(manual.body)).toMatchObject({
      PROXYMODE: '1',
      PROXYSERVER: 'http://proxy.contoso.example:8080',
      PROXYBYPASS: 'http://intra.;10.',
    });
    expect((manual.body['powershell'] as { text: string }).text).toContain(
      '/l*v "C:\\Temp files\\client.log"',
    );
    const script = await command({ proxyMode: 2, proxyScript: 'https://proxy.contoso.example/a.pac' });
    expect(propertiesOf(script.body)).toMatchObject({
      PROXYMODE: '2',
      PROXYSCRIPT: 'https://proxy.contoso.example/a.pac',
    });
    expect(propertiesOf((await command({ proxyMode: 2 })).body)).not.toHaveProperty('PROXYSCRIPT');
  });

  it.each([
    [{ proxyMode: 1 }, '/proxyServer'],
    [{ proxyServer: 'http://proxy.contoso.example:8080' }, '/proxyServer'],
    [{ proxyMode: 1, proxyServer: 'proxy.contoso.example' }, '/proxyServer'],
    [{ proxyMode: 1, proxyServer: 'proxy.contoso.example:70000' }, '/proxyServer'],
    [{ proxyMode: 2, proxyScript: 'file:///c:/proxy.pac' }, '/proxyScript'],
    [{ proxyMode: 1, proxyServer: 'p:1', proxyScript: 'https://p.example/a.pac' }, '/proxyScript'],
    [{ proxyBypass: ['a'] }, '/proxyBypass'],
    [{ proxyMode: 2, proxyBypass: ['a;b'] }, '/proxyBypass/0'],
    [{ proxyMode: 3 }, '/proxyMode'],
    [{ clientId: 'servers' }, '/clientId'],
    [{ clientSecret: '' }, '/clientSecret'],
    [{ clientSecret: 'a\nb' }, '/clientSecret'],
    [{ clientSecret: 'a\u2028b' }, '/clientSecret'],
    [{ clientVersion: 'newest' }, '/clientVersion'],
    [{ logPath: 'client.log' }, '/logPath'],
    [{ logPath: 'C:\\Logs\\' }, '/logPath'],
    [{ logPath: 'C:\\a"b.log' }, '/logPath'],
    [{ logPath: '%TEMP%\\client.log' }, '/logPath'],
    [{ clientVersion: '7.37.9010.2', customDomain: 'a b.example' }, '/customDomain'],
  ])('ONB-1: refuses %j at %s', async (more, pointer) => {
    const { status, body } = await command(more);
    expect([status, body.errors?.map((error) => error.pointer)]).toEqual([400, [pointer]]);
  });

  it('ONB-1: has a refusal with its place instead of a command where a value could not be passed on', async () => {
    const { status, body } = await command({ clientSecret: SECRET });
    expect(status).toBe(200);
    expect(body['commandPrompt']).toEqual({
      refusals: [{ pointer: '/clientSecret', detail: expect.stringContaining('%') as string }],
    });
    for (const place of ['batchFile', 'powershell'])
      expect(body[place]).toEqual({ text: expect.stringContaining('aB3_x-') as string });
  });

  it('ONB-1: takes a custom domain before 7.37.9010.3 only, with the steps that it needs', async () => {
    const domain = { customDomain: 'recording.contoso.example' };
    const older = await command({ ...domain, clientVersion: '7.37.9010.2' });
    expect(propertiesOf(older.body)).toMatchObject({ CUSTOMDOMAIN: 'recording.contoso.example' });
    expect(codes(older.body['reminders'])).toEqual(
      expect.arrayContaining(['backConnectionHostNames', 'disableLoopbackCheck']),
    );
    expect(JSON.stringify(older.body['reminders'])).toMatch(
      /REG_MULTI_SZ.*REG_DWORD.*DisableLoopbackCheck to 1/,
    );
    for (const version of [{ clientVersion: '7.37.9010.3' }, { clientVersion: '7.37.25459.8745' }, {}]) {
      const { status, body } = await command({ ...domain, ...version });
      expect([status, body.errors]).toEqual([
        400,
        [{ pointer: '/customDomain', detail: expect.stringContaining('7.37.9010.3') as string }],
      ]);
    }
  });

  it('ONB-1: reminds of certificate binding, which newer clients need only without the cloud player alone', async () => {
    const reminders = async (clientVersion: string) =>
      (await command({ clientVersion })).body['reminders'] as { code: string; detail: string }[];
    const binding = async (version: string) =>
      (await reminders(version)).find(({ code }) => code === 'certificateBinding')?.detail;
    expect(await binding('7.37.9010.2')).not.toContain('cloud player');
    expect(await binding('7.37.9010.3')).toContain('cloud player alone');
    expect(codes(await reminders('7.42.15010.4'))).toEqual([
      'unknownClient',
      'elevatedPrompt',
      'outboundPorts',
      'certificateBinding',
      'webStreaming',
      'secretInCommand',
    ]);
  });

  it('ONB-1: is logged, and leaves its secret nowhere', async () => {
    const created = await send('createSecureClient', { body: { name: 'Servers' } });
    const clientId = String(created.body['clientId']);
    const secret = `canary-${randomUUID()}`;
    const { body } = await command({ clientId, clientSecret: secret });
    expect(codes(body['reminders'])).not.toContain('unknownClient');
    for (const container of ['control', 'log', 'people', 'coordination'])
      expect((await test.stored(container)).join('\n')).not.toContain(secret);
    const entries = (await auditLog(test.services)).filter(
      ({ action }) => action === 'secureClient.createInstallCommand',
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ target: { type: 'secureClient', id: clientId, name: 'Servers' } }),
    );
  });
});

describe('the packages', () => {
  const one: Package = {
    kind: 'client',
    version: '7.42.15010.4',
    fileName: 'SRCloudClientService.msi',
    sizeBytes: 7,
    sha256: 'a'.repeat(64),
    publishedAt: '2026-11-01T00:00:00.000Z',
    minimumClientVersion: '7.40.13020.11',
  };

  it('ONB-1: are listed with hash, size and a URL that expires', async () => {
    expect((await send('listPackages')).body).toEqual({
      client: [],
      server: [],
      minimumClientVersion: '7.36.7020.11',
    });
    await addToCatalogue(test.blobs.asStore(), [one, { ...one, version: '7.9.1.1' }]);
    test.clock.advanceSeconds(60);
    const { status, body } = await send('listPackages', { token: await test.issuer.token() });
    const { kind: _kind, ...published } = one;
    expect([status, body['server']]).toEqual([200, []]);
    expect(body['client']).toMatchObject([published, { version: '7.9.1.1' }]);
    expect(body['client']).toMatchObject([
      {
        downloadUrl: `https://blob.test/packages/client/7.42.15010.4/${'a'.repeat(64)}/SRCloudClientService.msi?sp=r&se=3600`,
      },
      {},
    ]);
  });
});

it('ONB-1: the install command names the file that was published for its version', async () => {
  const first = { kind: 'client', sizeBytes: 7, publishedAt: '2026-11-01T00:00:00.000Z' } as const;
  await addToCatalogue(test.blobs.asStore(), [
    { ...first, version: '7.60.1.1', fileName: 'c.msi', sha256: 'b'.repeat(64) },
    { ...first, version: '7.59.1.1', fileName: 'older.msi', sha256: 'c'.repeat(64) },
  ]);
  test.clock.advanceSeconds(60);
  const lineFor = async (more: object) => {
    const { body } = await send('createInstallCommand', {
      body: { clientId: randomUUID(), clientSecret: 'secret', ...more },
      token: await test.issuer.token(),
    });
    return JSON.stringify(body);
  };
  expect(await lineFor({})).toContain('msiexec /i c.msi CUSTOMERID');
  const older = await lineFor({ clientVersion: '7.59.1.1' });
  expect(older).toContain('msiexec /i older.msi CUSTOMERID');
  expect(older).toContain('in the folder with older.msi.');
  expect(await lineFor({ clientVersion: '7.58.1.1' })).toContain('msiexec /i SRCloudClientService.msi');
});

describe('the connectivity guide', () => {
  interface Guide {
    ports: { port: number; protocols: string[]; destinations: string[] }[];
    addressGroups: { group: string; addresses: { url: string; host: string; ports: number[] }[] }[];
    preparations: object[];
    scripts: { bash: string; powershell: string };
  }
  const guide = async (query = '') => {
    const { status, body } = await send('getConnectivity', { query, token: await test.issuer.token() });
    expect(status).toBe(200);
    return body as unknown as Guide;
  };

  it.each(['7.40.13020.11', '7.41.1.1', '7.100.0.0'])(
    'ONB-2: version %s needs port 443 alone',
    async (version) => {
      const { ports, scripts } = await guide(`?clientVersion=${version}`);
      expect(ports).toEqual([
        { port: 443, protocols: ['HTTPS', 'WebSocket'], destinations: ['service', 'signIn', 'storage'] },
      ]);
      expect(scripts.bash).not.toMatch(/ (80|8088|909\d)\n/);
    },
  );

  it.each(['7.40.13020.10', '7.9.99999.1'])(
    'ONB-2: version %s needs eight ports, 80 among them',
    async (version) => {
      const { ports, scripts } = await guide(`?clientVersion=${version}`);
      const expected = [80, 443, 8088, 9090, 9091, 9092, 9093, 9094];
      expect(ports.map(({ port }) => port)).toEqual(expected);
      for (const port of expected) {
        expect(scripts.bash).toContain(`'recording.test' ${port}\n`);
        expect(scripts.powershell).toContain(`HostName = 'recording.test'; Port = ${port} }`);
      }
      expect(scripts.bash).not.toContain(`'blob.test' 8088`);
    },
  );

  it("ONB-2: names three groups of addresses, all of them this deployment's own", async () => {
    const { addressGroups } = await guide();
    const hosts = addressGroups.map(({ group, addresses }) => [group, addresses.map(({ host }) => host)]);
    expect(hosts).toEqual([
      ['service', ['recording.test']],
      [
        'signIn',
        [new URL(test.services.config.administrators.issuerTemplate.replace('{tenantid}', 'x')).hostname],
      ],
      ['storage', ['blob.test', 'downloads.recording.test']],
    ]);
  });

  it('ONB-2: needs certificate and web streaming service unless a newer client serves the cloud player alone', async () => {
    const needed = async (query: string) => codes((await guide(query)).preparations);
    const both = ['certificateBinding', 'webStreaming'];
    expect(await needed('?clientVersion=7.37.9010.2&cloudPlayerOnly=true')).toEqual(both);
    expect(await needed('?clientVersion=7.37.9010.3')).toEqual(both);
    expect(await needed('?clientVersion=7.37.9010.3&cloudPlayerOnly=true')).toEqual([]);
  });

  it('ONB-2: refuses what is no version', async () => {
    const { status, body } = await send('getConnectivity', {
      query: '?clientVersion=latest',
      token: await test.issuer.token(),
    });
    expect([status, body.errors?.map(({ parameter }) => parameter)]).toEqual([400, ['clientVersion']]);
  });
});
