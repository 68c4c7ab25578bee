/**
 * What becomes of an installation (INS-3): its steps, and its end by the registration of the server, by the result of the
 * command, or by a time-out. No orchestration: the command is delivered, leased and expired by its own state machine, and
 * one due instant in the document covers what that cannot, so that a second clock would only have to agree with both.
 */
import type { Stored } from '../../../shared/cosmos/document-type';
import { change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { removeTemporarySecret } from '../../../shared/secrets/temporary-secret';
import type { Services } from '../../../shared/services';
import { endWaitingTask } from '../../../shared/tasks/end-waiting-task';
import { withNote } from '../../../shared/tasks/task';
import { changeTask } from '../../../shared/tasks/task-steps';
import type { Log } from '../../../shared/telemetry/telemetry';
import { statusChanges } from '../change-status';
import { cancelCommand } from '../commands/cancel-command';
import type { CommandEnd } from '../commands/command';
import type { CommandPurpose } from '../commands/command-purpose';
import { findCommandEnd } from '../commands/finish-command';
import type { Server } from '../server';
import { findServer } from '../store';
import { failsAt, type Installation, installationType, SILENCE_SECONDS, TOTAL_SECONDS } from './installation';
import {
  findInstallation,
  INSTALLATION_PURPOSE,
  type Installing,
  queueInstallCommand,
} from './start-installation';

interface InstallationRef {
  customerId: string;
  serverId: string;
  taskId: string;
}

/** Why it failed; undefined: it has succeeded. */
type Failure = { event: 'installationFailed' | 'installationTimedOut'; why: string } | undefined;

const CLIENT_REMOVED: Failure = {
  event: 'installationFailed',
  why: 'the cloud client of the machine was removed meanwhile',
};
const REGISTERS = 'Installed, waiting for the machine to register as a server';

/** Takes the steps and results of commands. */
export const installationCommands: CommandPurpose = {
  name: INSTALLATION_PURPOSE,
  onOutcome: (services, { replyTo, ...outcome }, _client, log) =>
    takeOutcome(services, log, refOf(replyTo), outcome),
  async onProgress(services, { replyTo, at, step, percent }, log) {
    const ref = refOf(replyTo);
    await reportStep(services, log, ref, { at, step, percent });
    const text = percent === undefined ? step : `${step} (${percent} %)`;
    await changeTask(services, ref, (task) => withNote(task, at, text));
  },
};

function refOf({
  customerId = '',
  serverId = '',
  taskId = '',
}: Readonly<Record<string, string>>): InstallationRef {
  return { customerId, serverId, taskId };
}

async function takeOutcome(
  services: Installing,
  log: Log,
  ref: InstallationRef,
  { status, reason, data }: CommandEnd,
): Promise<void> {
  if (status !== 'succeeded') {
    const why = reason ?? 'the machine gave no reason: see the log of its cloud client';
    return endInstallation(services, log, ref, {
      event: status === 'expired' ? 'installationTimedOut' : 'installationFailed',
      why,
    });
  }
  const restart = data?.kind === 'install' && data.restartRequired ? '. Restart the machine' : '';
  const at = services.clock.now().toISOString();
  await reportStep(services, log, ref, { at, step: `${REGISTERS}${restart}`, percent: 100, installedAt: at });
}

/** Stores a step and shows it as the reason of the status; a late or repeated one changes nothing. */
async function reportStep(
  services: Installing,
  log: Log,
  ref: InstallationRef,
  { at, ...step }: Pick<Installation, 'step' | 'percent' | 'installedAt'> & { at: string },
): Promise<void> {
  await changeOpen(services, log, ref, (installation, server) => {
    if (installation.installedAt !== undefined || installation.progressAt > at) return undefined;
    const next = { ...installation, ...step, progressAt: at };
    return {
      next: { ...next, dueAt: failsAt(next) },
      happening: server && { event: 'installationStep' as const, reason: step.step },
    };
  });
}

/** Ends the installation of a machine that has registered with the server component. */
export async function noteRegisteredServer(
  services: Installing,
  log: Log,
  customerId: string,
  { id: serverId, status, serverVersion }: Pick<Server, 'id' | 'status' | 'serverVersion'>,
): Promise<void> {
  if (status !== 'installationInProgress' || serverVersion === undefined) return;
  const installation = await findInstallation(services, customerId, serverId);
  if (installation)
    await endInstallation(services, log, { customerId, serverId, taskId: installation.taskId }, undefined);
}

/**
 * Ends an installation whose machine is not being installed any more, since its cloud client was removed: its task must
 * not wait for it, and a result that comes late is refused. Does nothing to one that goes on.
 */
export async function endAbandonedInstallation(
  services: Installing,
  log: Log,
  customerId: string,
  serverId: string,
): Promise<void> {
  const installation = await findInstallation(services, customerId, serverId);
  if (installation?.dueAt === undefined) return;
  // Read after it: another installation that begins now has another task.
  const server = await findServer(services, customerId, serverId);
  if (server?.status === 'installationInProgress') return;
  const ref = { customerId, serverId, taskId: installation.taskId };
  await endInstallation(services, log, ref, CLIENT_REMOVED);
}

/** Queues commands that a crash left out, and ends installations of machines that are silent or take too long. */
export async function resumeInstallations(services: Installing, log: Log): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'installation' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const serverId = id.slice(`${installationType.name}:`.length);
    try {
      await resumeInstallation(services, log, customerId, serverId);
    } catch (error) {
      log.error('installation.not-resumed', error, { customerId, serverId });
    }
  }
}

