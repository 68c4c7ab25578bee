/** HTTP operations with which administrators view and change servers. */
import { z } from 'zod';
import { resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { applyMergePatch, mergePatchOf } from '../../shared/http/merge-patch';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { validateBody } from '../../shared/http/validation';
import { changeServer, serverChange, serverWarnings } from './change-server';
import type { Services } from '../../shared/services';
import { heartbeatType, machineStateSchema } from './heartbeat';
import { type Server, serverType, serverView } from './server';
import { SERVER_STATUSES } from './server-status';
import { removeServer } from './remove-server';
import { serverSettingsOperations } from './settings/operations';
import { findServer } from './store';
import { installationOperations } from './installation/operations';
import { upgradeOperations } from './upgrades/operations';
import { troubleshootingOperations } from './troubleshooting/operations';

const tag = 'Servers';
const path = '/api/v1/servers';

const serverQuery = z.strictObject({
  ...pageQuery,
  siteId: resourceId.optional().describe('Servers of this site'),
  unallocated: z.boolean().optional().describe('True: servers without a site; false: servers with one'),
  status: z
    .enum(SERVER_STATUSES)
    .optional()
    .describe('Servers in this state; removed ones are listed only with this filter'),
});

const listServers = operation({
  id: 'listServers',
  method: 'GET',
  path,
  tag,
  summary: 'List servers',
  description:
    'In a fixed order, with the machines of templates before they register. Servers that were removed from view are omitted ' +
    'unless requested by status.',
  access: 'servers.manage',
  query: serverQuery,
  success: { status: 200, description: 'A page of servers', body: pageOf(serverView) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const { siteId, unallocated, status } = query;
    const conditions = [
      ...(siteId === undefined ? [] : ['c.siteId = @siteId']),
      ...(unallocated === undefined
        ? []
        : [unallocated ? 'NOT IS_DEFINED(c.siteId)' : 'IS_DEFINED(c.siteId)']),
      status === undefined ? `c.status != 'deleted'` : 'c.status = @status',
    ];
    const parameters = {
      ...(siteId === undefined ? {} : { siteId }),
      ...(status === undefined ? {} : { status }),
    };
    const body = await readPage({
      services,
      caller,
      path,
      query,
      read: (limit, after) =>
        control.list(serverType, { where: conditions.join(' AND '), parameters, limit, after }),
      keyOf: (server) => server.id,
      toItem: (server: Server) => server,
    });
    return { body };
  },
});

const serverDetails = z
  .object({
    ...serverView.shape,
    clockSkewMilliseconds: z
      .int()
      .optional()
      .describe("Correction added to the server's times; 0 while its clock is within the tolerance"),
    machine: machineStateSchema
      .optional()
      .describe('Content of the last heartbeat; absent before the first one'),
    warnings: z.array(z.string()).optional().describe('Such as another database than that of its site'),
  })
  .meta({ id: 'ServerDetails' });

const getServer = operation({
  id: 'getServer',
  method: 'GET',
  path: `${path}/{serverId}`,
  tag,
  summary: 'Show a server and its last heartbeat',
  access: 'servers.manage',
  success: { status: 200, description: 'The server', body: serverDetails },
  etag: true,
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  handle: async ({ resource, caller: { customerId }, services }) => ({
    body: await detailsOf(services, customerId, resource),
    etag: resource.etag,
  }),
});

/** The server with the content of its last heartbeat, and what administrators should know of it. */
async function detailsOf(services: Services, customerId: string, server: Server) {
  const [heartbeat, warnings] = await Promise.all([
    services.database.presence(customerId, server.id).read(heartbeatType, 'last'),
    serverWarnings(services, customerId, server),
  ]);
  const details = { ...server, ...(warnings.length > 0 ? { warnings } : {}) };
  if (!heartbeat) return details;
  const { lastSeenAt, skewMilliseconds, state } = heartbeat;
  return { ...details, lastSeenAt, clockSkewMilliseconds: skewMilliseconds, machine: state };
}

const patchServer = operation({
  id: 'changeServer',
  method: 'PATCH',
  path: `${path}/{serverId}`,
  tag,
  summary: 'Edit the description of a server, move it to another site, or give it to another secure client',
  description:
    'A moved server stays at its new site whenever it registers again, also when the database of the site is another one: ' +
    'the answer then has a warning. A server belongs to the secure client that registered it first; only this one can speak for it. A machine that is to ' +
    'use another one registers with that when it has been given the server, here.',
  access: 'servers.manage',
  body: mergePatchOf(serverChange).meta({ id: 'ServerChange' }),
  success: { status: 200, description: 'The updated server', body: serverDetails },
  ifMatch: 'required',
  etag: true,
  problems: ['conflict'],
  audit: { action: 'server.change', when: 'withChange' },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  edits: {
    current: ({ resource, caller, services }) => detailsOf(services, caller.customerId, resource),
    whole: serverChange,
    volatile: ['lastSeenAt', 'clockSkewMilliseconds', 'machine', 'warnings'],
  },
  async handle({ resource, body, caller: { customerId }, services, audit }) {
    const { description, siteId, clientId } = resource;
    const next = validateBody(serverChange, applyMergePatch({ description, siteId, clientId }, body));
    const server = await changeServer(services, { customerId, server: resource, next, audit });
    return { body: await detailsOf(services, customerId, server), etag: server.etag };
  },
});

const deleteServer = operation({
  id: 'removeServer',
  method: 'DELETE',
  path: `${path}/{serverId}`,
  tag,
  summary: 'Remove a server from view',
  description:
    'While it is offline, uninstalled, or its installation failed. Nothing of it is deleted: its recordings can be searched ' +
    'and played, and it appears again when it registers or sends a heartbeat.',
  access: 'servers.manage',
  success: { status: 204, description: 'The server is removed' },
  ifMatch: 'required',
  problems: ['conflict'],
  audit: { action: 'server.remove', when: 'withChange' },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  async handle({ resource, caller: { customerId }, services, audit, log }) {
    await removeServer(services, { customerId, server: resource, audit, log });
    return { body: undefined };
  },
});

export const serverOperations: readonly Operation[] = [
  listServers,
  getServer,
  patchServer,
  deleteServer,
  ...serverSettingsOperations,
  ...upgradeOperations,
  ...installationOperations,
  ...troubleshootingOperations,
];
