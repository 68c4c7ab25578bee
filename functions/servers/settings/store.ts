/** Reads settings of servers, and what they are checked against. */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { ControlReader } from '../../../shared/cosmos/recent-control';
import { missingFeature } from '../../../shared/feature-gate';
import { localTimeIn } from '../../../shared/schedules/local-time';
import type { Services } from '../../../shared/services';
import { findSiteSettings } from '../../sites';
import { heartbeatType, type MachineCertificate } from '../heartbeat';
import type { Server } from '../server';
import { missingFeatures } from '../site-features';
import { listServersOfSite } from '../store';
import { serverSettingsType, type StoredServerSettings } from './server-settings';
import type { SettingFacts, WarningFacts } from './setting-rules';

type Reading = Pick<Services, 'database' | 'clock'>;

/** The stored settings; undefined while nothing was set yet. */
export async function findServerSettings(
  { database }: { database: ControlReader },
  customerId: string,
  serverId: string,
): Promise<Stored<StoredServerSettings> | undefined> {
  return database.control(customerId).read(serverSettingsType, serverId);
}

/** When storage maintenance of the server's site begins, as HH:MM of the server's time zone; undefined while it is off. */
async function maintenanceTimeOf(
  services: Reading,
  customerId: string,
  { siteId, timeZone }: Pick<Server, 'siteId' | 'timeZone'>,
): Promise<string | undefined> {
  // A planned machine has no time zone yet.
  if (siteId === undefined || timeZone === undefined) return undefined;
  const maintenance = (await findSiteSettings(services, customerId, siteId))?.storageMaintenance;
  if (!maintenance?.enabled) return undefined;
  const zone =
    maintenance.timeZone ?? firstTimeZone(await listServersOfSite(services, customerId, siteId)) ?? timeZone;
  return maintenanceTimeAt(maintenance.time, zone, timeZone, services.clock.now());
}

/** A time of the site in the time zone of a server, on this day of the site. */
export function maintenanceTimeAt(time: string, siteZone: string, serverZone: string, now: Date): string {
  return localTimeIn(time, { from: siteZone, to: serverZone, now });
}

/** The time zone of the site where none is set: that of the server that registered first. */
export function firstTimeZone(servers: readonly Server[]): string | undefined {
  const registered = servers.filter(({ registeredAt }) => registeredAt !== undefined);
  const [first] = registered.toSorted((a, b) => (a.registeredAt ?? '').localeCompare(b.registeredAt ?? ''));
  return first?.timeZone;
}

/** What a change of the server's settings is checked against. */
export async function settingFactsOf(
  services: Reading,
  customerId: string,
  server: Server,
): Promise<SettingFacts> {
  const { siteId, serverVersion } = server;
  const [certificates, [noJustification], maintenanceTime] = await Promise.all([
    certificatesOf(services, customerId, server.id),
    siteId === undefined ? [] : missingFeatures(services, customerId, siteId, ['playbackJustification']),
    maintenanceTimeOf(services, customerId, server),
  ]);
  return {
    noAdministratorLogging: missingFeature('administratorLogging', { server: serverVersion }),
    noJustification,
    certificates,
    maintenanceTime,
  };
}

/** What warnings about the server's settings depend on. */
export async function warningFactsOf(
  services: Reading,
  customerId: string,
  server: Server,
): Promise<WarningFacts> {
  const [certificates, maintenanceTime] = await Promise.all([
    certificatesOf(services, customerId, server.id),
    maintenanceTimeOf(services, customerId, server),
  ]);
  return { certificates, maintenanceTime, now: services.clock.now() };
}

async function certificatesOf(
  { database }: Reading,
  customerId: string,
  serverId: string,
): Promise<readonly MachineCertificate[]> {
  const heartbeat = await database.presence(customerId, serverId).read(heartbeatType, 'last');
  return heartbeat?.state?.certificates ?? [];
}

/** The time zone of the first server of a site; undefined while it has none. */
export async function timeZoneOfSite(
  services: Pick<Services, 'database'>,
  customerId: string,
  siteId: string,
): Promise<string | undefined> {
  return firstTimeZone(await listServersOfSite(services, customerId, siteId));
}
