/** Tells administrators that a secure client wanted to register a server of another one: they decide whether it moves. */
import { reportActivity } from '../../shared/activity/report-activity';
import { auditEntryType } from '../../shared/audit/audit-entry';
import type { ClientCaller } from '../../shared/identity/caller';
import { timedId } from '../../shared/ids';
import { appendToLog } from '../../shared/log/append';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { Server } from './server';

const HOUR_MILLISECONDS = 3_600_000;

/** Where a request came from. */
export interface Origin {
  address: string;
  traceId: string;
}

/** Records the refusal, of a client that tries again and again once an hour, and returns the problem. */
export async function refuseRegistration(
  services: Pick<Services, 'database' | 'clock'>,
  caller: ClientCaller,
  server: Server,
  { address, traceId }: Origin,
): Promise<Problem> {
  const now = services.clock.now();
  const hour = new Date(Math.floor(now.getTime() / HOUR_MILLISECONDS) * HOUR_MILLISECONDS);
  const { id: serverId, hostName, siteId } = server;
  await appendToLog(services, caller.customerId, auditEntryType, {
    id: timedId(hour, 'registration refused', serverId, caller.id),
    at: now.toISOString(),
    category: 'configuration',
    action: 'server.register',
    by: { id: caller.id, name: caller.name, kind: 'secureClient' },
    address,
    authorised: false,
    outcome: 'failed',
    reason: 'server-of-another-client',
    traceId,
    siteId,
    serverId,
    target: { type: 'server', id: serverId, name: hostName },
  });
  await reportActivity(services, caller.customerId, {
    at: hour,
    key: `${serverId} ${caller.id}`,
    kind: 'server.registrationRefused',
    severity: 'warning',
    message:
      `The secure client ${caller.name} wanted to register ${hostName}, which belongs to another one. ` +
      'If that is intended, give the server to it.',
    siteId,
    serverId,
    details: { hostName, clientId: caller.id },
  });
  return new Problem(
    'server-of-another-client',
    `${hostName} belongs to another secure client. Register it with that one, or let a full administrator give it to ` +
      `this one: PATCH /api/v1/servers/${serverId} with its clientId.`,
  );
}
