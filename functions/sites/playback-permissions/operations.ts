/** HTTP operations of playback permissions. */
import { z } from 'zod';
import { NOT_MODIFIED, type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { sha256Hex } from '../../../shared/ids';
import { notFound } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { findSite } from '../store';
import { playbackPermissionInput, playbackPermissionView, viewOfPermission } from './playback-permission';
import { findPermission, type FoundPermission, listPermissions, positionOf, savePermission } from './store';

const tag = 'Sites';
const access = 'playback-permissions.manage';
const path = '/api/v1/sites/{siteId}/playbackPermissions';

const viewOf = ({ holder, stored }: FoundPermission) => viewOfPermission(holder, stored);

const listOperation = operation({
  id: 'listPlaybackPermissions',
  method: 'GET',
  path,
  tag,
  summary: 'List playback permissions',
  description:
    'All administrators who have used the service within a year, then the directory groups that hold a role.',
  access,
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of permissions', body: pageOf(playbackPermissionView) },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource: { id: siteId }, query, caller, services }) {
    const body = await readPage({
      services,
      caller,
      path: `/api/v1/sites/${siteId}/playbackPermissions`,
      query,
      read: (limit, after) =>
        listPermissions(services, { customerId: caller.customerId, siteId }, { limit, after }),
      keyOf: positionOf,
      toItem: viewOf,
    });
    return { body };
  },
});

interface Request {
  params: { siteId: string; administratorId: string };
  caller: { customerId: string };
  services: Services;
}

/** With an ETag that changes with the permission, the role and the name. */
async function load({ params: { siteId, administratorId }, caller: { customerId }, services }: Request) {
  if (!(await findSite(services, customerId, siteId))) return undefined;
  const found = await findPermission(services, customerId, siteId, administratorId.toLowerCase());
  if (!found) return undefined;
  return { ...found, etag: `"${sha256Hex(JSON.stringify([viewOf(found), found.stored?.etag]))}"` };
}

const getOperation = operation({
  id: 'getPlaybackPermission',
  method: 'GET',
  path: `${path}/{administratorId}`,
  tag,
  summary: 'Show the playback permission of an administrator',
  access,
  success: { status: 200, description: 'The permission', body: playbackPermissionView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load,
  handle: async ({ resource }) => ({ body: viewOf(resource), etag: resource.etag }),
});

const putOperation = operation({
  id: 'putPlaybackPermission',
  method: 'PUT',
  path: `${path}/{administratorId}`,
  tag,
  summary: 'Set the playback permission of a read-only administrator',
  description:
    'It takes effect with the next request. A `limited` permission includes recordings that meet any of its criteria, of ' +
    'which an administrator has at most 200 over all sites; recordings from before criteria were stored with them do not ' +
    'know groups. Other kinds of administrators, and those whose role comes from a group, are refused.',
  access,
  body: playbackPermissionInput,
  success: { status: 200, description: 'The permission', body: playbackPermissionView },
  ifMatch: 'required',
  etag: true,
  problems: ['conflict'],
  audit: { action: 'playbackPermission.set', when: 'withChange' },
  load,
  edits: { current: ({ resource }) => viewOf(resource) },
  async handle({ params, resource, body, caller, services, audit }) {
    const { customerId } = caller;
    await savePermission(services, { customerId, siteId: params.siteId, found: resource, next: body, audit });
    const saved = await load({ params, caller, services });
    if (!saved) throw notFound('administrator');
    return { body: viewOf(saved), etag: saved.etag };
  },
});

export const playbackPermissionOperations: readonly Operation[] = [listOperation, getOperation, putOperation];
