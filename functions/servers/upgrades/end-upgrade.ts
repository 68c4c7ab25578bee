/** Ends upgrades of cloud clients: by the new version, by the result of the command, or after 30 minutes (UPG-1, UPG-3). */
import type { Stored } from '../../../shared/cosmos/document-type';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { endWaitingTask } from '../../../shared/tasks/end-waiting-task';
import type { Log } from '../../../shared/telemetry/telemetry';
import { statusChanges } from '../change-status';
import type { CommandPurpose } from '../commands/command-purpose';
import { cancelCommand } from '../commands/cancel-command';
import { findCommandEnd } from '../commands/finish-command';
import { OFFLINE_AFTER_SECONDS } from '../heartbeat';
import type { Server } from '../server';
import { nextStatus, type ServerEvent } from '../server-transitions';
import { findServer, readLastSeen } from '../store';
import { type ClientUpgrade, clientUpgradeType, hasReached, UPGRADE_SECONDS } from './client-upgrade';
import { findUpgrade, queueUpgradeCommand, UPGRADE_PURPOSE, type Upgrading } from './start-upgrade';

interface UpgradeRef {
  customerId: string;
  serverId: string;
  taskId: string;
}

interface UpgradeEnd {
  event: ServerEvent;
  /** Of a failure, with what happens next. */
  reason?: string;
  /** The version that the client reported. */
  clientVersion?: string;
}

/** Takes the results of commands; an expired one is ended by the sweep. */
export const upgradeCommands: CommandPurpose = {
  name: UPGRADE_PURPOSE,
  async onOutcome(services, { replyTo, ...outcome }, _client, log) {
    const { customerId = '', serverId = '', taskId = '' } = replyTo;
    const upgrade = await findUpgrade(services, customerId, serverId);
    const end = upgrade && endOf(upgrade, outcome);
    if (end) await endUpgrade(services, log, { customerId, serverId, taskId }, end);
  },
};

/** What a result of the command means; undefined when it is no end. */
function endOf(
  { toVersion }: ClientUpgrade,
  { status, reason, data }: NonNullable<Awaited<ReturnType<typeof findCommandEnd>>>,
): UpgradeEnd | undefined {
  if (status === 'expired') return undefined;
  const clientVersion = data?.kind === 'upgrade' ? data.clientVersion : undefined;
  if (status === 'succeeded' && hasReached(clientVersion, toVersion))
    return { event: 'upgradeFinished', ...(clientVersion ? { clientVersion } : {}) };
  const why =
    status === 'succeeded'
      ? `it reports version ${clientVersion ?? 'unknown'} afterwards`
      : (reason ?? 'it gave no reason');
  return { event: 'upgradeFailed', reason: failure(toVersion, why) };
}

/** Ends an upgrade whose version the server has registered with. */
export async function noteRegisteredVersion(
  services: Upgrading,
  log: Log,
  customerId: string,
  { id: serverId, status, clientVersion }: Pick<Server, 'id' | 'status' | 'clientVersion'>,
): Promise<void> {
  if (status !== 'upgrading') return;
  const upgrade = await findUpgrade(services, customerId, serverId);
  if (!upgrade || !hasReached(clientVersion, upgrade.toVersion)) return;
  await endUpgrade(
    services,
    log,
    { customerId, serverId, taskId: upgrade.taskId },
    { event: 'upgradeFinished' },
  );
}

/**
 * Ends an upgrade of a server that is not being upgraded any more, since its cloud client was removed: its task must not
 * wait for it, and a result that comes late is refused. Does nothing to one that goes on.
 */
export async function endAbandonedUpgrade(
  services: Upgrading,
  log: Log,
  customerId: string,
  serverId: string,
): Promise<void> {
  const upgrade = await findUpgrade(services, customerId, serverId);
  if (upgrade?.dueAt === undefined) return;
  // Read after it: another upgrade that begins now has another task.
  const server = await findServer(services, customerId, serverId);
  if (server?.status === 'upgrading') return;
  const ref = { customerId, serverId, taskId: upgrade.taskId };
  const reason = failure(upgrade.toVersion, 'the cloud client was removed meanwhile');
  await endUpgrade(services, log, ref, { event: 'upgradeFailed', reason });
}

/** Queues commands that a crash left out, and ends upgrades that take too long. */
export async function resumeUpgrades(services: Upgrading, log: Log): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'client-upgrade' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const serverId = id.slice(`${clientUpgradeType.name}:`.length);
    try {
      await resumeUpgrade(services, log, customerId, serverId);
    } catch (error) {
      log.error('upgrade.not-resumed', error, { customerId, serverId });
    }
  }
}

