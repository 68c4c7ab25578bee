/** Reads and writes playback permissions, and those who can have one. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentExists, DocumentStale } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { administratorGroupType } from '../../../shared/identity/administrator-groups';
import type { Administrator } from '../../../shared/identity/caller';
import { seenAdministratorType } from '../../../shared/identity/seen-administrators';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { validationFailed } from '../../../shared/http/validation';
import {
  type Holder,
  keysOf,
  MAX_CRITERIA,
  permissionId,
  type PlaybackPermission,
  type PlaybackPermissionInput,
  playbackPermissionType,
} from './playback-permission';

type Reading = Pick<Services, 'database'>;
type Person = Pick<Administrator, 'customerId' | 'id'>;

/** More sites than a customer has. */
const MAX_SITES = 10_000;

/** What limits an administrator at a site: a recording must have one of the scope keys; without keys none may be seen. */
export interface PlaybackLimit {
  siteId: string;
  keys: readonly string[];
}

/** The limits of the administrator, by site; a site that is not listed has none. */
export async function playbackPermissionsOf(services: Reading, person: Person): Promise<PlaybackLimit[]> {
  return (await permissionsOf(services, person)).flatMap((stored) => limitOf(stored) ?? []);
}

/** The limit of the administrator at a site; undefined when there is none. */
export async function playbackPermissionOf(
  { database }: Reading,
  { customerId, id }: Person,
  siteId: string,
): Promise<PlaybackLimit | undefined> {
  const stored = await database.control(customerId).read(playbackPermissionType, permissionId(siteId, id));
  return stored && limitOf(stored);
}

function limitOf({ siteId, permission, scope }: PlaybackPermission): PlaybackLimit | undefined {
  if (permission === 'full') return undefined;
  return { siteId, keys: permission === 'limited' && scope ? keysOf(scope) : [] };
}

function permissionsOf({ database }: Reading, { customerId, id: administratorId }: Person) {
  return database.control(customerId).list(playbackPermissionType, {
    where: 'c.administratorId = @administratorId',
    parameters: { administratorId },
    limit: MAX_SITES,
  });
}

export interface FoundPermission {
  holder: Holder;
  stored: Stored<PlaybackPermission> | undefined;
}

/** The administrator or group with the permission at the site; undefined when neither was seen. */
export async function findPermission(
  { database }: Reading,
  customerId: string,
  siteId: string,
  administratorId: string,
): Promise<FoundPermission | undefined> {
  const control = database.control(customerId);
  const [seen, group, stored] = await Promise.all([
    control.read(seenAdministratorType, administratorId),
    control.read(administratorGroupType, administratorId),
    control.read(playbackPermissionType, permissionId(siteId, administratorId)),
  ]);
  const holder = seen
    ? { ...seen, isGroup: false }
    : group && { ...group, isGroup: true, throughGroup: false };
  return holder && { holder, stored };
}

/** Administrators by id, then groups by id: `after` is the position of the last one. */
export async function listPermissions(
  { database }: Reading,
  { customerId, siteId }: { customerId: string; siteId: string },
  { limit, after }: { limit: number; after: string | undefined },
): Promise<FoundPermission[]> {
  const control = database.control(customerId);
  const lastGroup = after?.startsWith(GROUPS) ? after.slice(GROUPS.length) : undefined;
  const seen =
    lastGroup === undefined
      ? await control.list(seenAdministratorType, { limit, after: after?.slice(PEOPLE.length) })
      : [];
  const groups = await control.list(administratorGroupType, { limit: limit - seen.length, after: lastGroup });
  const holders: Holder[] = [
    ...seen.map((person) => ({ ...person, isGroup: false })),
    ...groups.map((group) => ({ ...group, isGroup: true, throughGroup: false })),
  ];
  return Promise.all(
    holders.map(async (holder) => ({
      holder,
      stored:
        holder.kind === 'readOnlyAdmin'
          ? await control.read(playbackPermissionType, permissionId(siteId, holder.id))
          : undefined,
    })),
  );
}

const PEOPLE = 'a:';
const GROUPS = 'g:';

/** Position of an administrator or group in the list. */
export function positionOf({ holder: { id, isGroup } }: FoundPermission): string {
  return `${isGroup ? GROUPS : PEOPLE}${id}`;
}

interface PermissionChange {
  customerId: string;
  siteId: string;
  found: FoundPermission;
  next: PlaybackPermissionInput;
  audit: AuditTrail;
}

/** @throws Problem `conflict` where it cannot be changed, `validation-failed` for too many criteria; DocumentStale */
export async function savePermission(
  services: Reading,
  { customerId, siteId, found: { holder, stored }, next, audit }: PermissionChange,
): Promise<void> {
  if (holder.isGroup || holder.throughGroup)
    throw new Problem(
      'conflict',
      'The role comes only from a directory group: playback permissions are set for administrators with a role of their own.',
    );
  if (holder.kind !== 'readOnlyAdmin')
    throw new Problem(
      'conflict',
      'Only read-only administrators have playback permissions: others see all recordings.',
    );
  const administratorId = holder.id;
  const { permission, scope } = next;
  if (permission === 'limited' && scope)
    await checkCriteria(services, { customerId, id: administratorId }, siteId, keysOf(scope).length);
  const document = { id: permissionId(siteId, administratorId), siteId, administratorId, permission, scope };
  const write = stored
    ? change.replace(playbackPermissionType, document, stored.etag)
    : change.create(playbackPermissionType, document);
  try {
    await audit.commit([write], {
      siteId,
      target: { type: 'playbackPermission', id: administratorId, name: holder.name },
      old: { permission: stored?.permission ?? 'full', scope: stored?.scope },
      new: { permission, scope },
    });
  } catch (error) {
    // What was set for the first time meanwhile was changed since it was read.
    if (error instanceof DocumentExists) throw new DocumentStale('It was set meanwhile.', { cause: error });
    throw error;
  }
}

/** Criteria of all sites are part of one query. */
async function checkCriteria(
  services: Reading,
  person: Person,
  siteId: string,
  count: number,
): Promise<void> {
  const limits = await playbackPermissionsOf(services, person);
  const others = limits
    .filter((limit) => limit.siteId !== siteId)
    .reduce((sum, { keys }) => sum + keys.length, 0);
  if (others + count <= MAX_CRITERIA) return;
  const detail = `An administrator has at most ${MAX_CRITERIA} criteria over all sites; ${others} are at other sites.`;
  throw validationFailed('The body', [{ pointer: '/scope', detail }]);
}
