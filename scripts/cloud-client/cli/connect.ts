/** Options that the commands of the cloud client share: where the service is, with which credentials, and as which machine. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { hostname, version } from 'node:os';
import path from 'node:path';
import { UsageError } from '../../cli/command';
import type { Credentials } from '../connection';
import type { EventLogSource } from '../event-log/read-records';
import type { Machine } from '../machine';
import { PersistentMap } from '../persistent-map';

/** What a recorder without versions of its own reports; a site takes servers that have the server component. */
const CLIENT_VERSION = '7.42.15010.4';
const SERVER_VERSION = '24.2.0.11';

/** What was given of the machine, in the folder. */
const MACHINE_FILE = 'machine.json';

export const connectOptions = {
  url: { type: 'string', value: 'URL', help: 'where the service is' },
  'client-id': { type: 'string', value: 'ID', help: 'of the secure client; or CLIENT_ID' },
  'secret-file': {
    type: 'string',
    value: 'FILE',
    help: 'a file that holds the secret alone; or CLIENT_SECRET',
  },
  proxy: {
    type: 'string',
    value: 'URL',
    help: 'an HTTP proxy for all requests, such as http://proxy.example:3128; or HTTPS_PROXY and NO_PROXY',
  },
  folder: {
    type: 'string',
    value: 'FOLDER',
    default: '.local/cloud-client',
    help: 'where state and undelivered items are kept',
  },
} as const;

export const connectEnvironment = {
  CLIENT_ID: 'of a secure client (POST /api/v1/secureClients)',
  CLIENT_SECRET: 'its secret, in the environment so that no list of processes shows it',
  HTTPS_PROXY: 'an HTTP proxy where --proxy names none; a password belongs here rather than into --proxy',
  NODE_EXTRA_CA_CERTS: 'a file of certificate authorities to trust, such as that of a proxy that opens TLS',
};

export const machineOptions = {
  database: {
    type: 'string',
    value: 'INSTANCE/NAME',
    help: 'the database of the site to which this server belongs, created where there is none; kept in the folder, so needed once',
  },
  'host-name': {
    type: 'string',
    value: 'NAME',
    help: 'of this server, kept in the folder; the name of this machine at first',
  },
} as const;

/** @throws UsageError */
export function serviceUrlOf(url: string | undefined): string {
  if (url === undefined) throw new UsageError('--url says where the service is.');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url must be an http or https URL; it is “${url}”.`);
  return url.replace(/\/+$/, '');
}

/** @throws UsageError */
export function proxyOf(proxy: string | undefined): URL | undefined {
  if (proxy === undefined) return undefined;
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw new UsageError('--proxy must be an http or https URL such as http://proxy.example:3128.');
  return new URL(proxy);
}

interface CredentialOptions {
  'client-id'?: string;
  'secret-file'?: string;
}

/** @throws UsageError */
export function credentialsOf(options: CredentialOptions): Credentials {
  const clientId = options['client-id'] ?? process.env['CLIENT_ID'];
  const file = options['secret-file'];
  const clientSecret = file === undefined ? process.env['CLIENT_SECRET'] : secretIn(file);
  if (!clientId || !clientSecret)
    throw new UsageError(
      'CLIENT_ID and CLIENT_SECRET must hold the credentials of a secure client, or --client-id and --secret-file name them.',
    );
  return { clientId, clientSecret };
}

function secretIn(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new UsageError(`There is no file ${file}.`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    throw new UsageError(`Others can read ${file}: chmod 600 it first.`);
  return readFileSync(file, 'utf8').trim();
}

interface MachineOptions {
  /** Where what was given is kept for later starts. */
  folder: string;
  database?: string;
  'host-name'?: string;
}

/**
 * This machine as it registers: as it is named now, else as it was named by an earlier start with this folder. Without
 * that a restart would take the server out of its site, or register another one.
 * @throws UsageError
 */
export function machineOf({ folder, database: given, 'host-name': hostGiven }: MachineOptions): Machine {
  const { hostName, database } = rememberMachine(path.resolve(folder), {
    hostName: hostGiven,
    database: given === undefined ? undefined : databaseOf(given),
  });
  return {
    machineId: hostName,
    hostName,
    operatingSystem: version(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    clientVersion: CLIENT_VERSION,
    ...(database && { serverVersion: SERVER_VERSION, database }),
  };
}

function databaseOf(text: string): NonNullable<Machine['database']> {
  const [instance, name] = text.split('/');
  if (!instance || !name) throw new UsageError(`--database must be INSTANCE/NAME; it is “${text}”.`);
  return { instance, name };
}

/** The machine in a few words. */
export function describeMachine({ hostName, database }: Machine): string {
  return `${hostName}, ${database ? `of the database ${database.instance}/${database.name}` : 'without a database'}`;
}

type KnownMachine = Pick<Machine, 'hostName' | 'database'>;

/** What is known of the machine, on disk when this returns. A database is kept for the host name that it was given for. */
function rememberMachine(folder: string, given: Partial<KnownMachine>): KnownMachine {
  mkdirSync(folder, { recursive: true });
  const kept = new PersistentMap<KnownMachine>(path.join(folder, MACHINE_FILE));
  const former = kept.get('machine');
  const hostName = given.hostName ?? former?.hostName ?? hostname();
  const database = given.database ?? (former?.hostName === hostName ? former.database : undefined);
  const machine = { hostName, ...(database && { database }) };
  kept.set('machine', machine);
  return machine;
}

/** @throws UsageError */
export function eventSourceOf(events: string): EventLogSource {
  if (events === '-') return { kind: 'stream', stream: process.stdin };
  const found = statSync(events, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`There is no event log ${events}.`);
  return { kind: found.isDirectory() ? 'folder' : 'file', path: events };
}
