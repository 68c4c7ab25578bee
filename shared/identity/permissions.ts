/** Who may do what: the one table that the API, the OpenAPI document and the tests read. */

/** Kinds of administrator, strongest first. */
export const ADMINISTRATOR_KINDS = ['fullAdmin', 'privilegedPlayerAdmin', 'readOnlyAdmin'] as const;
export type AdministratorKind = (typeof ADMINISTRATOR_KINDS)[number];

/** App roles of a token and the kind that each makes. */
export const APP_ROLES: Readonly<Record<string, AdministratorKind>> = {
  'SessionRecording.FullAdmin': 'fullAdmin',
  'Cloud.FullAccess': 'fullAdmin',
  'Cloud.Administrator': 'fullAdmin',
  'SessionRecording.PrivilegedPlayerAdmin': 'privilegedPlayerAdmin',
  'SessionRecording.ReadOnlyAdmin': 'readOnlyAdmin',
};

const full = ['fullAdmin'] as const;
const players = ['fullAdmin', 'privilegedPlayerAdmin'] as const;
const everyone = ADMINISTRATOR_KINDS;

/** The permission matrix. */
export const PERMISSIONS = {
  'own-profile': everyone,
  'event-types.read': everyone,
  'sites.list': everyone,
  'sites.manage': full,
  'playback-permissions.manage': full,
  'servers.manage': full,
  'policies.manage': full,
  'administrators.manage': full,
  'secure-clients.manage': full,
  'onboarding.use': full,
  'install-commands.create': full,
  'recordings.search': everyone,
  'recordings.play': everyone,
  'restrictions.place': everyone,
  'restrictions.manage': players,
  'recordings.archive': players,
  'recordings.hold': full,
  'recordings.share': full,
  'dashboard.read': full,
  /** Full administrators all tasks, privileged players their own. */
  'tasks.manage': players,
  'logs.read': full,
  'activity.manage': full,
} as const satisfies Record<string, readonly AdministratorKind[]>;

export type Permission = keyof typeof PERMISSIONS;

/** What only administrators with a role of their own may do: one that comes through a group is not enough (IAM-4). */
const ONLY_DIRECTLY: ReadonlySet<string> = new Set<Permission>([
  'install-commands.create',
  'playback-permissions.manage',
]);

/** Whether a role that comes only through a group is refused. */
export function needsOwnRole(permission: Permission): boolean {
  return ONLY_DIRECTLY.has(permission);
}

/** The strongest of some kinds, or undefined for none. */
export function strongestKind(kinds: Iterable<AdministratorKind>): AdministratorKind | undefined {
  const held = new Set(kinds);
  return ADMINISTRATOR_KINDS.find((kind) => held.has(kind));
}
