/** `npm run cloud-client -- deliver`: delivers one event log, then says what became of each record. */
import path from 'node:path';
import { runCommand, UsageError } from '../../cli/command';
import { requireService } from '../../cli/require-service';
import { line } from '../../demo/print';
import { CloudClient } from '../cloud-client';
import { deliverLog } from '../deliver-log';
import { followEventLog } from '../event-log/read-event-log';
import { proxiedHttpClient } from '../http-client';
import { Refusals } from '../refusals';
import { showOutcomes } from '../show-outcomes';
import {
  connectEnvironment,
  connectOptions,
  credentialsOf,
  eventSourceOf,
  machineOf,
  machineOptions,
  proxyOf,
} from './connect';
import { LogOnlyHost } from './log-only-host';

/** The service refused part of the log. */
const PARTLY_REFUSED = 2;

interface Options {
  url?: string;
  'client-id'?: string;
  'secret-file'?: string;
  proxy?: string;
  events?: string;
  folder: string;
  database?: string;
  'host-name'?: string;
}

async function deliver(options: Options): Promise<void> {
  const { url, events } = options;
  if (url === undefined || events === undefined)
    throw new UsageError('--url and --events say where to and what.');
  const credentials = credentialsOf(options);
  const source = eventSourceOf(events);
  const machine = machineOf(options);
  const proxy = proxyOf(options.proxy);
  const refusals = new Refusals();
  const progress = { isDelivering: false };
  const client = new CloudClient({
    // Through a proxy the client itself tries until the service answers.
    serviceUrl: proxy ? url.replace(/\/+$/, '') : await requireService(url),
    credentials,
    http: proxiedHttpClient(proxy),
    folder: path.resolve(options.folder),
    host: new LogOnlyHost(),
    machine,
    needsSite: true,
    onWithoutSite: (isWithoutSite) => {
      if (!progress.isDelivering) return;
      line(
        isWithoutSite
          ? `${machine.hostName} has lost its site: what is left waits for one; after Ctrl-C it is kept on disk`
          : `${machine.hostName} belongs to a site again: delivery goes on`,
      );
    },
    onRejected: (delivery, reason) => {
      refusals.add(delivery, reason);
      line(`refused: ${delivery.kind} of ${delivery.sessionKey}: ${reason.message}`);
    },
  });
  await client.start();
  progress.isDelivering = true;
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

export const runDeliver = (args: string[], name: string): Promise<void> =>
  runCommand(
    {
      name,
      description:
        'Delivers a Windows event log to a service as a recording server does, says what became of each record, and ends;\nwhat cannot be sent yet is kept on disk.',
      options: {
        ...connectOptions,
        events: {
          type: 'string',
          value: 'PATH',
          help: 'the log: a file, a folder whose files grow, or - for standard input',
        },
        ...machineOptions,
      },
      environment: connectEnvironment,
      examples: [
        ['--url http://127.0.0.1:7071 --events Security.json', 'a file, to its end'],
        ['--url http://127.0.0.1:7071 --events /var/log/forwarded', 'a folder, until Ctrl-C'],
      ],
      onInterrupt: 'Interrupted: what is not delivered yet is kept on disk and sent by the next start.',
      run: deliver,
    },
    args,
  );
