/** What the README says to try by hand works against the service as it is, with the shell and curl alone. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../infra/local/stack/repository-root';
import { eventually, startService, type TestService } from '../support/service';

jest.setTimeout(60_000);

let service: TestService;

beforeAll(async () => {
  service = await startService();
}, 60_000);

afterAll(() => service?.stop());

it('registers, asks for a decision, sends an event and uploads a recording that becomes complete', async () => {
  const administrator = await service.as();
  const { body: client } = await administrator<{ clientId: string; secret: string }>(
    'POST',
    '/api/v1/secureClients',
    { body: { name: 'my recorder' } },
  );
  const env = { SERVICE_URL: service.url, CLIENT_ID: client.clientId, CLIENT_SECRET: client.secret };
  const script = path.join(repositoryRoot(__dirname), 'docs/own-recorder.sh');
  const { stdout } = await promisify(execFile)(script, { env: { ...process.env, ...env } });
  expect(stdout).toMatch(/^decision \{.*\}\nevents \{.*"receivedEvents":1.*\}\nrecording \S+\n$/);
  const recordingId = stdout.trim().split(' ').at(-1);
  await eventually('the recording is complete', async () => {
    const { body } = await administrator<{ value: { id: string; state: string }[] }>(
      'GET',
      '/api/v1/recordings',
    );
    const found = body.value.find(({ id, state }) => id === recordingId && state === 'complete');
    return found && { found: true };
  });
});

it('shows in the README what a wrong field is answered with', async () => {
  const administrator = await service.as();
  const { body } = await administrator<{ errors: unknown }>('POST', '/api/v1/sites', {
    body: { nam: 'Paris' },
  });
  const readme = readFileSync(path.join(repositoryRoot(__dirname), 'README.md'), 'utf8');
  const shown = /```json\n(\{.*?\})\n```/s.exec(readme)?.[1] ?? '{}';
  expect(body.errors).toEqual((JSON.parse(shown) as { errors: unknown }).errors);
});
