/**
 * `npm run cloud-client`: delivers a Windows event log to a service as a recording server does, from a file, a folder that
 * grows, or standard input.
 */
import { statSync } from 'node:fs';
import { hostname, version } from 'node:os';
import path from 'node:path';
import { runCommand, UsageError } from './cli/command';
import { line } from './demo/print';
import { requireService } from './cli/require-service';
import { CloudClient } from './cloud-client/cloud-client';
import type { Machine } from './cloud-client/machine';
import type { SessionHost } from './cloud-client/command-runner';
import { deliverLog } from './cloud-client/deliver-log';
import { followEventLog } from './cloud-client/event-log/read-event-log';
import type { EventLogSource } from './cloud-client/event-log/read-records';
import { Refusals } from './cloud-client/refusals';
import { showOutcomes } from './cloud-client/show-outcomes';

/** The service refused part of the log. */
const PARTLY_REFUSED = 2;
/** What a recorder without versions of its own reports; a site takes servers that have the server component. */
const CLIENT_VERSION = '7.42.15010.4';
const SERVER_VERSION = '24.2.0.11';

interface Options {
  url?: string;
  events?: string;
  folder: string;
  database?: string;
}

async function run({ url, events, folder, database }: Options): Promise<void> {
  if (url === undefined || events === undefined)
    throw new UsageError('--url and --events say where to and what.');
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
  if (!clientId || !clientSecret)
    throw new UsageError('CLIENT_ID and CLIENT_SECRET must hold the credentials of a secure client.');
  const source = sourceOf(events);
  const machine = machineOf(database);
  const refusals = new Refusals();
  const client = new CloudClient({
    serviceUrl: await requireService(url),
    credentials: { clientId, clientSecret },
    folder: path.resolve(folder),
    host: new LogOnly(),
    machine,
    needsSite: true,
    onRejected: (delivery, reason) => {
      refusals.add(delivery, reason);
      line(`refused: ${delivery.kind} of ${delivery.sessionKey}: ${reason.message}`);
    },
  });
  await client.start();
  try {
    const log = followEventLog(source);
    const sessionCount = await deliverLog(client, log);
    await client.delivered();
    const refusedCount = refusals.sessionKeys.size;
    line(`${sessionCount - refusedCount} of ${sessionCount} sessions delivered, ${refusedCount} refused`);
    showOutcomes(log.counts, refusals.events);
  } finally {
    await client.stop();
  }
  if (refusals.count > 0) process.exitCode = PARTLY_REFUSED;
}

function sourceOf(events: string): EventLogSource {
  if (events === '-') return { kind: 'stream', stream: process.stdin };
  const found = statSync(events, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`There is no event log ${events}.`);
  return { kind: found.isDirectory() ? 'folder' : 'file', path: events };
}

function machineOf(database: string | undefined): Machine {
  const [instance, name] = database?.split('/') ?? [];
  if (database !== undefined && (!instance || !name))
    throw new UsageError(`--database must be INSTANCE/NAME; it is “${database}”.`);
  return {
    machineId: hostname(),
    hostName: hostname(),
    operatingSystem: version(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    clientVersion: CLIENT_VERSION,
    ...(instance && name && { serverVersion: SERVER_VERSION, database: { instance, name } }),
  };
}

/** There are no sessions on this machine, only their log: commands on them fail, and the service gets the reason. */
class LogOnly implements SessionHost {
  startScreenRecording = refuse;
  lockSession = refuse;
  logOffSession = refuse;
  disconnectSession = refuse;
  notifyUser = refuse;
}

function refuse(): Promise<void> {
  return Promise.reject(new Error('the sessions are in a log, not on this machine'));
}

void runCommand({
  name: 'npm run cloud-client',
  description:
    'Delivers a Windows event log to a service as a recording server does; what cannot be sent yet is kept on disk.',
  options: {
    url: { type: 'string', value: 'URL', help: 'where the service is' },
    events: {
      type: 'string',
      value: 'PATH',
      help: 'the log: a file, a folder whose files grow, or - for standard input',
    },
    folder: {
      type: 'string',
      value: 'FOLDER',
      default: '.local/cloud-client',
      help: 'where state and undelivered items are kept',
    },
    database: {
      type: 'string',
      value: 'INSTANCE/NAME',
      help: 'the database of the site to which this server belongs; needed once, a site that has it not yet is created',
    },
  },
  environment: {
    CLIENT_ID: 'of a secure client (POST /api/v1/secureClients)',
    CLIENT_SECRET: 'its secret, in the environment so that no list of processes shows it',
  },
  examples: [
    ['--url http://127.0.0.1:7071 --database sql-01/Recordings --events Security.json', 'a file, to its end'],
    [
      '--url http://127.0.0.1:7071 --events /var/log/forwarded',
      'a folder, until Ctrl-C; the site is known by then',
    ],
  ],
  onInterrupt: 'Interrupted: what is not delivered yet is kept on disk and sent by the next start.',
  run,
});
