/** Starts an upgrade of the cloud client: its task, the new status and its due instant in one batch, then its command. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { createTask } from '../../../shared/tasks/create-task';
import type { Task } from '../../../shared/tasks/task';
import type { Log } from '../../../shared/telemetry/telemetry';
import { statusChanges } from '../change-status';
import { queueCommand } from '../commands/queue-command';
import type { Server } from '../server';
import { findServer } from '../store';
import { type ClientUpgrade, clientUpgradeType, UPGRADE_SECONDS, upgradeTarget } from './client-upgrade';
import { upgradeTask } from './upgrade-task';

/** The purpose of the commands. */
export const UPGRADE_PURPOSE = 'clientUpgrade';
/** A command that a crash kept from being queued is queued by the sweep. */
const QUEUED_AFTER_SECONDS = 60;
/** The task ends with the upgrade; only if that fails for this long, it is asked for its result. */
const TASK_GRACE_SECONDS = 600;

export type Upgrading = Pick<Services, 'database' | 'blobs' | 'clock' | 'packages' | 'queues'>;

interface UpgradeRequest {
  customerId: string;
  server: Stored<Server>;
  /** The same in every attempt. */
  taskId: string;
  by: Pick<Task, 'initiator' | 'request'>;
  /** The local day whose slot it uses; undefined for an upgrade at once. */
  day?: string | undefined;
}

/** Writes the changes of a start, in one batch of the `control` partition. */
type Commit = (changes: Change[], toVersion: string) => Promise<void>;

/**
 * Starts the upgrade, unless this one was started before. Of two that start at the same moment, one is refused because the
 * server is being upgraded.
 * @throws Problem `conflict`, see `upgradeTarget`
 */
export async function startUpgrade(
  services: Upgrading,
  log: Log,
  request: UpgradeRequest,
  commit: Commit,
): Promise<void> {
  const { customerId, server: loaded } = request;
  const upgrade = await retryConflicts(async (attempt) => {
    const server = attempt === 1 ? loaded : await findServer(services, customerId, loaded.id);
    return storeUpgrade(services, log, { ...request, server: server ?? loaded }, commit);
  });
  try {
    await queueUpgradeCommand(services, customerId, upgrade);
  } catch (error) {
    // The upgrade is stored: the sweep queues the command.
    log.error('upgrade.not-queued', error, { customerId, serverId: loaded.id });
  }
}

async function storeUpgrade(
  services: Upgrading,
  log: Log,
  { customerId, server, taskId, by, day }: UpgradeRequest,
  commit: Commit,
): Promise<ClientUpgrade> {
  const last = await findUpgrade(services, customerId, server.id);
  if (last?.taskId === taskId) return last;
  const toVersion = upgradeTarget(server, await services.packages.latest('client'));
  const now = services.clock.now();
  const started: ClientUpgrade = {
    id: server.id,
    taskId,
    fromVersion: server.clientVersion ?? '',
    toVersion,
    startedAt: now.toISOString(),
    endsBy: later(now, UPGRADE_SECONDS),
    dueAt: later(now, QUEUED_AFTER_SECONDS),
    day: day ?? last?.day,
  };
  const task = {
    id: taskId,
    customerId,
    kind: upgradeTask,
    title: `Upgrade the cloud client of ${server.hostName} to ${toVersion}`,
    ...by,
    items: [server.id],
    waitsUntil: new Date(Date.parse(started.endsBy) + TASK_GRACE_SECONDS * 1000),
  };
  const reason = `Its cloud client is being upgraded from ${started.fromVersion} to ${toVersion}.`;
  const writes = [
    last ? change.replace(clientUpgradeType, started, last.etag) : change.create(clientUpgradeType, started),
    ...statusChanges(server, { event: 'upgradeStarted', reason }, now, log),
  ];
  await createTask(services, log, task, (changes) => commit([...changes, ...writes], toVersion));
  return started;
}

/** Queues the command of an upgrade, once. */
export async function queueUpgradeCommand(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id: serverId, taskId, toVersion, endsBy }: ClientUpgrade,
): Promise<void> {
  await queueCommand(services, {
    id: taskId,
    customerId,
    serverId,
    kind: 'upgrade',
    parameters: { clientVersion: toVersion },
    expiresAt: new Date(endsBy),
    purpose: UPGRADE_PURPOSE,
    replyTo: { customerId, serverId, taskId },
  });
}

/** The last upgrade of the server, or undefined when there was none. */
export async function findUpgrade(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
): Promise<Stored<ClientUpgrade> | undefined> {
  return database.control(customerId).read(clientUpgradeType, serverId);
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
