/** Starts an installation: its task, the new status, site and due instant in one batch, then its command (INS-1). */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentExists, DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import { keepTemporarySecret, removeTemporarySecret } from '../../../shared/secrets/temporary-secret';
import type { Services } from '../../../shared/services';
import { createTask } from '../../../shared/tasks/create-task';
import type { Task } from '../../../shared/tasks/task';
import type { Log } from '../../../shared/telemetry/telemetry';
import { statusChanges } from '../change-status';
import { queueCommand } from '../commands/queue-command';
import type { Server } from '../server';
import { findServer } from '../store';
import { illegalTransition, nextStatus } from '../server-transitions';
import { hasReached } from '../upgrades/client-upgrade';
import type { InstallationRequest } from './answers';
import {
  type Installation,
  installationType,
  laterThan,
  SILENCE_SECONDS,
  TOTAL_SECONDS,
} from './installation';
import { installationTask } from './installation-tasks';
import { chooseSite, refused } from './site-of-installation';

/** The purpose of the commands. */
export const INSTALLATION_PURPOSE = 'installation';
/** A command that a crash kept from being queued is queued by the sweep. */
const QUEUED_AFTER_SECONDS = 60;
/** The task ends with the installation; only if that fails for this long, it is asked for its result. */
const TASK_GRACE_SECONDS = 600;

export type Installing = Pick<Services, 'database' | 'blobs' | 'clock' | 'packages' | 'queues' | 'secrets'>;

interface InstallationStart {
  customerId: string;
  server: Stored<Server>;
  /** The same in every attempt. */
  taskId: string;
  by: Pick<Task, 'initiator' | 'request'>;
  request: InstallationRequest;
  newId: () => string;
  audit: AuditTrail;
}

/**
 * Starts the installation, unless this one was started before. Of two that start at the same moment, one is refused because
 * the server component is being installed.
 * @throws Problem `conflict` when the state of the machine forbids it, `already-exists` for the name of a new site,
 * `validation-failed`, see `chooseSite`
 */
export async function startInstallation(
  services: Installing,
  log: Log,
  start: InstallationStart,
): Promise<void> {
  const { customerId, server: loaded, taskId, audit } = start;
  const installation = await retryConflicts(async (attempt) => {
    const last = await findInstallation(services, customerId, loaded.id);
    if (last?.taskId !== taskId) {
      const server = attempt === 1 ? loaded : await findServer(services, customerId, loaded.id);
      return store(services, log, { ...start, server: server ?? loaded }, last);
    }
    // Of a repeated request the audit entry exists.
    await audit.commit([], {});
    return last;
  });
  try {
    await queueInstallCommand(services, customerId, installation);
  } catch (error) {
    // The installation is stored: the sweep queues the command.
    log.error('installation.not-queued', error, { customerId, serverId: loaded.id });
  }
}

/** @throws Problem `conflict` unless the server component can be installed on the machine now */
export function requireInstallable({ status, clientVersion }: Server): void {
  if (nextStatus(status, 'installationStarted') === undefined)
    throw illegalTransition(status, 'installationStarted');
  if (clientVersion === undefined)
    throw new Problem('conflict', 'The machine has not registered yet: install its cloud client first.');
}

