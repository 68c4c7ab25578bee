/** Edits a server's description, moves it to another site, and gives it to another secure client (SRV-5). */
import { z } from 'zod';
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { DocumentGone } from '../../shared/cosmos/errors';
import { secureClientType } from '../../shared/identity/secure-client';
import { resourceId } from '../../shared/http/fields';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { findSite, isSameDatabase, serverJoins } from '../sites';
import { type Server, serverType } from './server';
import { findServer } from './store';

/** What administrators may change of a server. */
export const serverChange = z.strictObject({
  description: z.string().trim().max(1_024).default(''),
  siteId: resourceId
    .optional()
    .describe(
      'The site that it is moved to, whatever its database; null makes a machine without the server component unallocated. ' +
        'Recordings and running sessions keep their site',
    ),
  clientId: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe(
      'The secure client that speaks for it from now on; the former one is out of its reach within 30 seconds',
    ),
});

type NextServer = z.output<typeof serverChange>;

interface ServerChange {
  customerId: string;
  server: Stored<Server>;
  next: NextServer;
  audit: AuditTrail;
}

/**
 * The changed server.
 * @throws Problem `conflict` for a removed server, or a recording server that would be in no site, `validation-failed` for
 * an unknown site or client; DocumentStale
 */
export async function changeServer(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, server, next, audit }: ServerChange,
): Promise<Stored<Server>> {
  if (server.status === 'deleted')
    throw new Problem('conflict', 'The server was removed: it can be changed when it has registered again.');
  const { id, siteId, hostName, description, clientId } = server;
  if (next.clientId !== clientId) await checkClient(services, customerId, next.clientId);
  const isMoved = next.siteId !== siteId;
  const joining = isMoved ? await joinSite(services, customerId, server, next.siteId) : [];
  const siteAssigned = isMoved ? next.siteId !== undefined : server.siteAssigned;
  try {
    await audit.commit(
      [
        change.replace(serverType, { ...server, ...next, siteId: next.siteId, siteAssigned }, server.etag),
        ...joining,
      ],
      {
        siteId: next.siteId ?? siteId,
        serverId: id,
        target: { type: 'server', id, name: hostName },
        old: { description, siteId, clientId },
        new: next,
      },
    );
  } catch (error) {
    if (isMoved && error instanceof DocumentGone && next.siteId !== undefined) throw unknownSite(error);
    throw error;
  }
  return (await findServer(services, customerId, id)) ?? server;
}

/** The writes of the site that a server joins; none when it leaves its site for no other. */
async function joinSite(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { serverVersion }: Server,
  siteId: string | undefined,
): Promise<Change[]> {
  if (siteId === undefined) {
    if (serverVersion === undefined) return [];
    throw new Problem(
      'conflict',
      'A server with the server component belongs to a site: move it to another one, or uninstall the component.',
    );
  }
  if (!(await findSite(services, customerId, siteId))) throw unknownSite();
  return [serverJoins(siteId, services.clock.now())];
}

function unknownSite(cause?: unknown): Problem {
  return new Problem('validation-failed', 'A server can be moved to a site of this customer only.', {
    errors: [{ pointer: '/siteId', detail: 'There is no site with this id.' }],
    cause,
  });
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

/** What administrators should know of a server and its site: that they name different databases. */
export async function serverWarnings(
  services: Pick<Services, 'database'>,
  customerId: string,
  { siteId, database }: Server,
): Promise<string[]> {
  if (siteId === undefined || database === undefined) return [];
  const site = await findSite(services, customerId, siteId);
  if (!site?.database || isSameDatabase(site.database, database)) return [];
  const { instance, name } = site.database;
  return [
    `The server uses the database ${database.name} on ${database.instance}, its site ${name} on ${instance}: ` +
      'servers of one site should share one database.',
  ];
}
