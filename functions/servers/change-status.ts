/** Changes the status of a server, with its entry in the activity feed. */
import type { Activity } from '../../shared/activity/activity-event';
import { activityChange } from '../../shared/activity/report-activity';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { type Server, serverType } from './server';
import { type ServerStatus, STATUS_LABELS, transition } from './server-status';
import { findServer } from './store';

/** A status, why, and when the server was last seen. */
export interface NextStatus {
  status: ServerStatus;
  reason?: string | undefined;
  lastSeenAt: string;
}

interface StatusChange {
  services: Pick<Services, 'database' | 'clock'>;
  log: Log;
  customerId: string;
  serverId: string;
  /** What becomes of the server; the status that it has changes nothing. Asked again when others were faster. */
  next: (server: Server) => NextStatus;
}

/**
 * The server as it is afterwards, or undefined when there is none.
 * @throws Problem `conflict` when the table of statuses does not have the step; it is logged
 */
export async function changeStatus(request: StatusChange): Promise<Stored<Server> | undefined> {
  const { services, log, customerId, serverId } = request;
  return retryConflicts(async () => {
    const server = await findServer(services, customerId, serverId);
    if (!server) return undefined;
    const next = request.next(server);
    if (next.status === server.status && next.reason === server.statusReason) return server;
    try {
      transition(server.status, next.status);
    } catch (error) {
      log.warn('server.illegal-transition', { serverId, from: server.status, to: next.status });
      throw error;
    }
    await services.database.control(customerId).commit(statusChanges(server, next, services.clock.now()));
    return findServer(services, customerId, serverId);
  });
}

/** The writes that give a server its next status; `server` was read with its ETag, or is new without one. */
export function statusChanges(server: Server & { etag?: string }, next: NextStatus, now: Date): Change[] {
  const changed: Server = {
    ...server,
    status: next.status,
    statusReason: next.reason,
    statusSince: now.toISOString(),
    lastSeenAt: next.lastSeenAt,
  };
  return [
    server.etag === undefined
      ? change.create(serverType, changed)
      : change.replace(serverType, changed, server.etag),
    activityChange(statusActivity(changed, server.etag, now)),
  ];
}

function statusActivity(
  { id, hostName, siteId, status, statusReason }: Server,
  previousEtag: string | undefined,
  at: Date,
): Activity {
  const worrying = status === 'offline' || status === 'installationFailed' || status === 'maintenance';
  const label = STATUS_LABELS[status];
  return {
    at,
    key: `${id} ${previousEtag ?? 'new'}`,
    kind: 'server.status',
    severity: worrying ? 'warning' : 'information',
    message: `Server ${hostName} is now ${label}.${statusReason ? ` ${statusReason}` : ''}`,
    siteId,
    serverId: id,
    details: { hostName, status },
  };
}
