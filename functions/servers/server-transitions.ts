/** The state machine of servers: every event in every state, in one table (SRV-3). Pure; documented in docs/server-states.md. */
import { Problem } from '../../shared/problem';
import { type ServerStatus, SERVER_STATUSES, STATUS_LABELS } from './server-status';

/** `new`: the service does not know the machine yet. */
type State = ServerStatus | 'new';
type Row = Readonly<Partial<Record<State, ServerStatus>>>;

const stays = (...statuses: ServerStatus[]): Row =>
  Object.fromEntries(statuses.map((status) => [status, status]));

/** Of timers, which may come late: where they change nothing they are ignored. */
const staysElsewhere = (row: Row): Row => ({ ...stays(...SERVER_STATUSES), ...row });

/** What a machine without the server component goes back to, and what ignores that. */
const HAS_NO_SERVER: Row = {
  discovered: 'readyToInstall',
  available: 'readyToInstall',
  offline: 'readyToInstall',
  maintenance: 'readyToInstall',
  deleted: 'readyToInstall',
  ...stays('setupInProgress', 'readyToInstall', 'upgrading', 'installationInProgress', 'installationFailed'),
};

/** The next state by event and state; a state that a row does not have refuses the event. */
const TRANSITIONS = {
  /** A template lists the machine. */
  planned: staysElsewhere({ new: 'planned', deleted: 'planned' }),
  /** A planned machine has enrolled, or its set-up was started. */
  setupStarted: {
    planned: 'setupInProgress',
    installationFailed: 'setupInProgress',
    ...stays('setupInProgress'),
  },
  setupFailed: { setupInProgress: 'installationFailed', ...stays('installationFailed') },
  setupTimedOut: staysElsewhere({ setupInProgress: 'installationFailed' }),

  /** The machine has registered with the server component. */
  registered: {
    new: 'discovered',
    planned: 'discovered',
    setupInProgress: 'discovered',
    readyToInstall: 'discovered',
    installationFailed: 'discovered',
    uninstalled: 'discovered',
    deleted: 'discovered',
    ...stays('discovered', 'available', 'offline', 'upgrading', 'installationInProgress', 'maintenance'),
  },
  registeredWithoutServer: {
    ...HAS_NO_SERVER,
    new: 'readyToInstall',
    planned: 'setupInProgress',
    uninstalled: 'readyToInstall',
  },
  /** A heartbeat of a server whose cloud client is recent enough. */
  heartbeat: {
    discovered: 'available',
    offline: 'available',
    maintenance: 'available',
    deleted: 'available',
    ...stays('available', 'setupInProgress', 'upgrading', 'installationInProgress', 'installationFailed'),
  },
  /** A heartbeat of a server whose cloud client is below the required minimum. */
  heartbeatOfOldClient: {
    discovered: 'maintenance',
    available: 'maintenance',
    offline: 'maintenance',
    deleted: 'maintenance',
    ...stays('maintenance', 'setupInProgress', 'upgrading', 'installationInProgress', 'installationFailed'),
  },
  /** A heartbeat of a machine without the server component. */
  heartbeatWithoutServer: HAS_NO_SERVER,
  /** Three heartbeats were missed. */
  silent: staysElsewhere({
    discovered: 'offline',
    available: 'offline',
    readyToInstall: 'offline',
    maintenance: 'offline',
  }),
  /** The cloud client is being removed from the machine. */
  unregistered: {
    setupInProgress: 'uninstalled',
    discovered: 'uninstalled',
    available: 'uninstalled',
    offline: 'uninstalled',
    upgrading: 'uninstalled',
    readyToInstall: 'uninstalled',
    installationInProgress: 'uninstalled',
    installationFailed: 'uninstalled',
    maintenance: 'uninstalled',
    ...stays('uninstalled', 'deleted'),
  },
  /** An administrator removes it from view (SRV-4). */
  removed: {
    offline: 'deleted',
    uninstalled: 'deleted',
    installationFailed: 'deleted',
    ...stays('deleted'),
  },

  /** The machine was deleted with the deployment that made it. */
  machineDeleted: Object.fromEntries(SERVER_STATUSES.map((status) => [status, 'deleted'])),

  installationStarted: {
    // Of a planned machine whose cloud client has registered (ARM-4).
    setupInProgress: 'installationInProgress',
    readyToInstall: 'installationInProgress',
    installationFailed: 'installationInProgress',
  },
  /** Progress of an installation, which its reason describes. */
  installationStep: stays('installationInProgress'),
  installationFailed: { installationInProgress: 'installationFailed', ...stays('installationFailed') },
  installationTimedOut: staysElsewhere({ installationInProgress: 'installationFailed' }),
  /** The machine reports that the server component is installed, perhaps after the time-out. */
  installed: {
    installationInProgress: 'discovered',
    installationFailed: 'discovered',
    ...stays('discovered', 'available'),
  },

  upgradeStarted: { available: 'upgrading', maintenance: 'upgrading' },
  /** The cloud client reports the new version, or why it failed, perhaps after the time-out. */
  upgradeFinished: { upgrading: 'available', ...stays('available', 'offline', 'maintenance') },
  upgradeFailed: { upgrading: 'available', ...stays('available', 'offline', 'maintenance') },
  /** The new version did not come in time; the server sends heartbeats. */
  upgradeTimedOut: staysElsewhere({ upgrading: 'available' }),
  /** The same, and the server is silent. */
  upgradeTimedOutInSilence: staysElsewhere({ upgrading: 'offline' }),
} as const satisfies Record<string, Row>;

export type ServerEvent = keyof typeof TRANSITIONS;

/** Every event, in the order of the table. */
export const SERVER_EVENTS = Object.keys(TRANSITIONS) as ServerEvent[];

/** The state after the event, possibly the same; undefined when the event is illegal in this state. */
export function nextStatus(from: State, event: ServerEvent): ServerStatus | undefined {
  const row: Row = TRANSITIONS[event];
  return row[from];
}

const REMEDIES: Partial<Record<ServerEvent, string>> = {
  removed:
    'A server can be removed while it is Offline, Uninstalled or Installation failed: stop or uninstall its cloud client first.',
  installationStarted:
    'The server component can be installed while it is Setup in progress, Ready to install or Installation failed.',
  upgradeStarted: 'The cloud client can be upgraded while the server is Available or in Maintenance.',
  heartbeat: 'Register it before it sends heartbeats.',
  heartbeatOfOldClient: 'Register it before it sends heartbeats.',
  heartbeatWithoutServer: 'Register it before it sends heartbeats.',
};

/** The problem of an event that is illegal in this state: `conflict`, with `from` and `event`. */
export function illegalTransition(from: State, event: ServerEvent): Problem {
  const label = from === 'new' ? 'not registered' : STATUS_LABELS[from];
  const remedy = REMEDIES[event] ?? 'Wait until its state allows this.';
  return new Problem('conflict', `The server is ${label}. ${remedy}`, { extensions: { from, event } });
}