async function resumeUpgrade(
  services: Upgrading,
  log: Log,
  customerId: string,
  serverId: string,
): Promise<void> {
  const upgrade = await findUpgrade(services, customerId, serverId);
  const now = services.clock.now();
  if (upgrade?.dueAt === undefined || upgrade.dueAt > now.toISOString()) return;
  const ref = { customerId, serverId, taskId: upgrade.taskId };
  if (upgrade.endedAt !== undefined) return tidyUp(services, ref);
  const end = await findCommandEnd(services, customerId, serverId, upgrade.taskId);
  const known = end && endOf(upgrade, end);
  if (known) return endUpgrade(services, log, ref, known);
  if (now.toISOString() < upgrade.endsBy) {
    await queueUpgradeCommand(services, customerId, upgrade);
    await services.database
      .control(customerId)
      .replace(clientUpgradeType, { ...upgrade, dueAt: upgrade.endsBy });
    return;
  }
  const server = await findServer(services, customerId, serverId);
  const missed: UpgradeEnd = hasReached(server?.clientVersion, upgrade.toVersion)
    ? { event: 'upgradeFinished' }
    : await timeOut(services, ref, upgrade);
  await endUpgrade(services, log, ref, missed);
}

async function timeOut(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, serverId }: UpgradeRef,
  { toVersion }: ClientUpgrade,
): Promise<UpgradeEnd> {
  const seen = await readLastSeen(services, customerId, serverId);
  const silentSince = services.clock.now().getTime() - OFFLINE_AFTER_SECONDS * 1000;
  const isHeardOf = seen !== undefined && Date.parse(seen.lastSeenAt) > silentSince;
  const reason = failure(
    toVersion,
    isHeardOf
      ? `it did not report the new version within ${UPGRADE_SECONDS / 60} minutes`
      : 'the server is silent: check that the machine is running and that its cloud client service is started',
  );
  return { event: isHeardOf ? 'upgradeTimedOut' : 'upgradeTimedOutInSilence', reason };
}

/** Stores the end together with the status of the server; the first end counts. */
async function endUpgrade(
  services: Upgrading,
  log: Log,
  ref: UpgradeRef,
  { event, reason, clientVersion }: UpgradeEnd,
): Promise<void> {
  const { customerId, serverId, taskId } = ref;
  const outcome = event === 'upgradeFinished' ? 'succeeded' : 'failed';
  await retryConflicts(async () => {
    const upgrade = await findUpgrade(services, customerId, serverId);
    if (upgrade?.taskId !== taskId || upgrade.endedAt !== undefined) return;
    const now = services.clock.now();
    const at = now.toISOString();
    const server = await findServer(services, customerId, serverId);
    await services.database
      .control(customerId)
      .commit([
        change.replace(
          clientUpgradeType,
          { ...upgrade, outcome, reason, endedAt: at, dueAt: at },
          upgrade.etag,
        ),
        ...(server ? statusAfter(server, { event, reason, clientVersion }, now, log) : []),
      ]);
  });
  await tidyUp(services, ref);
}

/** Nothing for a server that was uninstalled or removed meanwhile. */
function statusAfter(
  server: Stored<Server>,
  { event, reason, clientVersion = server.clientVersion }: Partial<UpgradeEnd> & { event: ServerEvent },
  now: Date,
  log: Log,
) {
  if (nextStatus(server.status, event) === undefined) return [];
  return statusChanges({ ...server, clientVersion }, { event, reason }, now, log);
}

/** Ends the task and the command; repeated by the sweep until both are done. */
async function tidyUp(services: Upgrading, { customerId, serverId, taskId }: UpgradeRef): Promise<void> {
  const upgrade = await findUpgrade(services, customerId, serverId);
  if (upgrade?.taskId !== taskId || upgrade.endedAt === undefined || upgrade.dueAt === undefined) return;
  const { outcome = 'failed', reason } = upgrade;
  const result = { item: serverId, outcome, ...(outcome === 'failed' ? { code: 'conflict' } : {}) };
  await endWaitingTask(services, { customerId, taskId }, { ...result, detail: reason });
  await cancelCommand(services, { customerId, serverId, commandId: taskId }, 'the upgrade has ended');
  await retryConflicts(async () => {
    const ended = await findUpgrade(services, customerId, serverId);
    if (ended?.taskId === taskId && ended.dueAt !== undefined)
      await services.database.control(customerId).replace(clientUpgradeType, { ...ended, dueAt: undefined });
  });
}

function failure(toVersion: string, why: string): string {
  return `The upgrade of its cloud client to ${toVersion} failed: ${why}. It is tried again in the next slot, and can be started at any time.`;
}
