/** HTTP operations of host connections. */
import { z } from 'zod';
import { AzureError } from '../../shared/azure/azure-error';
import { change } from '../../shared/cosmos/partition';
import { applyMergePatch, mergePatchOf } from '../../shared/http/merge-patch';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { validateBody } from '../../shared/http/validation';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { appRegistration } from './app-registration';
import { changeSecret, createConnection, deleteConnection } from './change-connection';
import {
  hostConnectionChange,
  hostConnectionType,
  hostConnectionView,
  newHostConnection,
  newSecret,
  viewOfHostConnection,
} from './host-connection';
import type { HostConnectionUser } from './host-connection-user';
import { openSubscription } from './open-subscription';
import { findHostConnection } from './store';
import { connectionTestView, failedTest, testConnection } from './test-connection';

const tag = 'Host connections';
const path = '/api/v1/hostConnections';
const access = 'sites.manage';

interface Named {
  params: { id: string };
  caller: { customerId: string };
  services: Services;
}

const load = ({ params, caller, services }: Named) =>
  findHostConnection(services, caller.customerId, params.id);

/** The connection after a change. @throws Problem `not-found` when it was deleted concurrently */
async function shown(named: Named) {
  const connection = await load(named);
  if (!connection) throw notFound('host connection');
  return { body: viewOfHostConnection(connection, named.services.clock.now()), etag: connection.etag };
}

const list = operation({
  id: 'listHostConnections',
  method: 'GET',
  path,
  tag,
  summary: 'List host connections',
  description: 'Oldest first.',
  access,
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of host connections', body: pageOf(hostConnectionView) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const now = services.clock.now();
    const body = await readPage({
      ...{ services, caller, path, query },
      read: (limit, after) => control.list(hostConnectionType, { limit, after }),
      keyOf: ({ id }) => id,
      toItem: (connection) => viewOfHostConnection(connection, now),
    });
    return { body };
  },
});

const create = operation({
  id: 'createHostConnection',
  method: 'POST',
  path,
  tag,
  summary: 'Add a host connection',
  description:
    'The connection is tested first: the application signs in, reads the subscription, and must have every permission of ' +
    'the custom role. A connection that fails is not added, and each missing permission is named in `errors`.',
  access,
  body: newHostConnection,
  success: { status: 201, description: 'The host connection', body: hostConnectionView },
  problems: ['connection-test-failed'],
  etag: true,
  audit: { action: 'hostConnection.create', when: 'withChange' },
  async handle({ body, caller, services, audit, newId }) {
    const id = newId();
    const context = { services, customerId: caller.customerId, audit };
    await createConnection(context, body, { id, createdBy: caller.name });
    return { ...(await shown({ params: { id }, caller, services })), location: `${path}/${id}` };
  },
});

const show = operation({
  id: 'getHostConnection',
  method: 'GET',
  path: `${path}/{id}`,
  tag,
  summary: 'Show a host connection',
  access,
  success: { status: 200, description: 'The host connection, without its secret', body: hostConnectionView },
  etag: true,
  load,
  handle: async ({ resource, services }) => ({
    body: viewOfHostConnection(resource, services.clock.now()),
    etag: resource.etag,
  }),
});

const edit = operation({
  id: 'changeHostConnection',
  method: 'PATCH',
  path: `${path}/{id}`,
  tag,
  summary: 'Rename a host connection or edit its description',
  description: 'Another subscription or application is another connection.',
  access,
  body: mergePatchOf(hostConnectionChange).meta({ id: 'HostConnectionChange' }),
  success: { status: 200, description: 'The updated host connection', body: hostConnectionView },
  ifMatch: 'required',
  etag: true,
  audit: { action: 'hostConnection.change', when: 'withChange' },
  load,
  edits: {
    current: ({ resource, services }) => viewOfHostConnection(resource, services.clock.now()),
    volatile: ['secretStatus'],
    whole: hostConnectionChange,
  },
  async handle({ resource, params, body, caller, services, audit }) {
    const { name, description } = resource;
    const next = validateBody(hostConnectionChange, applyMergePatch({ name, description }, body));
    await audit.commit([change.replace(hostConnectionType, { ...resource, ...next }, resource.etag)], {
      target: { type: 'hostConnection', id: resource.id, name: next.name },
      old: { name, description },
      new: next,
    });
    return shown({ params, caller, services });
  },
});

const secret = operation({
  id: 'putHostConnectionSecret',
  method: 'PUT',
  path: `${path}/{id}/secret`,
  tag,
  summary: 'Change the client secret of a host connection',
  description:
    'The connection is tested with the new secret first; when that fails, the former secret stays. If-Match contains the ETag ' +
    'of the host connection.',
  access,
  body: newSecret,
  success: { status: 200, description: 'The host connection with its new expiry', body: hostConnectionView },
  problems: ['connection-test-failed'],
  ifMatch: 'required',
  etag: true,
  audit: { action: 'hostConnection.changeSecret', when: 'withChange' },
  load,
  async handle({ resource, params, body, caller, services, audit, newId }) {
    await changeSecret({ services, customerId: caller.customerId, audit }, resource, body, newId());
    return shown({ params, caller, services });
  },
});

const test = operation({
  id: 'testHostConnection',
  method: 'POST',
  path: `${path}/{id}/test`,
  tag,
  summary: 'Test a host connection',
  description: 'Answers 200 also when the test fails: see `succeeded`.',
  access,
  success: { status: 200, description: 'What the test found', body: connectionTestView },
  audit: { action: 'hostConnection.test', when: 'before' },
  load,
  auditDetails: ({ resource: { id, name } }) => ({ target: { type: 'hostConnection', id, name } }),
  async handle({ resource, services }) {
    try {
      const subscription = await openSubscription(services, resource);
      return { body: await testConnection(subscription, resource.servicePrincipalObjectId) };
    } catch (error) {
      if (error instanceof AzureError) return { body: failedTest(error) };
      throw error;
    }
  },
});

/** Deletes a connection that none of the users needs. */
const deletionFor = (users: readonly HostConnectionUser[]) =>
  operation({
    id: 'deleteHostConnection',
    method: 'DELETE',
    path: `${path}/{id}`,
    tag,
    summary: 'Delete a host connection',
    description: 'Its client secret is deleted too; nothing changes in Azure.',
    access,
    success: { status: 204, description: 'Deleted' },
    problems: ['in-use'],
    ifMatch: 'required',
    audit: { action: 'hostConnection.delete', when: 'withChange' },
    load,
    async handle({ resource, caller: { customerId }, services, audit }) {
      const use = { customerId, hostConnectionId: resource.id };
      const found = await Promise.all(users.map((user) => user.sitesUsing(services, use)));
      const siteIds = found.flat().map(({ siteId }) => siteId);
      if (siteIds.length > 0)
        throw new Problem(
          'in-use',
          `Sites need this connection: cancel their deployments, or delete the sites, first (${siteIds.slice(0, 5).join(', ')}).`,
        );
      await deleteConnection({ services, customerId, audit }, resource);
      return { body: undefined };
    },
  });

/** The operations; a connection is deleted only when none of these capabilities needs it. */
export function hostConnectionOperations(users: readonly HostConnectionUser[]): readonly Operation[] {
  return [list, create, show, edit, secret, test, deletionFor(users), appRegistration];
}