async function resumeInstallation(
  services: Installing,
  log: Log,
  customerId: string,
  serverId: string,
): Promise<void> {
  const installation = await findInstallation(services, customerId, serverId);
  const now = services.clock.now().toISOString();
  if (installation?.dueAt === undefined || installation.dueAt > now) return;
  const ref = { customerId, serverId, taskId: installation.taskId };
  if (installation.state !== 'inProgress') return tidyUp(services, ref);
  const server = await findServer(services, customerId, serverId);
  if (server?.status !== 'installationInProgress') return endInstallation(services, log, ref, CLIENT_REMOVED);
  if (server.serverVersion !== undefined) return endInstallation(services, log, ref, undefined);
  const end = await findCommandEnd(services, customerId, serverId, installation.taskId);
  if (end && installation.installedAt === undefined) return takeOutcome(services, log, ref, end);
  if (now >= failsAt(installation)) return endInstallation(services, log, ref, timeOut(installation, now));
  if (!end) await queueInstallCommand(services, customerId, installation);
  await services.database
    .control(customerId)
    .replace(installationType, { ...installation, dueAt: failsAt(installation) });
}

function timeOut({ step, startedAt, progressAt }: Installation, now: string): Failure {
  const isSilent = Date.parse(now) < Date.parse(startedAt) + TOTAL_SECONDS * 1000;
  const why = isSilent
    ? `the machine has reported nothing for ${SILENCE_SECONDS / 60} minutes, the last time at "${step}" (${progressAt})`
    : `it was not finished within ${TOTAL_SECONDS / 60} minutes; the last step was "${step}"`;
  return { event: 'installationTimedOut', why };
}

/** Stores the end together with the status of the server; the first end counts. */
async function endInstallation(
  services: Installing,
  log: Log,
  ref: InstallationRef,
  failure: Failure,
): Promise<void> {
  await changeOpen(services, log, ref, (installation, server, now) => {
    const reason =
      failure && `The installation failed: ${failure.why}. Check the machine, then start it again.`;
    const state = failure ? 'failed' : 'succeeded';
    return {
      next: { ...installation, state, reason, endedAt: now, dueAt: now },
      happening: server && { event: failure?.event ?? 'installed', reason },
    };
  });
  await tidyUp(services, ref);
}

type Happening = Parameters<typeof statusChanges>[1];

/**
 * Changes an installation that is in progress, and the status of its server in the same batch.
 * @param change is given the server only while that is being installed; undefined changes nothing
 */
async function changeOpen(
  services: Pick<Services, 'database' | 'clock'>,
  log: Log,
  { customerId, serverId, taskId }: InstallationRef,
  next: (
    installation: Stored<Installation>,
    server: Stored<Server> | undefined,
    now: string,
  ) => { next: Installation; happening: Happening | undefined } | undefined,
): Promise<void> {
  await retryConflicts(async () => {
    const installation = await findInstallation(services, customerId, serverId);
    if (installation?.taskId !== taskId || installation.state !== 'inProgress') return;
    const found = await findServer(services, customerId, serverId);
    const server = found?.status === 'installationInProgress' ? found : undefined;
    const now = services.clock.now();
    const changed = next(installation, server, now.toISOString());
    if (!changed) return;
    const status = server && changed.happening ? statusChanges(server, changed.happening, now, log) : [];
    await services.database
      .control(customerId)
      .commit([change.replace(installationType, changed.next, installation.etag), ...status]);
  });
}

/** Ends task and command and removes the password; repeated by the sweep until all of that is done. */
async function tidyUp(
  services: Installing,
  { customerId, serverId, taskId }: InstallationRef,
): Promise<void> {
  const ended = await findInstallation(services, customerId, serverId);
  if (ended?.taskId !== taskId || ended.state === 'inProgress' || ended.dueAt === undefined) return;
  const { state: outcome, reason: detail, passwordSecret } = ended;
  const code = outcome === 'failed' ? { code: 'conflict' } : {};
  await endWaitingTask(services, { customerId, taskId }, { item: serverId, outcome, detail, ...code });
  await cancelCommand(services, { customerId, serverId, commandId: taskId }, 'the installation has ended');
  if (passwordSecret !== undefined) await removeTemporarySecret(services, customerId, passwordSecret);
  await retryConflicts(async () => {
    const known = await findInstallation(services, customerId, serverId);
    if (known?.taskId !== taskId || known.dueAt === undefined) return;
    const { dueAt: _due, passwordSecret: _secret, ...rest } = known;
    await services.database.control(customerId).replace(installationType, rest);
  });
}
