/** The states of a server and their display names; how they follow from each other is in server-transitions.ts. */

export const SERVER_STATUSES = [
  'planned',
  'setupInProgress',
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

/** The display name of each state. */
export const STATUS_LABELS: Readonly<Record<ServerStatus, string>> = {
  planned: 'Planned',
  setupInProgress: 'Setup in progress',
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
