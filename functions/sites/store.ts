/** Reads sites and their settings. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { isUuid } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type DatabaseIdentity, databaseKey, databaseReservationType, type Site, siteType } from './site';
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

/** The id of the site whose servers share this database, or undefined when there is none. */
export async function findSiteOfDatabase(
  { database }: Control,
  customerId: string,
  identity: DatabaseIdentity,
): Promise<string | undefined> {
  const control = database.control(customerId);
  return (await control.read(databaseReservationType, databaseKey(identity)))?.siteId;
}

/** The settings of a site, or undefined when there is no such site. */
export async function findSiteSettings(
  { database }: { database: ControlReader },
  customerId: string,
  siteId: string,
): Promise<Stored<SiteSettings> | undefined> {
  return isUuid(siteId) ? database.control(customerId).read(siteSettingsType, siteId) : undefined;
}
