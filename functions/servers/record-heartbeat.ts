/** Records a server's heartbeat and updates its status. */
import type { Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus, type Happening, statusChanges } from './change-status';
import { reportActivity } from '../../shared/activity/report-activity';
import { recordLogState } from './administrator-log';
import { heartbeatAt, heartbeatType, type MachineState } from './heartbeat';
import { type Finding, newFindings } from './server-health';
import { findOpenCommands } from './commands/lease-commands';
import { keepLastHeartbeat, takeLastHeartbeat } from './last-heartbeats';
import { isClientTooOld, MINIMUM_CLIENT_VERSION, type Server } from './server';
import { nextStatus } from './server-transitions';
import { syncUpgradeSchedule } from './upgrades/upgrade-schedule';

interface ReceivedHeartbeat {
  services: Pick<Services, 'database' | 'clock'>;
  log: Log;
  customerId: string;
  server: Stored<Server>;
  report: MachineState & { clientTime: string };
}

/** What the answer to a heartbeat tells the server. */
interface RecordedHeartbeat {
  /** The correction of the server's times. */
  skewMilliseconds: number;
  commandsWaiting: boolean;
}

/**
 * Stores the heartbeat and updates the status. Only a status change writes the server's own document.
 * @throws Problem `conflict` when the server was unregistered: it has to register again
 */
export async function recordHeartbeat(received: ReceivedHeartbeat): Promise<RecordedHeartbeat> {
  const { services, log, customerId, server, report } = received;
  // Of all attempts, so that a repeated one reports the same findings.
  const now = services.clock.now();
  const happening = (present: Server) => heartbeatOf(present, now.toISOString());
  // Before anything is stored: a server that is refused sends no heartbeats.
  const isNoted = statusChanges(server, happening(server), now, log).length > 0;

  // The heartbeat first, so that a concurrent sweep does not mark the server offline.
  const { wasSilent, ...recorded } = await retryConflicts((attempt) =>
    storeHeartbeat(received, now, attempt),
  );
  if ((report.administratorLogging === 'failing') !== (server.administratorLogging === 'failing'))
    await recordLogState(services, customerId, server.id, report.administratorLogging);
  if (isNoted || wasSilent) await changeStatus({ services, log, customerId, serverId: server.id, happening });
  // A removed server that appears again.
  if (server.status === 'deleted') await syncUpgradeSchedule(services, customerId, server);
  return recorded;
}

/**
 * One write, and one read unless this process stored the heartbeat before. Commands are looked for only while there may
 * be some.
 * @throws DocumentStale, DocumentGone, DocumentExists when something else wrote it meanwhile, a command that was queued too
 */
async function storeHeartbeat(
  received: ReceivedHeartbeat,
  now: Date,
  attempt: number,
): Promise<RecordedHeartbeat & { wasSilent: boolean }> {
  const { services, customerId, server, report } = received;
  const { clientTime, ...state } = report;
  const { database } = services;
  const presence = database.presence(customerId, server.id);
  const kept = takeLastHeartbeat(database, server.id, now);
  const last = (attempt === 1 && kept) || (await presence.read(heartbeatType, 'last'));
  const { mayHaveCommands, commandsWaiting } =
    last?.mayHaveCommands === false ? NO_COMMANDS : await findOpenCommands(presence, now);
  const heartbeat = { ...heartbeatAt(now, clientTime, last, state), mayHaveCommands };
  await reportFindings(received, now, newFindings(server.hostName, last, state, now));
  const stored = last
    ? await presence.replace(heartbeatType, { ...heartbeat, etag: last.etag })
    : await presence.create(heartbeatType, heartbeat);
  keepLastHeartbeat(database, server.id, stored);
  // The sweep may have marked the server offline after it was read.
  const wasSilent = last !== undefined && last.dueAt === undefined;
  return { skewMilliseconds: heartbeat.skewMilliseconds, commandsWaiting, wasSilent };
}

const NO_COMMANDS = { mayHaveCommands: false, commandsWaiting: false };

/** Before the heartbeat is stored: a request that ends between both reports again, rather than never. */
async function reportFindings(
  { services, customerId, server: { id, hostName, siteId } }: ReceivedHeartbeat,
  at: Date,
  findings: readonly Finding[],
): Promise<void> {
  for (const { key, ...finding } of findings)
    await reportActivity(services, customerId, {
      ...finding,
      at,
      key: `${id} ${key}`,
      siteId,
      serverId: id,
      details: { hostName },
    });
}

/** What a heartbeat says of a server: a client that is too old comes with the remedy. */
export function heartbeatOf(server: Server, lastSeenAt: string): Happening {
  if (server.serverVersion === undefined) return { event: 'heartbeatWithoutServer', lastSeenAt };
  if (!isClientTooOld(server)) return { event: 'heartbeat', lastSeenAt };
  const event = 'heartbeatOfOldClient';
  if (nextStatus(server.status, event) !== 'maintenance') return { event, lastSeenAt };
  const reason = `Its cloud client ${server.clientVersion} is older than ${MINIMUM_CLIENT_VERSION}: remove it, then download and install the latest one.`;
  return { event, reason, lastSeenAt };
}
