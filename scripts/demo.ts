/**
 * `npm run demo`: a recording server's day in a minute, against a temporary service.
 * `-- --events FILE` feeds another Windows event log (gzip accepted), `-- --url URL` uses a running local service.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storage } from '../functions/storage';
import { repositoryRoot } from '../infra/local/stack/repository-root';
import { provisioner } from '../infra/local/stack/provision';
import { startStack } from '../infra/local/stack/stack';
import { trustAuthority } from '../infra/local/stack/trust';
import { runCommand, UsageError } from './cli/command';
import { requireService } from './cli/require-service';
import { readEventLog } from './cloud-client/event-log/read-event-log';
import { playJourney } from './demo/journey';
import { line, step } from './demo/print';

/** The service refused part of the log. */
const PARTLY_REFUSED = 2;

const SAMPLES = 'scripts/cloud-client/samples';

interface Options {
  url?: string;
  events?: string;
}

async function demo(options: Options): Promise<void> {
  const samples = path.join(repositoryRoot(), SAMPLES);
  const events = path.resolve(options.events ?? path.join(samples, 'office-day.ndjson'));
  if (!existsSync(events)) throw new UsageError(`There is no event log ${events}.`);
  const screen = path.join(samples, 'screen.webm');
  const url = options.url === undefined ? undefined : await requireService(options.url);
  // Before anything is started: a file that cannot be read needs no service.
  const kind = statSync(events).isDirectory() ? 'folder' : 'file';
  const log = await readEventLog({ kind, path: events }, { lastRecordAt: new Date() });
  const startedAt = Date.now();
  // The blob store of a service that `npm start` runs has a certificate of its own authority.
  const authority = path.join(repositoryRoot(), '.local/certificates/ca.pem');
  if (url !== undefined && existsSync(authority)) trustAuthority(authority);
  step(url ? `The service at ${url} is used` : 'A temporary service is started on free ports');
  const folder = mkdtempSync(path.join(tmpdir(), 'session-recording-demo-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const stack =
    url === undefined ? await startStack({ ephemeral: true, provision: provisioner(storage) }) : undefined;
  let refusedCount = 0;
  try {
    const serviceUrl = url ?? stack?.url ?? '';
    if (stack) line(`ready at ${serviceUrl} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    const refusals = await playJourney({ serviceUrl, logFile: events, log, screen, folder });
    refusedCount = refusals.count;
  } catch (error) {
    throw new Error(`The demo failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await stack?.stop();
  }
  if (refusedCount > 0) {
    console.error(`\nThe service refused ${refusedCount} deliveries: they are lost, and listed above.`);
    process.exitCode = PARTLY_REFUSED;
  }
  console.log(
    `\nDone in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.${stack ? ' The temporary service is stopped and its data is removed.' : ''}`,
  );
}

void runCommand({
  name: 'npm run demo',
  description:
    "Plays a recording server's day in half a minute, against a temporary service or one that runs.",
  options: {
    url: {
      type: 'string',
      value: 'URL',
      help: 'uses the local service that runs there (not an --ephemeral one)',
    },
    events: {
      type: 'string',
      value: 'FILE',
      help: 'delivers this Windows event log, or all of a folder: JSON lines or an array, gzip accepted (default: a sample)',
    },
  },
  examples: [
    ['', 'on free ports; nothing is left behind'],
    ['--events ~/Security.json.gz', 'with a log of your own'],
    ['--url http://127.0.0.1:7071', 'against npm start, to look at the result afterwards'],
  ],
  onInterrupt: 'Interrupted: what the demo started is stopped, and its data removed.',
  run: demo,
});
