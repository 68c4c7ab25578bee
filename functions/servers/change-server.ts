/** Edits a server's description, and gives it to another secure client. */
import { z } from 'zod';
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { secureClientType } from '../../shared/identity/secure-client';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Server, serverType } from './server';
import { findServer } from './store';

/** What administrators may change of a server. */
export const serverChange = z.strictObject({
  description: z.string().trim().max(1_024),
  clientId: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe(
      'The secure client that speaks for it from now on; the former one is out of its reach within 30 seconds',
    ),
});

interface ServerChange {
  customerId: string;
  server: Stored<Server>;
  next: z.output<typeof serverChange>;
  audit: AuditTrail;
}

/** The changed server. @throws Problem `conflict` for a removed server, `validation-failed` for an unknown client */
export async function changeServer(
  services: Pick<Services, 'database'>,
  { customerId, server, next, audit }: ServerChange,
): Promise<Stored<Server>> {
  if (server.status === 'deleted')
    throw new Problem('conflict', 'The server was removed: it can be changed when it has registered again.');
  const { id, siteId, hostName, description, clientId } = server;
  if (next.clientId !== clientId) await checkClient(services, customerId, next.clientId);
  await audit.commit([change.replace(serverType, { ...server, ...next }, server.etag)], {
    siteId,
    serverId: id,
    target: { type: 'server', id, name: hostName },
    old: { description, clientId },
    new: next,
  });
  return (await findServer(services, customerId, id)) ?? server;
}

async function checkClient(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  clientId: string | undefined,
): Promise<void> {
  const isKnown =
    clientId !== undefined &&
    (await database.control(customerId).read(secureClientType, clientId)) !== undefined;
  if (isKnown) return;
  throw new Problem('validation-failed', 'A server belongs to a secure client.', {
    errors: [{ pointer: '/clientId', detail: 'There is no secure client with this id.' }],
  });
}
