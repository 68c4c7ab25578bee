/** The example client of the documentation, against the service as it is: it needs nothing but the documents. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(90_000);

const EXAMPLE = path.join(repositoryRoot(__dirname), 'docs/examples/cloud-client.mjs');

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await startService();
  folder = mkdtempSync(path.join(tmpdir(), 'example-client-'));
}, 60_000);
afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true });
});

/** Locks every session in which PowerShell starts. */
const LOCK_AT_POWERSHELL = {
  name: 'Lock at PowerShell',
  rules: [
    {
      name: 'PowerShell',
      scope: { everyone: true },
      triggers: [{ eventType: 'appStart', conditions: [], actions: ['lockSession'] }],
    },
  ],
};

it('CCL-5: the example client registers, plays a session, executes a command and uploads a recording', async () => {
  const administrator = await service.as();
  const { body: client } = await administrator<{ clientId: string; secret: string }>(
    'POST',
    '/api/v1/secureClients',
    { body: { name: 'example' } },
  );
  const database = { instance: 'example-sql', name: 'Recordings' };
  const { body: site } = await administrator<{ id: string }>('POST', '/api/v1/sites', {
    body: { name: 'Examples', database },
  });
  const base = `/api/v1/sites/${site.id}/eventResponsePolicies`;
  const policy = await administrator<{ id: string }>('POST', base, { body: LOCK_AT_POWERSHELL });
  expect(policy).toMatchObject({ status: 201 });
  await administrator('POST', `${base}/${policy.body.id}/activate`);

  const authority = path.join(folder, 'ca.pem');
  writeFileSync(authority, await (await fetch(`${service.url}/local/ca.pem`)).text());
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE], {
    env: {
      ...process.env,
      SERVICE_URL: service.url,
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.secret,
      NODE_EXTRA_CA_CERTS: authority,
    },
  });
  expect(stdout).toMatch(
    /^server [\da-f-]{36}\nsession [\da-f-]{36}: \w+\ncommand lockSession succeeded\nrecording \S+\n$/,
  );
  const recordingId = stdout.trim().split(' ').at(-1);
  await eventually('the recording is complete', async () => {
    const { body } = await administrator<{ value: { id: string; state: string }[] }>(
      'GET',
      '/api/v1/recordings',
    );
    return body.value.some(({ id, state }) => id === recordingId && state === 'complete') ? true : undefined;
  });
});

it('CCL-6: the OpenAPI document links the cloud client operations to the page about the protocol, which is served', async () => {
  const document = (await (await fetch(`${service.url}/api/openapi.json`)).json()) as {
    tags: { name: string; externalDocs?: { url: string } }[];
  };
  const { externalDocs } = document.tags.find(({ name }) => name === 'Cloud client') ?? {};
  const page = await fetch(externalDocs?.url ?? '');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
  expect(await page.text()).toContain('# The cloud client protocol');
});
