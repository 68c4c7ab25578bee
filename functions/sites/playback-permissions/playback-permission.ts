/** Playback permissions: which recordings of a site a read-only administrator may see and play (IAM-6). Pure. */
import { z } from 'zod';
import { documentType } from '../../../shared/cosmos/document-type';
import { ADMINISTRATOR_KINDS, type AdministratorKind } from '../../../shared/identity/permissions';
import { line } from '../../../shared/pure/text-fields';

const PERMISSION_LEVELS = ['full', 'limited', 'none'] as const;

/** Criteria of all permissions of an administrator together: they are part of every search. */
export const MAX_CRITERIA = 200;

const criteria = (what: string, example: string) =>
  z
    .array(line(256))
    .max(MAX_CRITERIA)
    .default([])
    .describe(what)
    .meta({ examples: [[example]] });

const scopeInput = z
  .strictObject({
    users: criteria('`DOMAIN\\user`, user name, principal name, SID or Entra ID object id', 'CONTOSO\\bob'),
    groups: criteria('`DOMAIN\\group`, group name, SID or Entra ID object id', 'CONTOSO\\Finance'),
    applications: criteria('Published applications and desktops', 'SAP GUI'),
    deliveryGroups: criteria('Delivery groups', 'Office'),
    machines: criteria('Host names of recorded machines', 'VDA-17'),
  })
  .meta({
    id: 'PlaybackScope',
    description: 'A recording that meets any of the criteria may be played; case-insensitive',
  });

export type PlaybackScope = z.output<typeof scopeInput>;

export const playbackPermissionInput = z
  .strictObject({
    permission: z
      .enum(PERMISSION_LEVELS)
      .describe('`limited`: the recordings of `scope`. Restricted recordings are included by none'),
    scope: scopeInput.optional(),
  })
  .meta({ id: 'PlaybackPermissionInput', examples: [{ permission: 'none' }] })
  .superRefine(({ permission, scope }, context) => {
    const count = scope === undefined ? 0 : keysOf(scope).length;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['scope'], message });
    if (permission === 'limited' && count === 0)
      refuse('Give at least one criterion, or the permission `none`.');
    if (count > MAX_CRITERIA) refuse(`Give at most ${MAX_CRITERIA} criteria.`);
  });

export type PlaybackPermissionInput = z.output<typeof playbackPermissionInput>;

const SHOWN_AS = ['fullAdmin', 'privilegedPlayer', 'readOnlyAdmin'] as const;

export const playbackPermissionView = z
  .object({
    administratorId: z.string(),
    name: z.string().describe('Name of the administrator or group'),
    kind: z.enum(ADMINISTRATOR_KINDS).describe('By the role'),
    shownAs: z
      .enum(SHOWN_AS)
      .describe(
        'A read-only administrator who may play everything is shown as a full one, though without other rights',
      ),
    isGroup: z.boolean().describe('A directory group that holds a role; its members are administrators'),
    throughGroup: z.boolean().describe('The role comes only from a directory group'),
    isEditable: z
      .boolean()
      .describe('Only permissions of read-only administrators with a role of their own can be changed'),
    permission: z.enum(PERMISSION_LEVELS).describe('`full` for whoever is no read-only administrator'),
    scope: scopeInput.optional().describe('What `limited` includes; kept while the permission is another'),
  })
  .meta({ id: 'PlaybackPermission' });

/** An administrator, or a group that holds a role, as the list shows them. */
export interface Holder {
  id: string;
  name: string;
  kind: AdministratorKind;
  isGroup: boolean;
  throughGroup: boolean;
}

export interface PlaybackPermission {
  /** See `permissionId`. */
  id: string;
  siteId: string;
  administratorId: string;
  permission: (typeof PERMISSION_LEVELS)[number];
  scope?: PlaybackScope | undefined;
}

export const playbackPermissionType = documentType<PlaybackPermission>('playback-permission', {
  ttlSeconds: 'never',
});

export function permissionId(siteId: string, administratorId: string): string {
  return `${siteId}.${administratorId}`;
}

/** The criteria as the scope keys of recordings, of which one must be met. */
export function keysOf({ users, groups, applications, deliveryGroups, machines }: PlaybackScope): string[] {
  const keyed = (kind: string, values: readonly string[]) =>
    values.map((value) => `${kind}:${value.toLowerCase()}`);
  const keys = [
    ...keyed('u', users),
    ...keyed('g', groups),
    ...keyed('a', applications),
    ...keyed('d', deliveryGroups),
    ...keyed('m', machines),
  ];
  return [...new Set(keys)];
}

/** The permission of an administrator or group as the API returns it. */
export function viewOfPermission(
  { id, name, kind, isGroup, throughGroup }: Holder,
  stored: PlaybackPermission | undefined,
): z.input<typeof playbackPermissionView> {
  const isReadOnly = kind === 'readOnlyAdmin';
  const permission = isReadOnly ? (stored?.permission ?? 'full') : 'full';
  return {
    administratorId: id,
    name,
    kind,
    shownAs:
      kind === 'privilegedPlayerAdmin'
        ? 'privilegedPlayer'
        : permission === 'full'
          ? 'fullAdmin'
          : 'readOnlyAdmin',
    isGroup,
    throughGroup,
    isEditable: isReadOnly && !isGroup && !throughGroup,
    permission,
    ...(isReadOnly && stored?.scope ? { scope: stored.scope } : {}),
  };
}
