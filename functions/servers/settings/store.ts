/** Reads settings of servers, and what they are checked against. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { localTimeIn } from '../../../shared/schedules/local-time';
import type { Services } from '../../../shared/services';
import { findSiteSettings } from '../../sites';
import { heartbeatType } from '../heartbeat';
import type { Server } from '../server';
import { lowestServerVersion, serversOfSite } from '../store';
import { serverSettingsType, type StoredServerSettings } from './server-settings';
import type { SettingFacts } from './setting-rules';

type Reading = Pick<Services, 'database' | 'clock'>;

/** The stored settings; undefined while nothing was set yet. */
export async function findServerSettings(
  { database }: Pick<Reading, 'database'>,
  customerId: string,
  serverId: string,
): Promise<Stored<StoredServerSettings> | undefined> {
  return database.control(customerId).read(serverSettingsType, serverId);
}

/** When storage maintenance of the server's site begins, as HH:MM of the server's time zone; undefined while it is off. */
export async function maintenanceTimeOf(
  services: Reading,
  customerId: string,
  { siteId, timeZone }: Pick<Server, 'siteId' | 'timeZone'>,
): Promise<string | undefined> {
  // A planned machine has no time zone yet.
  if (siteId === undefined || timeZone === undefined) return undefined;
  const maintenance = (await findSiteSettings(services, customerId, siteId))?.storageMaintenance;
  if (!maintenance?.enabled) return undefined;
  const from = maintenance.timeZone ?? (await zoneOfFirstServer(services, customerId, siteId)) ?? timeZone;
  return localTimeIn(maintenance.time, { from, to: timeZone, now: services.clock.now() });
}

async function zoneOfFirstServer(
  services: Reading,
  customerId: string,
  siteId: string,
): Promise<string | undefined> {
  const servers = await serversOfSite(services, customerId, siteId);
  const registered = servers.filter(({ registeredAt }) => registeredAt !== undefined);
  const [first] = registered.sort((a, b) => (a.registeredAt ?? '').localeCompare(b.registeredAt ?? ''));
  return first?.timeZone;
}

/** What a change of the server's settings is checked against. */
export async function settingFactsOf(
  services: Reading,
  customerId: string,
  server: Server,
): Promise<SettingFacts> {
  const { database } = services;
  const [heartbeat, lowest, maintenanceTime] = await Promise.all([
    database.presence(customerId, server.id).read(heartbeatType, 'last'),
    server.siteId === undefined ? undefined : lowestServerVersion(services, customerId, server.siteId),
    maintenanceTimeOf(services, customerId, server),
  ]);
  return {
    serverVersion: server.serverVersion,
    lowestSiteVersion: lowest ?? server.serverVersion,
    certificates: (heartbeat?.state?.certificates ?? []).map(({ thumbprint }) => thumbprint),
    maintenanceTime,
  };
}
