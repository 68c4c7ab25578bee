/** Upgrade slots of the servers of a site against a new time of storage maintenance (UPG-2). */
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { SettingsToCheck } from '../../../shared/sites/site-dependent';
import { listServersOfSite } from '../store';
import { DEFAULT_SETTINGS, serverSettingsType } from './server-settings';
import { slotConflict } from './setting-rules';
import { firstTimeZone, maintenanceTimeAt } from './store';

const MAX_NAMED = 10;

/** @throws Problem `conflict` with both times for each server whose slot ends after maintenance begins */
export async function checkUpgradeSlots(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  siteId: string,
  maintenance: NonNullable<SettingsToCheck['storageMaintenance']>,
): Promise<void> {
  if (!maintenance.enabled) return;
  const servers = await listServersOfSite(services, customerId, siteId);
  const zone = maintenance.timeZone ?? firstTimeZone(servers);
  const control = services.database.control(customerId);
  const conflicts: string[] = [];
  for (const { id, hostName, timeZone } of servers) {
    if (timeZone === undefined) continue;
    const settings = (await control.read(serverSettingsType, id))?.settings ?? DEFAULT_SETTINGS;
    const begins = maintenanceTimeAt(maintenance.time, zone ?? timeZone, timeZone, services.clock.now());
    const conflict = slotConflict(settings, begins);
    if (conflict !== undefined) conflicts.push(`${hostName}: ${conflict}`);
  }
  if (conflicts.length === 0) return;
  const more = conflicts.length > MAX_NAMED ? ` (and ${conflicts.length - MAX_NAMED} more)` : '';
  throw new Problem('conflict', `${conflicts.slice(0, MAX_NAMED).join(' ')}${more}`);
}