async function store(
  services: Installing,
  log: Log,
  start: InstallationStart,
  last: Stored<Installation> | undefined,
): Promise<Installation> {
  const { customerId, server, taskId, by, request, newId, audit } = start;
  requireInstallable(server);
  const version = await publishedVersion(services, server, request.serverVersion);
  const site = await chooseSite({ services, customerId, server, request, newId });
  const { installationPath, administratorLogging, databases } = request;
  const now = services.clock.now();
  const at = now.toISOString();
  const passwordSecret = databases.password === undefined ? undefined : `installation-${taskId}`;
  const started: Installation = {
    id: server.id,
    taskId,
    answers: {
      siteId: site.siteId,
      serverVersion: version,
      installationPath,
      databases: site.databases,
      administratorLogging,
    },
    state: 'inProgress',
    startedAt: at,
    progressAt: at,
    step: 'Waiting for the machine',
    passwordSecret,
    dueAt: laterThan(at, QUEUED_AFTER_SECONDS),
  };
  const next = site.siteId === undefined ? server : { ...server, siteId: site.siteId, siteAssigned: true };
  const writes = [
    ...site.changes,
    last ? change.replace(installationType, started, last.etag) : change.create(installationType, started),
    ...statusChanges(next, { event: 'installationStarted', reason: started.step }, now, log),
  ];
  const task = {
    id: taskId,
    customerId,
    kind: installationTask,
    title: `Install server ${version} on ${server.hostName}`,
    ...by,
    items: [server.id],
    waitsUntil: new Date(now.getTime() + (TOTAL_SECONDS + TASK_GRACE_SECONDS) * 1000),
  };
  const details = {
    siteId: site.siteId,
    serverId: server.id,
    target: { type: 'server', id: server.id, name: server.hostName },
    new: started.answers,
  };
  await withPassword(services, { customerId, name: passwordSecret, value: databases.password, task }, () =>
    createTask(services, log, task, (changes) => audit.commit([...changes, ...writes], details)),
  );
  return started;
}

/** Stores the password before what needs it; it is removed again when that was refused. */
async function withPassword(
  services: Installing,
  {
    customerId,
    name,
    value,
    task,
  }: {
    customerId: string;
    name: string | undefined;
    value: string | undefined;
    task: { waitsUntil: Date };
  },
  commit: () => Promise<unknown>,
): Promise<void> {
  if (name !== undefined && value !== undefined)
    await keepTemporarySecret(services, { customerId, name, value, until: task.waitsUntil });
  try {
    await commit();
  } catch (error) {
    // After any other failure it may have been stored nevertheless.
    const isRefused = [DocumentExists, DocumentStale, DocumentGone, Problem].some(
      (refusal) => error instanceof refusal,
    );
    if (isRefused && name !== undefined) await removeTemporarySecret(services, customerId, name);
    if (error instanceof DocumentExists && error.documentId.startsWith('name:'))
      throw new Problem('already-exists', 'Another site has this name: choose another name, or that site.', {
        errors: [{ pointer: '/newSite/name', detail: 'This name is taken.' }],
        cause: error,
      });
    throw error;
  }
}

/** @throws Problem `validation-failed` for an unknown version, `conflict` when the client is too old to install it */
async function publishedVersion(
  { packages }: Installing,
  { clientVersion }: Server,
  wanted: string,
): Promise<string> {
  const found = await packages.find('server', wanted);
  if (!found) throw refused('/serverVersion', 'This version is not in the package catalogue.');
  const { version, minimumClientVersion } = found;
  if (minimumClientVersion !== undefined && !hasReached(clientVersion, minimumClientVersion))
    throw new Problem(
      'conflict',
      `Version ${version} is installed by cloud clients from ${minimumClientVersion} on; this machine has ${clientVersion}: upgrade it first.`,
      { extensions: { found: clientVersion, needed: minimumClientVersion } },
    );
  return version;
}

/** Queues the command of an installation, once. The machine has to begin within the time that it may be silent. */
export async function queueInstallCommand(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id: serverId, taskId, startedAt, answers, passwordSecret }: Installation,
): Promise<void> {
  const { serverVersion, installationPath, administratorLogging, databases } = answers;
  await queueCommand(services, {
    id: taskId,
    customerId,
    serverId,
    kind: 'install',
    parameters: {
      serverVersion,
      installationPath,
      administratorLogging,
      databases: { ...databases, passwordSecret },
    },
    expiresAt: new Date(laterThan(startedAt, SILENCE_SECONDS)),
    purpose: INSTALLATION_PURPOSE,
    replyTo: { customerId, serverId, taskId },
  });
}

/** The last installation on the machine, or undefined when there was none. */
export async function findInstallation(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
): Promise<Stored<Installation> | undefined> {
  return database.control(customerId).read(installationType, serverId);
}
