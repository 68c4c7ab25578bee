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

/** The next state. @throws Problem `conflict` when the table does not have the step */
export function transition(from: ServerStatus, to: ServerStatus): ServerStatus {
  if (NEXT_STATUSES[from].includes(to)) return to;
  throw new Problem(
    'conflict',
    `A server that is ${STATUS_LABELS[from]} cannot become ${STATUS_LABELS[to]}.`,
    { extensions: { from, to } },
  );
}
