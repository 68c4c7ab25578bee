/** What follows from the deletion of a deployment's machines: their servers and their secure clients end with them. */
import { auditTrail } from '../../shared/audit/audit-entry';
import { retryConflicts } from '../../shared/cosmos/retry';
import { secureClientType } from '../../shared/identity/secure-client';
import { derivedId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import type { Task } from '../../shared/tasks/task';
import type { Log } from '../../shared/telemetry/telemetry';
import { revokeSecureClient } from '../identity';
import { listDeployedMachines, releaseMachines } from '../servers';
import type { Deployment } from './deployment';

/**
 * Revokes the secure clients that the machines got when they enrolled, then releases the machines: in this order, since a
 * released one does not lead to its client any more. Idempotent.
 */
export async function releaseDeletedMachines(
  services: Pick<Services, 'database' | 'clock'>,
  log: Log,
  customerId: string,
  task: Pick<Task, 'initiator' | 'request'>,
  { siteId, machines }: Deployment,
): Promise<void> {
  const names = machines.map(({ name }) => name.toLowerCase());
  for (const { clientId, plannedName = '' } of await listDeployedMachines(services, { customerId, siteId }))
    if (clientId !== undefined && names.includes(plannedName))
      await revokeEnrolled(services, task, { customerId, siteId, clientId, machine: plannedName });
  await releaseMachines(services, log, { customerId, siteId }, names);
}

/** Only a client that was made for the machine has its name; one of an administrator may have other servers. */
async function revokeEnrolled(
  services: Pick<Services, 'database' | 'clock'>,
  { initiator, request }: Pick<Task, 'initiator' | 'request'>,
  { customerId, siteId, clientId, machine }: Record<'customerId' | 'siteId' | 'clientId' | 'machine', string>,
): Promise<void> {
  const trail = auditTrail(services.database, customerId, {
    id: derivedId('machine-deleted', clientId),
    at: services.clock.now().toISOString(),
    category: 'configuration',
    action: 'secureClient.delete',
    by: initiator,
    address: request.clientAddress,
    authorised: true,
    outcome: 'succeeded',
    traceId: request.traceId,
  });
  const audit = {
    commit: (...[changes, details]: Parameters<typeof trail.commit>) =>
      trail.commit(changes, { ...details, siteId }),
  };
  await retryConflicts(async () => {
    const client = await services.database.control(customerId).read(secureClientType, clientId);
    if (client?.name === machine) await revokeSecureClient(services, client, audit);
  });
}
