/** Reads sites and their settings. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { isUuid } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type DatabaseIdentity, databaseKey } from './database-identity';
import { databaseReservationType, hasDatabase, type Site, siteType } from './site';
import { type SiteSettings, siteSettingsType } from './site-settings';

type Control = Pick<Services, 'database'>;

/** The site, or undefined when the customer has none with this id. */
export async function findSite(
  { database }: { database: ControlReader },
  customerId: string,
  siteId: string,
): Promise<Stored<Site> | undefined> {
  return isUuid(siteId) ? database.control(customerId).read(siteType, siteId) : undefined;
}

/** More sites than a customer has. */
const MAX_SITES = 10_000;

/**
 * The id of the site whose servers share this database, or undefined when there is none.
 * @param reporter id of the server that names it
 */
export async function findSiteOfDatabase(
  { database }: Control,
  customerId: string,
  identity: DatabaseIdentity,
  reporter?: string,
): Promise<string | undefined> {
  const control = database.control(customerId);
  const key = databaseKey(identity, reporter);
  const reservation = await control.read(databaseReservationType, key);
  if (reservation) return reservation.siteId;
  // Earlier versions reserved each way to write a name on its own.
  const sites = await control.list(siteType, { limit: MAX_SITES });
  return sites.find((site) => hasDatabase(site, key))?.id;
}

/** The settings of a site, or undefined when there is no such site. */
export async function findSiteSettings(
  { database }: { database: ControlReader },
  customerId: string,
  siteId: string,
): Promise<Stored<SiteSettings> | undefined> {
  return isUuid(siteId) ? database.control(customerId).read(siteSettingsType, siteId) : undefined;
}
