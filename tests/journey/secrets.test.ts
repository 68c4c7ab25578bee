/** Secrets stay in the vault: nothing that any process stores on disk contains them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { playJourney, type Journey } from '../../scripts/soak/journey/play-journey';
import { startService, type TestService } from '../support/service';
import { findOnDisk } from './find-on-disk';

/** Every encoding writes these characters in its own way. */
const OLD_PASSWORD = 'old p@ss/w+rd "marker" 7fQz?&=%';
const NEW_PASSWORD = 'new p@ss/w+rd "marker" 9kXv?&=%';

const folder = mkdtempSync(path.join(tmpdir(), 'secrets-'));
let service: TestService;
let journey: Journey;
let secrets: Record<string, string>;

beforeAll(async () => {
  service = await startService();
  journey = await playJourney({
    stack: service.stack,
    customer: 'secrets',
    folder,
    operationDelaySeconds: 0,
    smtpPassword: OLD_PASSWORD,
  });
  const { administrator, siteId, secureClient } = journey;
  await administrator.patch(
    `/sites/${siteId}/settings`,
    { emailAlerts: { smtp: { password: NEW_PASSWORD } } },
    doneAfter(1),
  );
  const rotated = await administrator.post<{ secret: string }>(
    `/secureClients/${secureClient.clientId}/secrets`,
    {},
  );
  secrets = {
    'the previous SMTP password': OLD_PASSWORD,
    'the SMTP password': NEW_PASSWORD,
    "the secure client's first secret": secureClient.secret,
    "the secure client's second secret": rotated.secret,
  };
}, 120_000);

afterAll(async () => {
  await journey?.client.stop();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('the passwords were used: the mail server accepted them', async () => {
  const mails = (await service.outbox()) as { authenticatedUser?: string }[];
  expect(mails.length).toBeGreaterThan(0);
  for (const { authenticatedUser } of mails) expect(authenticatedUser).toBe('recording@contoso.example');
});

test.each([
  'the previous SMTP password',
  'the SMTP password',
  "the secure client's first secret",
  "the secure client's second secret",
])('IAM-8: %s is nowhere on disk', (name) => {
  const secret = secrets[name];
  if (!secret) throw new Error(`unknown secret: ${name}`);
  for (const root of [service.stack.dataDir, folder]) expect(findOnDisk(root, secret)).toEqual([]);
});

test('the search covers every store, including compressed text', async () => {
  const { administrator, siteId } = journey;
  const marker = 'Marker "so that it" can be found: 3hJw/+';
  // In the database as it is, in the answer kept for the Idempotency-Key packed, and in a blob.
  await administrator.post(`/sites/${siteId}/eventDetectionPolicies`, {
    name: 'Marker',
    description: marker,
    rules: [],
  });
  const found = findOnDisk(service.stack.dataDir, marker);
  const places = found.map(({ file, how }) => `${file.split(path.sep)[0]} ${how}`);
  expect(places).toEqual(expect.arrayContaining(['cosmos.sqlite JSON', 'cosmos.sqlite packed']));
  expect(places.filter((place) => place.startsWith('azurite'))).not.toEqual([]);
});

/** For a change that looks the same before and after: it is done when it was made this many times. */
function doneAfter(times: number): () => boolean {
  let asked = 0;
  return () => asked++ >= times;
}
