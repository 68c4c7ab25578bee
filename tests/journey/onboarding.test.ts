/** A machine is brought to the service, as its administrator and its operator do it, over HTTP. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { ContainerClient } from '@azure/storage-blob';
import { PARIS } from '../../arm-templates/testing/plans';
import { publishPackage } from '../../scripts/packages/publish-package';
import { PACKAGES } from '../../shared/blobs/blob-containers';
import { openBlobStore } from '../../shared/blobs/blob-store';
import { systemClock } from '../../shared/clock';
import { loadConfig } from '../../shared/config';
import { appCredential } from '../../shared/credential';
import { VersionTaken } from '../../shared/packages/catalogue';
import { createTestCustomer, machine, type TestCustomer } from '../support/customer-requests';
import { callerWith, eventually, startService, type TestService } from '../support/service';
import { readByCmd, readByInstaller } from '../support/windows-command-lines';

interface PublishedPackage {
  version: string;
  sha256: string;
  sizeBytes: number;
  downloadUrl: string;
}
interface Diagnosis {
  findings: { code: string }[];
  lastAttempt?: { outcome: string; reason?: string };
}

let service: TestService;
let customer: TestCustomer;
let folder: string;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  folder = mkdtempSync(path.join(tmpdir(), 'packages-'));
}, 120_000);

afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

const packages = async () =>
  (
    await customer.administrator<{ client: PublishedPackage[]; server: PublishedPackage[] }>(
      'GET',
      '/api/v1/onboarding/packages',
    )
  ).body;
const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex');
async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Where the operator publishes packages. */
function storage() {
  const config = loadConfig(service.stack.env);
  const credential = appCredential(config);
  const { blobEndpoint } = config.storage;
  return {
    blobs: openBlobStore(config, credential, systemClock),
    container: new ContainerClient(`${blobEndpoint}/${PACKAGES}`, credential),
  };
}

it('ONB-1: a fresh service has a package of each kind, which can be downloaded and has the hash that is listed', async () => {
  const { client, server } = await packages();
  expect([client.length, server.length]).toEqual([1, 1]);
  for (const one of [...client, ...server]) {
    const content = await download(one.downloadUrl);
    expect([sha256Of(content), content.length]).toEqual([one.sha256, one.sizeBytes]);
  }
  const url = new URL(client[0]?.downloadUrl ?? '');
  expect((await fetch(new URL(url.pathname, url.origin))).status).toBeGreaterThanOrEqual(400);
});

it('ONB-1: the package that a template names can be downloaded, and is the one of the catalogue', async () => {
  const token = await service.token({ customer: 'contoso' });
  const response = await fetch(`${service.url}/api/v1/sites/${customer.siteId}/armTemplate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(PARIS),
  });
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const { parameters } = JSON.parse(new TextDecoder().decode(files['parameter/main.parameters.json'])) as {
    parameters: Record<string, { value: string }>;
  };
  const url = parameters['cloudClientPackageUrl']?.value ?? '';
  const content = await download(url);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(content.length)]);
  expect(sha256Of(content)).toBe(parameters['cloudClientPackageSha256']?.value.toLowerCase());
  expect((await packages()).client.map(({ sha256 }) => sha256)).toContain(sha256Of(content));
});

it('ONB-1: what operators publish at the same time is all listed, the newest first', async () => {
  const files = ['7.50.1.1', '7.50.1.2', '7.9.1.1'].map((version) => {
    const file = path.join(folder, `SRCloudClientService-${version}.msi`);
    writeFileSync(file, `content of ${version}`);
    return { file, version };
  });
  await Promise.all(
    [...files, ...files].map(({ file, version }) =>
      publishPackage(storage(), file, { kind: 'client', version, minimumClientVersion: undefined }),
    ),
  );
  const listed = await eventually(
    'The new versions are listed',
    async () => {
      const { client } = await packages();
      return client.length === 4 ? client : undefined;
    },
    40,
  );
  expect(listed.map(({ version }) => version)).toEqual(['7.50.1.2', '7.50.1.1', '7.42.15010.4', '7.9.1.1']);
  expect((await download(listed[0]?.downloadUrl ?? '')).toString()).toBe('content of 7.50.1.2');

  writeFileSync(files[0]?.file ?? '', 'something else');
  const again = publishPackage(storage(), files[0]?.file ?? '', {
    kind: 'client',
    version: '7.50.1.1',
    minimumClientVersion: undefined,
  });
  await expect(again).rejects.toThrow(VersionTaken);
}, 60_000);

it('ONB-1, ONB-2: the install command of a client signs in, and the guide names where', async () => {
  const { clientId, clientSecret } = customer;
  const made = await customer.administrator<{ commandPrompt: { text: string } }>(
    'POST',
    '/api/v1/onboarding/installCommand',
    { body: { clientId, clientSecret } },
  );
  expect(made.status).toBe(200);
  const line = readByCmd(made.body.commandPrompt.text, 'prompt');
  const properties = readByInstaller(line.slice('msiexec '.length)).properties;
  const guide = await customer.administrator<{ addressGroups: { addresses: { url: string }[] }[] }>(
    'GET',
    '/api/v1/onboarding/connectivity',
  );
  const at = guide.body.addressGroups[0]?.addresses[0]?.url ?? '';
  expect(at).toBe(service.url);
  const response = await fetch(`${at}/api/cloud-client/v1/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: properties.get('CLIENTID') ?? '',
      client_secret: properties.get('CLIENTSECRET') ?? '',
    }),
  });
  expect(response.status).toBe(200);
});

