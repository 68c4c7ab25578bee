/** HTTP operations of secure clients. */
import { z } from 'zod';
import { change } from '../../../shared/cosmos/partition';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { isUuid } from '../../../shared/ids';
import { notFound } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { addSecret, createSecureClient } from './issue-secret';
import {
  issuedSecret,
  newSecret,
  newSecureClient,
  secureClientView,
  viewOfSecureClient,
} from './secure-client';
import { revokeSecureClient } from './revoke-secure-client';
import { secureClientType } from '../../../shared/identity/secure-client';

const tag = 'Secure clients';
const path = '/api/v1/secureClients';
const access = 'secure-clients.manage';

interface Named {
  params: { id: string };
  caller: { customerId: string };
  services: Services;
}

async function findClient({ params, caller, services }: Named) {
  return isUuid(params.id)
    ? services.database.control(caller.customerId).read(secureClientType, params.id)
    : undefined;
}

/** The ETag of a client after a change. @throws Problem `not-found` when it was removed concurrently */
async function currentEtag(named: Named): Promise<string> {
  const client = await findClient(named);
  if (!client) throw notFound('secure client');
  return client.etag;
}

const list = operation({
  id: 'listSecureClients',
  method: 'GET',
  path,
  tag,
  summary: 'List secure clients',
  access,
  query: z.strictObject(pageQuery),
  success: {
    status: 200,
    description: 'A page of secure clients, without their secrets',
    body: pageOf(secureClientView),
  },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const now = services.clock.now();
    const body = await readPage({
      services,
      caller,
      path,
      query,
      read: (limit, after) => control.list(secureClientType, { limit, after }),
      keyOf: (client) => client.id,
      toItem: (client) => viewOfSecureClient(client, now),
    });
    return { body };
  },
});

const create = operation({
  id: 'createSecureClient',
  method: 'POST',
  path,
  tag,
  summary: 'Create a secure client',
  description: 'The response contains its secret, which is never shown again.',
  access,
  body: newSecureClient,
  success: { status: 201, description: 'Id and secret', body: issuedSecret },
  etag: true,
  idempotency: 'oneTimeSecret',
  audit: { action: 'secureClient.create', when: 'withChange' },
  async handle({ body, caller, services, audit, newId }) {
    const id = newId();
    const secretId = newId();
    const input = { ...body, id, secretId, customerId: caller.customerId, createdBy: caller.name };
    const secret = await createSecureClient(services, input, audit);
    return {
      body: { clientId: id, secretId, secret, expiresAt: body.secretExpiresAt },
      etag: await currentEtag({ params: { id }, caller, services }),
      location: `${path}/${id}`,
    };
  },
});

const show = operation({
  id: 'getSecureClient',
  method: 'GET',
  path: `${path}/{id}`,
  tag,
  summary: 'Show a secure client',
  access,
  success: { status: 200, description: 'The secure client, without its secrets', body: secureClientView },
  etag: true,
  load: findClient,
  handle: async ({ resource, services }) => ({
    body: viewOfSecureClient(resource, services.clock.now()),
    etag: resource.etag,
  }),
});

const revoke = operation({
  id: 'deleteSecureClient',
  method: 'DELETE',
  path: `${path}/{id}`,
  tag,
  summary: 'Revoke a secure client',
  description:
    'It gets no new tokens, and those that it has are refused within 30 seconds. An upload URL that it has works for at most ' +
    '15 minutes more, but what it writes becomes no recording. Its servers have to be given to another secure client.',
  access,
  success: { status: 204, description: 'Revoked' },
  ifMatch: 'required',
  audit: { action: 'secureClient.delete', when: 'withChange' },
  load: findClient,
  async handle({ resource, services, audit }) {
    await revokeSecureClient(services, resource, audit);
    return { body: undefined };
  },
});

const createSecret = operation({
  id: 'createSecureClientSecret',
  method: 'POST',
  path: `${path}/{id}/secrets`,
  tag,
  summary: 'Add a secret to a secure client',
  description:
    'For rotation: old and new secret both work until the old one expires or is removed. The ETag is that of the secure client.',
  access,
  body: newSecret,
  success: { status: 201, description: 'The new secret', body: issuedSecret },
  etag: true,
  problems: ['conflict'],
  idempotency: 'oneTimeSecret',
  audit: { action: 'secureClient.addSecret', when: 'withChange' },
  load: findClient,
  async handle({ resource, body, caller, services, audit, newId }) {
    const secretId = newId();
    const input = { ...body, secretId };
    const secret = await addSecret(services, caller.customerId, resource.id, input, audit);
    return {
      body: { clientId: resource.id, secretId, secret, expiresAt: body.expiresAt },
      etag: await currentEtag({ params: { id: resource.id }, caller, services }),
      location: `${path}/${resource.id}`,
    };
  },
});

const deleteSecret = operation({
  id: 'deleteSecureClientSecret',
  method: 'DELETE',
  path: `${path}/{id}/secrets/{secretId}`,
  tag,
  summary: 'Remove a secret of a secure client',
  description:
    'If-Match contains the ETag of the secure client. Tokens that were issued for the secret are refused within 30 seconds.',
  access,
  success: { status: 204, description: 'Removed' },
  ifMatch: 'required',
  audit: { action: 'secureClient.removeSecret', when: 'withChange' },
  async load(context) {
    const client = await findClient(context);
    return client?.secrets.some(({ id }) => id === context.params.secretId) ? client : undefined;
  },
  async handle({ resource, params, audit }) {
    const secrets = resource.secrets.filter(({ id }) => id !== params.secretId);
    if (secrets.length === resource.secrets.length) throw notFound('secret');
    await audit.commit([change.replace(secureClientType, { ...resource, secrets }, resource.etag)], {
      target: { type: 'secureClient', id: resource.id, name: resource.name },
      old: { secretId: params.secretId },
    });
    return { body: undefined };
  },
});

export const secureClientOperations: readonly Operation[] = [
  list,
  create,
  show,
  revoke,
  createSecret,
  deleteSecret,
];
