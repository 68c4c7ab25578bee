/** HTTP operations about the caller, and about directory groups that hold a role. */
import { z } from 'zod';
import { DocumentExists, DocumentStale } from '../../shared/cosmos/errors';
import { change } from '../../shared/cosmos/partition';
import { NOT_MODIFIED, type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { administratorGroupType } from '../../shared/identity/administrator-groups';
import { ADMINISTRATOR_KINDS, PERMISSIONS } from '../../shared/identity/permissions';
import { Problem } from '../../shared/problem';
import { line } from '../../shared/pure/text-fields';
import { preferenceOperations } from './preferences/operations';
import { secureClientOperations } from './secure-clients/operations';

const tag = 'Identity';
const groupsPath = '/api/v1/administratorGroups';

const profileView = z
  .object({
    customerId: z.string(),
    id: z.string(),
    name: z.string(),
    kind: z.enum(ADMINISTRATOR_KINDS),
    throughGroup: z.boolean().describe('The role comes only through a directory group'),
    isApplication: z.boolean(),
    permissions: z.array(z.string()),
    notice: z.string().optional(),
  })
  .meta({ id: 'Profile' });

const getMe = operation({
  id: 'getMe',
  method: 'GET',
  path: '/api/v1/me',
  tag,
  summary: 'Show the caller and the permissions of the role',
  access: 'own-profile',
  success: { status: 200, description: 'The caller', body: profileView },
  async handle({ caller }) {
    const { customerId, id, name, kind = 'readOnlyAdmin', throughGroup, isApplication } = caller;
    const permissions = Object.entries(PERMISSIONS)
      .filter(([, kinds]) => (kinds as readonly string[]).includes(kind))
      .map(([permission]) => permission);
    const notice = caller.groupOverage
      ? 'The token left out its groups because there are too many: roles of groups are not counted.'
      : undefined;
    return { body: { customerId, id, name, kind, throughGroup, isApplication, permissions, notice } };
  },
});

const groupInput = z
  .strictObject({ name: line(256), kind: z.enum(ADMINISTRATOR_KINDS) })
  .meta({ id: 'AdministratorGroupInput' });

const groupView = z
  .object({ id: z.string(), name: z.string(), kind: z.enum(ADMINISTRATOR_KINDS) })
  .meta({ id: 'AdministratorGroup' });

const listGroups = operation({
  id: 'listAdministratorGroups',
  method: 'GET',
  path: groupsPath,
  tag,
  summary: 'List directory groups that hold a role',
  access: 'administrators.manage',
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of groups', body: pageOf(groupView) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const body = await readPage({
      services,
      caller,
      path: groupsPath,
      query,
      read: (limit, after) => control.list(administratorGroupType, { limit, after }),
      keyOf: (group) => group.id,
      toItem: (group) => group,
    });
    return { body };
  },
});

const groupId = z.guid();

const getGroup = operation({
  id: 'getAdministratorGroup',
  method: 'GET',
  path: `${groupsPath}/{groupId}`,
  tag,
  summary: 'Show the role of a directory group',
  access: 'administrators.manage',
  success: { status: 200, description: 'The group', body: groupView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ params, caller, services }) =>
    services.database.control(caller.customerId).read(administratorGroupType, params.groupId),
  handle: async ({ resource }) => ({ body: resource, etag: resource.etag }),
});

const putGroup = operation({
  id: 'putAdministratorGroup',
  method: 'PUT',
  path: `${groupsPath}/{groupId}`,
  tag,
  summary: 'Assign a role to a directory group',
  description: 'Takes effect for requests of members within seconds.',
  access: 'administrators.manage',
  body: groupInput,
  success: { status: 200, description: 'The group', body: groupView },
  ifMatch: 'whenExists',
  etag: true,
  audit: { action: 'administratorGroup.set', when: 'withChange' },
  load: ({ params, caller, services }) =>
    services.database.control(caller.customerId).read(administratorGroupType, params.groupId),
  edits: { current: ({ resource }) => resource },
  async handle({ params, resource, body, caller, services, audit, ifMatch }) {
    const id = groupId.safeParse(params.groupId).data;
    if (!id) throw new Problem('validation-failed', 'A group is identified by its object id, a GUID.');
    const group = { ...body, id };
    const write = resource
      ? change.replace(administratorGroupType, group, ifMatch)
      : change.create(administratorGroupType, group);
    const details = {
      target: { type: 'administratorGroup', id, name: body.name },
      old: resource && { name: resource.name, kind: resource.kind },
      new: body,
    };
    await audit.commit([write], details).catch((error: unknown) => {
      if (!(error instanceof DocumentExists)) throw error;
      throw new DocumentStale('The group was given a role meanwhile.', { cause: error });
    });
    const stored = await services.database.control(caller.customerId).read(administratorGroupType, id);
    const answer = { body: group, etag: stored?.etag ?? '' };
    return resource ? answer : { ...answer, status: 201, location: `${groupsPath}/${id}` };
  },
});

const deleteGroup = operation({
  id: 'deleteAdministratorGroup',
  method: 'DELETE',
  path: `${groupsPath}/{groupId}`,
  tag,
  summary: 'Remove the role from a directory group',
  access: 'administrators.manage',
  success: { status: 204, description: 'The group no longer has a role' },
  ifMatch: 'required',
  audit: { action: 'administratorGroup.remove', when: 'withChange' },
  load: ({ params, caller, services }) =>
    services.database.control(caller.customerId).read(administratorGroupType, params.groupId),
  async handle({ resource, audit }) {
    const { etag, ...group } = resource;
    await audit.commit([change.remove(administratorGroupType, resource.id, etag)], {
      target: { type: 'administratorGroup', id: resource.id, name: resource.name },
      old: group,
    });
    return { body: undefined };
  },
});

export const identityOperations: readonly Operation[] = [
  getMe,
  listGroups,
  getGroup,
  putGroup,
  deleteGroup,
  ...secureClientOperations,
  ...preferenceOperations,
];
