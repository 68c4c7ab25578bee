/** `npm run cloud-client -- run`: plays a recording server until Ctrl-C. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, UsageError } from '../../cli/command';
import { wholeNumber } from '../../cli/whole-number';
import { CloudClient } from '../cloud-client';
import { CredentialsRefusedError } from '../connection';
import { deliverLog } from '../deliver-log';
import { followEventLog } from '../event-log/read-event-log';
import type { EventLogSource } from '../event-log/read-records';
import { proxiedHttpClient } from '../http-client';
import { MachineStateReader } from '../machine-state';
import { markRecording, watchRecordings } from '../recordings-folder';
import {
  connectEnvironment,
  connectOptions,
  credentialsOf,
  describeMachine,
  eventSourceOf,
  machineOf,
  machineOptions,
  proxyOf,
  serviceUrlOf,
} from './connect';
import { SimulatedMachine } from '../simulated-machine/simulated-machine';
import { LogOnlyHost } from './log-only-host';

/** How it ended, beside 0, 1 (failed) and 2 (called wrongly, or the service refused deliveries). */
const PARTLY_REFUSED = 2;
const SPOOL_KEPT = 3;
const CREDENTIALS_REFUSED = 4;

const MEBIBYTE = 1_048_576;

interface Options {
  url?: string;
  'client-id'?: string;
  'secret-file'?: string;
  proxy?: string;
  events?: string;
  recordings?: string;
  machine?: string;
  folder: string;
  database?: string;
  'host-name'?: string;
  'max-spool-mb': string;
  'hold-seconds': string;
  'grace-seconds': string;
}

const say = (text: string): void => {
  console.log(text);
};

async function run(options: Options): Promise<void> {
  const interrupted = new AbortController();
  const refused = { count: 0 };
  const client = newClient(options, refused);
  const graceSeconds = wholeNumber('grace-seconds', options['grace-seconds']);
  const source = options.events === undefined ? undefined : eventSourceOf(options.events);
  interruptBy(interrupted, client, graceSeconds);
  try {
    say(`registered as server ${await client.start()}`);
    await Promise.race([client.finished, readSources(client, { ...options, source }, interrupted.signal)]);
    await Promise.race([client.delivered(), sleep(graceSeconds * 1000, undefined, { ref: false })]);
    await client.stop();
  } catch (error) {
    if (!interrupted.signal.aborted || error instanceof CredentialsRefusedError) throw error;
  } finally {
    if (client.pending > 0)
      say(
        `${client.pending} deliveries are kept in ${path.resolve(options.folder)}; the next start sends them`,
      );
  }
  process.exitCode = client.pending > 0 ? SPOOL_KEPT : refused.count > 0 ? PARTLY_REFUSED : 0;
}

function newClient(options: Options, refused: { count: number }): CloudClient {
  const folder = path.resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const maxMegabytes = wholeNumber('max-spool-mb', options['max-spool-mb']);
  if (maxMegabytes === 0) throw new UsageError('--max-spool-mb must be 1 or more.');
  const state = new MachineStateReader(options.recordings ?? folder, () => client.liveSessionCount);
  const described = machineOf(options);
  say(`this machine: ${describeMachine(described)}`);
  const http = proxiedHttpClient(proxyOf(options.proxy));
  const simulated = options.machine === undefined ? undefined : new SimulatedMachine(options.machine, http);
  const client: CloudClient = new CloudClient({
    serviceUrl: serviceUrlOf(options.url),
    credentials: credentialsOf(options),
    http,
    folder,
    host: new LogOnlyHost(),
    machine: () => ({ ...described, ...simulated?.versions }),
    ...(simulated && {
      executeOnMachine: (command, report) => simulated.execute(command, report),
      configuration: simulated.settings,
    }),
    performance: {},
    maxSpoolBytes: maxMegabytes * MEBIBYTE,
    readState: async () => ({ ...(await state.read()), ...simulated?.health }),
    onRejected: ({ kind, sessionKey }, reason) => {
      refused.count += 1;
      say(`refused: ${kind} of ${sessionKey}: ${reason.message}`);
    },
    onRejectedRecord: (kind, reason) => {
      refused.count += 1;
      say(`refused: ${kind}: ${reason.message}`);
    },
    onSettingsRefused: (reason) => {
      say(`the service does not accept the settings of the machine: ${reason.message}`);
    },
    onWithoutSite: (isWithoutSite) => {
      say(
        isWithoutSite
          ? `${described.hostName} belongs to no site: deliveries wait, nothing is lost. Start it with --database INSTANCE/NAME, or let an administrator give it a site.`
          : `${described.hostName} belongs to a site: what has waited is delivered`,
      );
    },
    onSettled: markRecording,
    onRetry: (kind, reason) => {
      say(`tried again: ${kind}: ${String(reason)}`);
    },
    onDamaged: (file) => {
      say(`the disk has lost a delivery: ${file}`);
    },
    onSpoolFull: (isFull) => {
      say(
        isFull ? 'the spool is full: reading waits, nothing is lost' : 'the spool has room: reading goes on',
      );
    },
  });
  return client;
}

