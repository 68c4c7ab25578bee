/** The states of a server and the transitions between them: one table (SRV-3). */
import { Problem } from '../../shared/problem';

export const SERVER_STATUSES = [
  'discovered',
  'available',
  'offline',
  'upgrading',
  'readyToInstall',
  'installationInProgress',
  'installationFailed',
  'uninstalled',
  'deleted',
  'maintenance',
] as const;
export type ServerStatus = (typeof SERVER_STATUSES)[number];

/** The allowed transitions of each state. */
export const NEXT_STATUSES: Readonly<Record<ServerStatus, readonly ServerStatus[]>> = {
  discovered: ['available', 'maintenance', 'offline', 'readyToInstall', 'uninstalled'],
  available: ['offline', 'upgrading', 'maintenance', 'readyToInstall', 'uninstalled'],
  offline: ['available', 'maintenance', 'readyToInstall', 'uninstalled', 'deleted'],
  upgrading: ['available', 'maintenance', 'offline', 'uninstalled'],
  readyToInstall: ['installationInProgress', 'discovered', 'offline', 'uninstalled'],
  installationInProgress: ['discovered', 'available', 'installationFailed', 'uninstalled'],
  installationFailed: ['installationInProgress', 'discovered', 'readyToInstall', 'uninstalled', 'deleted'],
  uninstalled: ['discovered', 'readyToInstall', 'deleted'],
  deleted: ['discovered', 'readyToInstall', 'available', 'maintenance'],
  maintenance: ['available', 'upgrading', 'offline', 'readyToInstall', 'uninstalled'],
};

/** The display name of each state. */
export const STATUS_LABELS: Readonly<Record<ServerStatus, string>> = {
  discovered: 'Discovered',
  available: 'Available',
  offline: 'Offline',
  upgrading: 'Upgrading',
  readyToInstall: 'Ready to install',
  installationInProgress: 'Installation in progress',
  installationFailed: 'Installation failed',
  uninstalled: 'Uninstalled',
  deleted: 'Deleted',
  maintenance: 'Maintenance',
};

/** The task that installs or upgrades a server sets the next status; heartbeats are ignored meanwhile. */
const MANAGED_BY_TASK: readonly ServerStatus[] = ['upgrading', 'installationInProgress'];

/** States that change to Offline after missed heartbeats. */
const GO_OFFLINE: readonly ServerStatus[] = ['discovered', 'available', 'readyToInstall', 'maintenance'];

/** The status of a machine after its registration; `from` is absent for a new one. */
export function statusAfterRegistration(from: ServerStatus | undefined, hasServer: boolean): ServerStatus {
  if (from === undefined) return hasServer ? 'discovered' : 'readyToInstall';
  if (MANAGED_BY_TASK.includes(from)) return from;
  if (!hasServer) return from === 'installationFailed' ? from : 'readyToInstall';
  const begins: readonly ServerStatus[] = ['uninstalled', 'deleted', 'readyToInstall', 'installationFailed'];
  return begins.includes(from) ? 'discovered' : from;
}

/** The status after a heartbeat. An unregistered server stays so until it registers again. */
export function statusAfterHeartbeat(
  from: ServerStatus,
  { hasServer, clientTooOld }: { hasServer: boolean; clientTooOld: boolean },
): ServerStatus {
  const stays: readonly ServerStatus[] = [...MANAGED_BY_TASK, 'installationFailed', 'uninstalled'];
  if (stays.includes(from)) return from;
  if (!hasServer) return 'readyToInstall';
  return clientTooOld ? 'maintenance' : 'available';
}

/** The status after missed heartbeats. */
export function statusAfterTimeout(from: ServerStatus): ServerStatus {
  return GO_OFFLINE.includes(from) ? 'offline' : from;
}

/** The next state, possibly the current one. @throws Problem `conflict` when the transition is not allowed */
export function transition(from: ServerStatus, to: ServerStatus): ServerStatus {
  if (from === to || NEXT_STATUSES[from].includes(to)) return to;
  throw new Problem(
    'conflict',
    `A server that is ${STATUS_LABELS[from]} cannot become ${STATUS_LABELS[to]}.`,
    { extensions: { from, to } },
  );
}