it('ONB-1, IAM-4: is refused with the reason to who is an administrator only through a group', async () => {
  const group = '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa';
  const body = { name: 'Operators', kind: 'fullAdmin' };
  await customer.administrator('PUT', `/api/v1/administratorGroups/${group}`, { body });
  const member = await service.as({ role: 'none', group, customer: 'contoso', user: 'bob@contoso.example' });
  await eventually('The group has its role', async () =>
    (await member('GET', '/api/v1/me')).body['kind'] === 'fullAdmin' ? true : undefined,
  );
  const { clientId, clientSecret } = customer;
  const refused = await member('POST', '/api/v1/onboarding/installCommand', {
    body: { clientId, clientSecret },
  });
  expect(refused).toMatchObject({ status: 403, body: { code: 'role-through-group' } });
  expect((await member('GET', '/api/v1/onboarding/packages')).status).toBe(200);
});

it('TRB-4: a server is missed, diagnosed and found', async () => {
  const diagnose = async (body: object) =>
    (await customer.administrator<Diagnosis>('POST', '/api/v1/onboarding/diagnosis', { body })).body;
  const codes = async (body: object) => (await diagnose(body)).findings.map(({ code }) => code);
  const made = await customer.administrator<{ clientId: string; secret: string }>(
    'POST',
    '/api/v1/secureClients',
    {
      body: { name: 'Berlin' },
    },
  );
  const { clientId, secret } = made.body;
  const signIn = async (clientSecret: string) => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const response = await fetch(`${service.url}/api/cloud-client/v1/token`, { method: 'POST', body });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  expect(await codes({ clientId })).toEqual(['neverSeen']);
  await signIn('wrong');
  expect(await diagnose({ clientId })).toMatchObject({
    findings: [{ code: 'wrongSecret' }],
    lastAttempt: { outcome: 'refused', reason: 'wrongSecret' },
  });
  const server = callerWith(service.url, await signIn(secret));
  expect(await codes({ clientId })).toEqual(['notRegistered']);
  const berlin = { ...machine({ instance: 'sql-berlin', name: 'recordings' }), hostName: 'BERLIN01' };
  const servers = '/api/cloud-client/v1/servers';
  await server('POST', servers, { body: { ...berlin, serverVersion: '20.3.0.1' } });
  expect(await codes({ hostName: 'berlin01' })).toEqual(['versionNotSupported']);
  await server('POST', servers, { body: { ...berlin, clientTime: new Date().toISOString() } });
  expect(await codes({ hostName: 'berlin01' })).toEqual(['seen']);
});
