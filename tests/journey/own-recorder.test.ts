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

interface Ended {
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(env: NodeJS.ProcessEnv): Promise<Ended> {
  const script = path.join(repositoryRoot(__dirname), 'docs/own-recorder.sh');
  return promisify(execFile)(script, { env: { ...process.env, ...env } });
}

it('registers, asks for a decision, sends an event and uploads a recording that becomes complete', async () => {
  const administrator = await service.as();
  const { body: client } = await administrator<{ clientId: string; secret: string }>(
    'POST',
    '/api/v1/secureClients',
    { body: { name: 'my recorder' } },
  );
  const { stdout } = await run({ SERVICE_URL: service.url, CLIENT: JSON.stringify(client) });
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

const ID = 'abcdef00-0000-4000-8000-000000000000';
const COMPLETE = { CLIENT_ID: ID, CLIENT_SECRET: 'x' };

it.each<[string, () => NodeJS.ProcessEnv, RegExp]>([
  ['nothing is set', () => ({}), /: set CLIENT to the answer of POST \/api\/v1\/secureClients, or CLIENT_ID/],
  [
    'the secure client was refused',
    () => ({ CLIENT: '{"title":"Unauthorized"}' }),
    /: CLIENT is not what .* has no clientId/,
  ],
  ['CLIENT is no JSON', () => ({ CLIENT: 'curl: (7)' }), /: CLIENT is not what POST/],
  [
    'no service answers',
    () => ({ ...COMPLETE, SERVICE_URL: 'http://127.0.0.1:9' }),
    /: POST \/token: curl: \(7\) .*\. Start the service with npm start, or set SERVICE_URL\.$/,
  ],
  [
    'the secret is wrong',
    () => ({ ...COMPLETE, SERVICE_URL: service.url }),
    /: POST \/token was refused with 401: \w+/,
  ],
  [
    'the address is that of something else',
    () => ({ ...COMPLETE, SERVICE_URL: `${service.url}/elsewhere` }),
    /: POST \/token was refused with 404: \S+/,
  ],
])('says in one line what to do when %s', async (_, env, line) => {
  const ended = run({ CLIENT: '', CLIENT_ID: '', CLIENT_SECRET: '', ...env() });
  const { code, stdout, stderr } = await ended.catch((error: unknown) => error as Ended);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
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
