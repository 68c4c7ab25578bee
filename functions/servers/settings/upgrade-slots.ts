/** Upgrade slots of the servers of a site against the time of its storage maintenance (UPG-2). */
import { Problem } from '../../../shared/problem';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import type { SettingsToCheck } from '../../../shared/sites/site-dependent';
import type { SiteSummary } from '../../../shared/sites/site-summary';
import { findSiteSettings } from '../../sites';
import type { Server } from '../server';
import { listServersOfSite } from '../store';
import { DEFAULT_SETTINGS } from './server-settings';
import { slotConflict } from './setting-rules';
import { findServerSettings, firstTimeZone, maintenanceTimeAt } from './store';

type Reading = Pick<Services, 'database' | 'clock'>;
type Maintenance = NonNullable<SettingsToCheck['storageMaintenance']>;
type UpgradeConflict = SiteSummary['upgradeConflicts'][number];

const MAX_NAMED = 10;
const MAX_LISTED = 100;
const CONCURRENT_READS = 16;

/** @throws Problem `conflict` with both times for each server whose slot ends after maintenance begins */
export async function checkUpgradeSlots(
  services: Reading,
  customerId: string,
  siteId: string,
  maintenance: Maintenance,
): Promise<void> {
  const conflicts = await conflictsWith(services, customerId, siteId, maintenance);
  if (conflicts.length === 0) return;
  const named = conflicts.slice(0, MAX_NAMED).map(({ hostName, detail }) => `${hostName}: ${detail}`);
  const more = conflicts.length > MAX_NAMED ? ` (and ${conflicts.length - MAX_NAMED} more)` : '';
  throw new Problem('conflict', `${named.join(' ')}${more}`);
}

/** Servers of the site whose slot ends after maintenance begins: they joined it after that was set. At most 100. */
export async function listUpgradeConflicts(
  services: Reading,
  customerId: string,
  siteId: string,
): Promise<UpgradeConflict[]> {
  const maintenance = (await findSiteSettings(services, customerId, siteId))?.storageMaintenance;
  if (!maintenance) return [];
  return (await conflictsWith(services, customerId, siteId, maintenance)).slice(0, MAX_LISTED);
}

async function conflictsWith(
  services: Reading,
  customerId: string,
  siteId: string,
  maintenance: Maintenance,
): Promise<UpgradeConflict[]> {
  if (!maintenance.enabled) return [];
  const servers = await listServersOfSite(services, customerId, siteId);
  const zone = maintenance.timeZone ?? firstTimeZone(servers);
  const conflicts = await mapConcurrently(servers, CONCURRENT_READS, (server) =>
    conflictOf(services, customerId, server, { ...maintenance, timeZone: zone }),
  );
  return conflicts.flatMap((conflict) => conflict ?? []);
}

async function conflictOf(
  services: Reading,
  customerId: string,
  { id, hostName, timeZone }: Server,
  maintenance: Maintenance,
): Promise<UpgradeConflict | undefined> {
  if (timeZone === undefined) return undefined;
  const settings = (await findServerSettings(services, customerId, id))?.settings ?? DEFAULT_SETTINGS;
  const zone = maintenance.timeZone ?? timeZone;
  const begins = maintenanceTimeAt(maintenance.time, zone, timeZone, services.clock.now());
  const detail = slotConflict(settings, begins);
  return detail === undefined ? undefined : { serverId: id, hostName, detail };
}
