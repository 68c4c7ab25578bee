/** Changes the status of a server by what happened to it, with its entry in the activity feed (SRV-3). */
import type { Activity } from '../../shared/activity/activity-event';
import { activityChange } from '../../shared/activity/report-activity';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { serverJoins } from '../sites';
import { type Server, serverType } from './server';
import { type ServerStatus, STATUS_LABELS } from './server-status';
import { illegalTransition, nextStatus, type ServerEvent } from './server-transitions';
import { findServer } from './store';

/** What happened to a server. */
export interface Happening {
  event: ServerEvent;
  /** Explains the status that follows, with the remedy; absent: a status that stays keeps its reason. */
  reason?: string | undefined;
  /** RFC 3339 UTC; absent when the server itself was not heard of. */
  lastSeenAt?: string | undefined;
}

interface StatusChange {
  services: Pick<Services, 'database' | 'clock'>;
  log: Log;
  customerId: string;
  serverId: string;
  /** What happened to the server, as it is stored. Called again after a write conflict. */
  happening: (server: Server) => Happening;
}

/**
 * The updated server, or undefined when there is none.
 * @throws Problem `conflict` when the event is illegal in its state; it is logged
 */
export async function changeStatus(request: StatusChange): Promise<Stored<Server> | undefined> {
  const { services, log, customerId, serverId } = request;
  return retryConflicts(async () => {
    const server = await findServer(services, customerId, serverId);
    if (!server) return undefined;
    const changes = statusChanges(server, request.happening(server), services.clock.now(), log);
    if (changes.length === 0) return server;
    await services.database.control(customerId).commit(changes);
    return findServer(services, customerId, serverId);
  });
}

/** Whether the event would change the status. */
export function wouldChange({ status }: Pick<Server, 'status'>, event: ServerEvent): boolean {
  const next = nextStatus(status, event);
  return next !== undefined && next !== status;
}

/**
 * The writes that give a known server its next status; none when neither status nor reason changes.
 * @throws Problem `conflict` when the event is illegal in its state; it is logged
 */
export function statusChanges(server: Stored<Server>, happening: Happening, now: Date, log: Log): Change[] {
  const { event, reason, lastSeenAt = server.lastSeenAt } = happening;
  const status = nextStatus(server.status, event);
  if (status === undefined) {
    log.warn('server.illegal-transition', { serverId: server.id, from: server.status, event });
    throw illegalTransition(server.status, event);
  }
  if (status !== server.status)
    return [...rejoining(server, now), ...writesOf({ ...server, lastSeenAt }, status, reason, now)];
  if (reason === undefined || reason === server.statusReason) return [];
  return [change.replace(serverType, { ...server, lastSeenAt, statusReason: reason }, server.etag)];
}

/** A removed server does not keep its site from being deleted: when it appears again, the site has to be there still. */
export function rejoining({ status, siteId }: Pick<Server, 'status' | 'siteId'>, now: Date): Change[] {
  return status === 'deleted' && siteId !== undefined ? [serverJoins(siteId, now)] : [];
}

/** The writes that store a server in a status that it has not had: one that was read, or a new one without an ETag. */
export function writesOf(
  server: Server & { etag?: string },
  status: ServerStatus,
  reason: string | undefined,
  now: Date,
): Change[] {
  const changed: Server = { ...server, status, statusReason: reason, statusSince: now.toISOString() };
  return [
    server.etag === undefined
      ? change.create(serverType, changed)
      : change.replace(serverType, changed, server.etag),
    activityChange(statusActivity(changed, server.etag, now)),
  ];
}

function statusActivity(server: Server, previousEtag: string | undefined, at: Date): Activity {
  const { id, hostName, siteId, status, statusReason, serverVersion, clientVersion } = server;
  return {
    at,
    key: `${id} ${previousEtag ?? 'new'}`,
    kind: 'server.status',
    severity: 'information',
    message: `Server ${hostName} is now ${STATUS_LABELS[status]}.${statusReason ? ` ${statusReason}` : ''}`,
    siteId,
    serverId: id,
    details: {
      hostName,
      status,
      serverVersion: serverVersion ?? null,
      clientVersion: clientVersion ?? null,
    },
  };
}
