/** Records a server's heartbeat and updates its status. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus, type Happening, statusChanges } from './change-status';
import { reportActivity } from '../../shared/activity/report-activity';
import { recordLogState } from './administrator-log';
import { heartbeatAt, heartbeatType, type MachineState } from './heartbeat';
import { type Finding, newFindings } from './server-health';
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

/**
 * Stores the heartbeat and updates the status. Only a status change writes the server's own document.
 * @returns the correction of the server's times, in milliseconds
 * @throws Problem `conflict` when the server was unregistered: it has to register again
 */
export async function recordHeartbeat(received: ReceivedHeartbeat): Promise<{ skewMilliseconds: number }> {
  const { services, log, customerId, server, report } = received;
  const { clientTime, ...state } = report;
  const now = services.clock.now();
  const happening = (present: Server) => heartbeatOf(present, now.toISOString());
  // Before anything is stored: a server that is refused sends no heartbeats.
  const isNoted = statusChanges(server, happening(server), now, log).length > 0;

  // The heartbeat first, so that a concurrent sweep does not mark the server offline.
  const presence = services.database.presence(customerId, server.id);
  const last = await presence.read(heartbeatType, 'last');
  const heartbeat = heartbeatAt(now, clientTime, last, state);
  await reportFindings(services, customerId, server, newFindings(server.hostName, last, state, now));
  await presence.upsert(heartbeatType, heartbeat);
  if ((state.administratorLogging === 'failing') !== (server.administratorLogging === 'failing'))
    await recordLogState(services, customerId, server.id, state.administratorLogging);
  if (isNoted) await changeStatus({ services, log, customerId, serverId: server.id, happening });
  // A removed server that appears again.
  if (server.status === 'deleted') await syncUpgradeSchedule(services, customerId, server);
  return { skewMilliseconds: heartbeat.skewMilliseconds };
}

/** Before the heartbeat is stored: a request that ends between both reports again, rather than never. */
async function reportFindings(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id, hostName, siteId }: Server,
  findings: readonly Finding[],
): Promise<void> {
  const at = services.clock.now();
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
