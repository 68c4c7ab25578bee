/**
 * `npm run demo`: a recording server's day in a minute, against a temporary service.
 * `-- --events FILE` feeds another Windows event log (gzip accepted), `-- --url URL` uses a running local service.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { provision } from '../infra/local/stack/provision';
import { startStack } from '../infra/local/stack/stack';
import { trustAuthority } from '../infra/local/stack/trust';
import { playJourney } from './demo/journey';
import { line, step } from './demo/print';

const SAMPLES = 'scripts/cloud-client/samples';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { url: { type: 'string' }, events: { type: 'string' } } });
  const samples = path.join(repositoryRoot(), SAMPLES);
  const events = path.resolve(values.events ?? path.join(samples, 'office-day.ndjson'));
  const screen = path.join(samples, 'screen.webm');
  const folder = mkdtempSync(path.join(tmpdir(), 'session-recording-demo-'));
  const startedAt = Date.now();
  // The blob store of a service that `npm start` runs has a certificate of its own authority.
  const authority = path.join(repositoryRoot(), '.local/certificates/ca.pem');
  if (values.url && existsSync(authority)) trustAuthority(authority);
  step(values.url ? `The service at ${values.url} is used` : 'A temporary service is started on free ports');
  const stack = values.url ? undefined : await startStack({ ephemeral: true, provision });
  try {
    const serviceUrl = values.url ?? stack?.url ?? '';
    if (stack) line(`ready at ${serviceUrl} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    await playJourney({ serviceUrl, events, screen, folder });
  } finally {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `\nDone in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.${stack ? ' The temporary service is stopped and its data is removed.' : ''}`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `\nThe demo failed: ${error.message}` : error);
  process.exitCode = 1;
});
