/** Creates and renames sites; a database belongs to at most one site, and so does a name (SRV-1). */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { wireId } from '../../shared/cosmos/document-type';
import { DocumentExists } from '../../shared/cosmos/errors';
import { type Change, change } from '../../shared/cosmos/partition';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import {
  freeName,
  holderOf,
  isRename,
  nameChange,
  nameRelease,
  nameIsTaken,
  nameReservation,
  type Named,
  type NameScope,
  whileNameIsContended,
} from '../../shared/unique-names';
import { databaseReservationType, MAX_SITE_NAME_CHARACTERS, type Site, siteType } from './site';
import { findSiteOfDatabase } from './store';
import { type DatabaseIdentity, databaseKey } from './database-identity';
import { defaultSettings, siteSettingsType } from './site-settings';

const NAME_SCOPE: NameScope = ['site'];
const NUMBER_SUFFIX = { from: 2, suffix: (number: number) => ` (${number})` } as const;

type Reading = Pick<Services, 'database'>;

/**
 * The writes that create a site: the site, its settings, and the claims to its name and its database.
 * @param reporter id of the server that names the database; an administrator names none that is local
 */
export function siteCreation(site: Site, reporter?: string): Change[] {
  const key = site.database && databaseKey(site.database, reporter);
  return [
    change.create(siteType, { ...site, databaseKey: key }),
    change.create(siteSettingsType, defaultSettings(site.id)),
    nameReservation(NAME_SCOPE, site),
    ...(key === undefined ? [] : [change.create(databaseReservationType, { id: key, siteId: site.id })]),
  ];
}

/** A name for a site that is named after a server: the server's name, with a number if another site has it. */
export async function siteNameFor(services: Reading, customerId: string, hostName: string): Promise<string> {
  const name = [...hostName].slice(0, MAX_SITE_NAME_CHARACTERS).join('');
  const sites = await siteNames(services, customerId);
  if (!holderOf(sites, { id: '', name })) return name;
  return freeName(name, sites, MAX_SITE_NAME_CHARACTERS, NUMBER_SUFFIX);
}

/** @throws Problem `already-exists` when another site has the name or uses the database */
export async function createSite(
  services: Reading,
  customerId: string,
  site: Site,
  audit: AuditTrail,
): Promise<void> {
  const { database } = site;
  if (database && (await findSiteOfDatabase(services, customerId, database)) !== undefined)
    throw databaseTaken(database);
  try {
    await whileNameIsContended(async () => {
      await requireFreeName(services, customerId, site);
      await audit.commit(siteCreation(site), {
        siteId: site.id,
        target: { type: 'site', id: site.id, name: site.name },
        new: site,
      });
    });
  } catch (error) {
    throw database && isDatabaseTaken(error, database) ? databaseTaken(database, error) : error;
  }
}

/**
 * The writes that a change of the name needs beside the site itself. A name that sites shared before names were unique
 * can be kept.
 * @throws Problem `already-exists` when another site has the name
 */
export async function siteNameChange(
  services: Reading,
  customerId: string,
  before: Named,
  name: string,
): Promise<Change[]> {
  if (!isRename(before.name, name)) return [];
  await requireFreeName(services, customerId, { id: before.id, name });
  return nameChange(services.database.control(customerId), NAME_SCOPE, before, name);
}

/** The writes that release the name of a site that is deleted. */
export async function siteNameRelease(services: Reading, customerId: string, site: Named): Promise<Change[]> {
  return nameRelease(services.database.control(customerId), NAME_SCOPE, site);
}

async function requireFreeName(services: Reading, customerId: string, site: Named): Promise<void> {
  const holder = holderOf(await siteNames(services, customerId), site);
  if (!holder) return;
  const { id, name } = holder;
  throw nameIsTaken(`The site ${JSON.stringify(name)} (${id})`, {
    advice: 'choose another name, or rename that site first.',
    conflict: { siteId: id, name },
  });
}

async function siteNames({ database }: Reading, customerId: string): Promise<Named[]> {
  const sites = await database
    .control(customerId)
    .query<Named>(`SELECT c.id, c.name FROM c WHERE c.type = '${siteType.name}'`);
  return sites.map(({ id, name }) => ({ id: id.slice(siteType.name.length + 1), name }));
}

function isDatabaseTaken(error: unknown, database: DatabaseIdentity): boolean {
  const id = wireId(databaseReservationType, databaseKey(database));
  return error instanceof DocumentExists && error.documentId === id;
}

function databaseTaken({ instance, name }: DatabaseIdentity, cause?: unknown): Problem {
  return new Problem(
    'already-exists',
    `Another site uses the database ${name} on ${instance}: servers with it join that site.`,
    { errors: [{ pointer: '/database', detail: 'This database belongs to another site.' }], cause },
  );
}
