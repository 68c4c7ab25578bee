/**
 * The administrator log of servers (SET-3): while a server with mandatory blocking cannot write it, policies and settings
 * of its site cannot be changed.
 */
import { activityChange } from '../../shared/activity/report-activity';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Server, serverType } from './server';
import { DEFAULT_SETTINGS } from './settings/server-settings';
import { findServerSettings } from './settings/store';
import { findServer } from './store';

/** The number by which administrators know this event. */
const EVENT_ID = 6001;
const MAX_NAMED = 10;

/** @throws Problem `administrator-logging-failing` naming the servers */
export async function requireWorkingLog(
  services: Pick<Services, 'database'>,
  customerId: string,
  siteId: string,
): Promise<void> {
  const failing = await services.database.control(customerId).list(serverType, {
    where: `c.siteId = @siteId AND c.administratorLogging = 'failing' AND c.status NOT IN ('deleted', 'uninstalled')`,
    parameters: { siteId },
    limit: MAX_NAMED,
  });
  const blocking = await Promise.all(
    failing.map(async (server) => {
      const stored = await findServerSettings(services, customerId, server.id);
      const { administratorLogging, mandatoryBlocking } = (stored?.settings ?? DEFAULT_SETTINGS).logging;
      return administratorLogging && mandatoryBlocking ? server.hostName : [];
    }),
  );
  const names = blocking.flat();
  if (names.length === 0) return;
  throw new Problem(
    'administrator-logging-failing',
    `Mandatory blocking is on, and the administrator log cannot be written on ${names.join(', ')}: restore the database of the log there, or remove the server, then repeat the change. Recording goes on.`,
    { extensions: { servers: names } },
  );
}

/** Remembers whether a server can write its log, as it says in a heartbeat; a change is shown in the activity feed. */
export async function recordLogState(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  serverId: string,
  reported: 'ok' | 'failing' | undefined,
): Promise<void> {
  const state = reported === 'failing' ? 'failing' : undefined;
  await retryConflicts(async () => {
    const server = await findServer({ database }, customerId, serverId);
    if (!server || server.administratorLogging === state) return;
    const { etag, administratorLogging: _previous, ...rest } = server;
    const next: Server = state ? { ...rest, administratorLogging: state } : rest;
    const at = clock.now();
    await database.control(customerId).commit([
      change.replace(serverType, next, etag),
      activityChange({
        at,
        key: `${serverId} ${etag}`,
        kind: 'server.administratorLogging',
        severity: state ? 'critical' : 'information',
        message: state
          ? `Server ${server.hostName} cannot write its administrator log (event ${EVENT_ID}). With mandatory blocking on, policies and settings of the site cannot be changed until it can: check the logging database.`
          : `Server ${server.hostName} can write its administrator log again.`,
        siteId: server.siteId,
        serverId,
        details: {
          hostName: server.hostName,
          failing: state !== undefined,
          ...(state ? { eventId: EVENT_ID } : {}),
        },
      }),
    ]);
  });
}
