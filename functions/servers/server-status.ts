/** The states of a server and the steps between them: one table (SRV-3). */
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

/** The states that may follow each state. */
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

/** How people read a state. */
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

/** Whoever installs or upgrades a server says how that ended; being heard of meanwhile changes nothing. */
const IN_OTHER_HANDS: readonly ServerStatus[] = ['upgrading', 'installationInProgress'];

/** States in which silence makes a server Offline. */
const GO_OFFLINE: readonly ServerStatus[] = ['discovered', 'available', 'readyToInstall', 'maintenance'];

/** What a machine is once it has registered; `from` is absent for one that was never seen before. */
export function statusWhenRegistered(from: ServerStatus | undefined, hasServer: boolean): ServerStatus {
  if (from === undefined) return hasServer ? 'discovered' : 'readyToInstall';
  if (IN_OTHER_HANDS.includes(from)) return from;
  if (!hasServer) return from === 'installationFailed' ? from : 'readyToInstall';
  const begins: readonly ServerStatus[] = ['uninstalled', 'deleted', 'readyToInstall', 'installationFailed'];
  return begins.includes(from) ? 'discovered' : from;
}

/** What a server is after a heartbeat. One that was unregistered stays so, until it registers again. */
export function statusWhenHeard(
  from: ServerStatus,
  { hasServer, clientTooOld }: { hasServer: boolean; clientTooOld: boolean },
): ServerStatus {
  const stays: readonly ServerStatus[] = [...IN_OTHER_HANDS, 'installationFailed', 'uninstalled'];
  if (stays.includes(from)) return from;
  if (!hasServer) return 'readyToInstall';
  return clientTooOld ? 'maintenance' : 'available';
}

/** What a server is that was not heard of for too long. */
export function statusWhenSilent(from: ServerStatus): ServerStatus {
  return GO_OFFLINE.includes(from) ? 'offline' : from;
}

/** The next state, which may be the present one. @throws Problem `conflict` when the table does not have the step */
export function transition(from: ServerStatus, to: ServerStatus): ServerStatus {
  if (from === to || NEXT_STATUSES[from].includes(to)) return to;
  throw new Problem(
    'conflict',
    `A server that is ${STATUS_LABELS[from]} cannot become ${STATUS_LABELS[to]}.`,
    { extensions: { from, to } },
  );
}
