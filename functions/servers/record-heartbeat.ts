/** Records a server's heartbeat and updates its status. */
import type { Stored } from '../../shared/cosmos/document-type';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { reportActivity } from '../../shared/activity/report-activity';
import { recordLogState } from './administrator-log';
import { changeStatus, type NextStatus } from './change-status';
import { heartbeatAt, heartbeatType, type MachineState } from './heartbeat';
import { type Finding, newFindings } from './server-health';
import { isClientTooOld, MINIMUM_CLIENT_VERSION, type Server } from './server';
import { statusAfterHeartbeat } from './server-status';

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
  if (server.status === 'uninstalled')
    throw new Problem('conflict', 'The server was unregistered: register it before it sends heartbeats.');
  const { clientTime, ...state } = report;
  const now = services.clock.now();
  const lastSeenAt = now.toISOString();
  const wanted = (present: Server) => nextAfterHeartbeat(present, lastSeenAt);
  const { status, reason } = wanted(server);

  // The heartbeat first, so that a concurrent sweep does not mark the server offline.
  const presence = services.database.presence(customerId, server.id);
  const last = await presence.read(heartbeatType, 'last');
  const heartbeat = heartbeatAt(now, clientTime, last, state);
  await reportFindings(services, customerId, server, newFindings(server.hostName, last, state, now));
  await presence.upsert(heartbeatType, heartbeat);
  if ((state.administratorLogging === 'failing') !== (server.administratorLogging === 'failing'))
    await recordLogState(services, customerId, server.id, state.administratorLogging);
  if (status !== server.status || reason !== server.statusReason)
    await changeStatus({ services, log, customerId, serverId: server.id, next: wanted });
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

/** The status of a server after a heartbeat, with the remedy where there is one. */
export function nextAfterHeartbeat(server: Server, lastSeenAt: string): NextStatus {
  const status = statusAfterHeartbeat(server.status, {
    hasServer: server.serverVersion !== undefined,
    clientTooOld: isClientTooOld(server),
  });
  if (status === server.status && status !== 'maintenance')
    return { status, reason: server.statusReason, lastSeenAt };
  const reason =
    status === 'maintenance'
      ? `Its cloud client ${server.clientVersion} is older than ${MINIMUM_CLIENT_VERSION}: remove it, then download and install the latest one.`
      : undefined;
  return { status, reason, lastSeenAt };
}
