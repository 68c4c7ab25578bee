/** The site that a machine is installed for (INS-1): an existing one with its database, a new one, or none. */
import { type Change } from '../../../shared/cosmos/partition';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { databaseKey, findSite, findSiteOfDatabase, serverJoins, type Site, siteCreation } from '../../sites';
import type { Server } from '../server';
import { listServersOfSite } from '../store';
import type { InstallationRequest, SavedAnswers } from './answers';

interface ChosenSite {
  /** Undefined: the site follows from the database when the server registers. */
  siteId: string | undefined;
  databases: SavedAnswers['databases'];
  changes: Change[];
}

interface Choosing {
  services: Pick<Services, 'database' | 'clock'>;
  customerId: string;
  server: Server;
  request: InstallationRequest;
  newId: () => string;
}

/**
 * @throws Problem `validation-failed` for an unknown site, or values that are not those of its database; `conflict` for a
 * site without servers, or a new site whose database another one has
 */
export async function chooseSite(choosing: Choosing): Promise<ChosenSite> {
  const { siteId, newSite } = choosing.request;
  if (siteId !== undefined) return existingSite(choosing, siteId);
  const {
    password: _password,
    instance = '',
    recordingDatabase = '',
    ...others
  } = choosing.request.databases;
  const databases = { ...others, instance, recordingDatabase };
  if (!newSite) return { siteId: undefined, databases, changes: [] };
  const database = { instance, name: recordingDatabase };
  const { services, customerId, server, newId } = choosing;
  const owner = await findSiteOfDatabase(services, customerId, database, server.id);
  if (owner !== undefined)
    throw new Problem(
      'conflict',
      `The database ${recordingDatabase} on ${instance} belongs to another site: choose that one.`,
      {
        extensions: { siteId: owner },
      },
    );
  const id = newId();
  const createdAt = services.clock.now().toISOString();
  const site: Site = { id, ...newSite, database, origin: 'created', createdAt };
  return { siteId: id, databases, changes: siteCreation(site, server.id) };
}

async function existingSite(
  { services, customerId, server, request }: Choosing,
  siteId: string,
): Promise<ChosenSite> {
  const site = await findSite(services, customerId, siteId);
  if (!site) throw refused('/siteId', 'There is no site with this id.');
  // The site that an earlier attempt has created has no servers yet.
  const isOwn = server.siteId === siteId;
  const others = isOwn ? [] : await listServersOfSite(services, customerId, siteId);
  if (!isOwn && !others.some(({ serverVersion }) => serverVersion !== undefined))
    throw new Problem('conflict', 'The site has no servers: choose one that has, or create a new site.');
  const databases = withDatabaseOf(site, request.databases);
  return { siteId, databases, changes: isOwn ? [] : [serverJoins(siteId, services.clock.now())] };
}

/** The site's database where it is not given. @throws Problem `validation-failed` when another one is given */
function withDatabaseOf(
  { database }: Site,
  { password: _password, ...given }: InstallationRequest['databases'],
): SavedAnswers['databases'] {
  const instance = given.instance ?? database?.instance;
  const recordingDatabase = given.recordingDatabase ?? database?.name;
  if (instance === undefined)
    throw refused('/databases/instance', 'Is required: the site has no database yet.');
  if (recordingDatabase === undefined)
    throw refused('/databases/recordingDatabase', 'Is required: the site has no database yet.');
  if (database && databaseKey({ ...database, instance }) !== databaseKey(database))
    throw refused('/databases/instance', `The servers of the site use ${database.instance}.`);
  if (database && recordingDatabase.toLowerCase() !== database.name.toLowerCase())
    throw refused('/databases/recordingDatabase', `The servers of the site use ${database.name}.`);
  if (recordingDatabase.toLowerCase() === given.loggingDatabase.toLowerCase())
    throw refused('/databases/loggingDatabase', 'Must differ from the name of the recording database.');
  return { ...given, instance, recordingDatabase };
}

export function refused(pointer: string, detail: string): Problem {
  return new Problem('validation-failed', 'The answers do not fit.', { errors: [{ pointer, detail }] });
}
