/** Removes a server from view: nothing of it is deleted, and it appears again when it reconnects (SRV-4). */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { statusChanges } from './change-status';
import type { Server } from './server';
import { removeUpgradeSchedule } from './upgrades/upgrade-schedule';

interface RemovedServer {
  customerId: string;
  server: Stored<Server>;
  audit: AuditTrail;
  log: Log;
}

/** @throws Problem `conflict` unless its state allows it; DocumentStale */
export async function removeServer(
  { clock, database }: Pick<Services, 'clock' | 'database'>,
  { customerId, server, audit, log }: RemovedServer,
): Promise<void> {
  const { id, siteId, hostName, status } = server;
  await audit.commit(statusChanges(server, { event: 'removed' }, clock.now(), log), {
    siteId,
    serverId: id,
    target: { type: 'server', id, name: hostName },
    old: { status },
  });
  // After a crash in between its next run does it.
  await removeUpgradeSchedule({ database }, customerId, id);
}
