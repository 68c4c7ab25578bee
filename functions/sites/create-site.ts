/** Creates a site with its default settings; a database belongs to at most one site. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { type Change, change } from '../../shared/cosmos/partition';
import { DocumentExists } from '../../shared/cosmos/errors';
import { Problem } from '../../shared/problem';
import { databaseKey, databaseReservationType, type Site, siteType } from './site';
import { defaultSettings, siteSettingsType } from './site-settings';

/** The writes that create a site: the site, its settings, and the claim to its database. */
export function siteCreation(site: Site): Change[] {
  return [
    change.create(siteType, site),
    change.create(siteSettingsType, defaultSettings(site.id)),
    ...(site.database
      ? [change.create(databaseReservationType, { id: databaseKey(site.database), siteId: site.id })]
      : []),
  ];
}

/** @throws Problem `already-exists` when another site uses the database */
export async function createSite(site: Site, audit: AuditTrail): Promise<void> {
  try {
    await audit.commit(siteCreation(site), {
      siteId: site.id,
      target: { type: 'site', id: site.id, name: site.name },
      new: site,
    });
  } catch (error) {
    if (!(error instanceof DocumentExists) || !site.database) throw error;
    const { instance, name } = site.database;
    throw new Problem(
      'already-exists',
      `Another site uses the database ${name} on ${instance}: servers with it join that site.`,
      {
        errors: [{ pointer: '/database', detail: 'This database belongs to another site.' }],
        cause: error,
      },
    );
  }
}