/** Reads until the interruption; a source that ends before does not end the server. @throws the client's failure */
async function readSources(
  client: CloudClient,
  { source, recordings, 'hold-seconds': hold }: Options & { source: EventLogSource | undefined },
  signal: AbortSignal,
): Promise<void> {
  const readEvents = async () => {
    if (!source) return;
    const holdMilliseconds = wholeNumber('hold-seconds', hold) * 1000;
    const log = followEventLog(source, { signal, holdMilliseconds });
    const sessions = await deliverLog(client, log);
    say(`the events are read: ${log.counts.recordsRead} records, ${sessions} sessions`);
  };
  const readRecordings = async () => {
    if (recordings === undefined) return;
    const onProblem = (file: string, reason: string) => {
      say(`${file}: ${reason}`);
    };
    await watchRecordings({ folder: recordings, client, onProblem }, signal);
  };
  // Standard input may stay open for ever: its reading ends with the process.
  const interrupted = new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  const reading = Promise.all([readEvents(), readRecordings()]).then(() => interrupted);
  await (source?.kind === 'folder' ? reading : Promise.race([reading, interrupted]));
}

/** The first signal ends it orderly, a second one at once: the spool survives both. */
function interruptBy(interrupted: AbortController, client: CloudClient, graceSeconds: number): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(SPOOL_KEPT);
      console.error(
        `\nInterrupted: what was read is delivered now, for up to ${graceSeconds} s; the rest is kept on disk.`,
      );
      interrupted.abort();
      if (!client.isStarted) void client.stop().catch(() => undefined);
    });
  }
}

async function runAndReport(options: Options): Promise<void> {
  try {
    await run(options);
  } catch (error) {
    if (!(error instanceof CredentialsRefusedError)) throw error;
    console.error(error.message);
    process.exit(CREDENTIALS_REFUSED);
  }
  // Standard input or a retry may keep the process alive.
  process.exit();
}

export const runServer = (args: string[], name: string): Promise<void> =>
  runCommand(
    {
      name,
      description: [
        'Plays a recording server until Ctrl-C or SIGTERM: registers, sends heartbeats, applies the configuration, delivers events',
        'and recordings, and executes commands. What cannot be sent yet is kept on disk; when that is full, reading waits.',
        '',
        'Exit codes: 0 all was delivered; 1 it failed; 2 the service refused a delivery, or the call was wrong; 3 deliveries are',
        'kept in the folder for the next start; 4 the service does not accept the credentials, and everything is kept.',
      ].join('\n'),
      options: {
        ...connectOptions,
        events: {
          type: 'string',
          value: 'PATH',
          help: 'session events (NDJSON) or Windows event logs: a folder whose files grow, a file, or - for standard input',
        },
        recordings: {
          type: 'string',
          value: 'FOLDER',
          help: 'recordings (MP4, WebM, NDJSON), each with a NAME.recording.json beside it: docs/cloud-client-protocol.md',
        },
        machine: {
          type: 'string',
          value: 'FOLDER',
          help: 'plays the machine: registry, services, settings, disk; its scenario.json says what is to fail',
        },
        ...machineOptions,
        'max-spool-mb': {
          type: 'string',
          value: 'MB',
          default: '1024',
          help: 'from this size of what is undelivered on, events are no longer read until there is room',
        },
        'hold-seconds': {
          type: 'string',
          value: 'SECONDS',
          default: '5',
          help: 'how long a record waits for others of the same happening; 0 for session events alone',
        },
        'grace-seconds': {
          type: 'string',
          value: 'SECONDS',
          default: '10',
          help: 'how long after Ctrl-C or SIGTERM what was read is still delivered; the rest is kept on disk',
        },
      },
      environment: connectEnvironment,
      examples: [
        [
          '--url https://recording.example --client-id ID --secret-file secret --events /var/log/forwarded',
          'a folder',
        ],
        ['--url http://127.0.0.1:7071 --events - --recordings ./recordings', 'events from standard input'],
      ],
      run: runAndReport,
    },
    args,
  );
