/** Changes the settings of a server: by an administrator, or by what its local administrator changed on it. */
import { isDeepStrictEqual } from 'node:util';
import { type AuditTrail, auditEntryType } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentExists, DocumentStale } from '../../../shared/cosmos/errors';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { applyMergePatch } from '../../../shared/http/merge-patch';
import { validateBody } from '../../../shared/http/validation';
import { derivedId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import { requireWorkingLog } from '../administrator-log';
import { requireAvailable } from '../require-available';
import type { Server } from '../server';
import {
  DEFAULT_SETTINGS,
  type ServerSettings,
  serverSettingsType,
  type StoredServerSettings,
} from './server-settings';
import { checkChange } from './setting-rules';
import { saysTheSame, serverSettingsInput } from './settings-view';
import { localDay, slotOn } from '../upgrades/upgrade-slot';
import { syncUpgradeSchedule } from '../upgrades/upgrade-schedule';
import { findServerSettings, settingFactsOf } from './store';

interface SettingsChange {
  customerId: string;
  server: Stored<Server>;
  /** What is stored now; undefined while nothing was set yet. */
  stored: Stored<StoredServerSettings> | undefined;
  patch: Record<string, unknown>;
  audit: AuditTrail;
}

/**
 * Applies a merge patch. One that changes nothing makes no new version; while nothing was set yet, also the standard values
 * are a change once they are given: from then on the service manages the settings.
 * @throws Problem for a server that is not available, an invalid result, a feature that is missing, or a log that fails;
 * DocumentStale after a concurrent change
 */
export async function changeServerSettings(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, server, stored, patch, audit }: SettingsChange,
): Promise<void> {
  requireAvailable(server);
  if (server.siteId !== undefined) await requireWorkingLog(services, customerId, server.siteId);
  const before = stored?.settings ?? DEFAULT_SETTINGS;
  const settings = validateBody(serverSettingsInput, applyMergePatch(before, patch));
  checkChange(before, settings, await settingFactsOf(services, customerId, server));
  if (stored ? isDeepStrictEqual(settings, before) : saysNothing(patch)) return;
  try {
    await audit.commit([writeOf(server, stored, settings, services.clock.now())], {
      siteId: server.siteId,
      serverId: server.id,
      target: { type: 'serverSettings', id: server.id, name: server.hostName },
      old: stored?.settings,
      new: settings,
    });
  } catch (error) {
    if (error instanceof DocumentExists)
      throw new DocumentStale('The settings were set for the first time meanwhile.', { cause: error });
    throw error;
  }
  await syncUpgradeSchedule(services, customerId, server);
}

/** Whether a patch has no value at all. */
function saysNothing(patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return false;
  return Object.values(patch).every(saysNothing);
}

function writeOf(
  { id, timeZone = 'UTC' }: Pick<Server, 'id' | 'timeZone'>,
  stored: Stored<StoredServerSettings> | undefined,
  settings: ServerSettings,
  now: Date,
): Change {
  const next: StoredServerSettings = {
    id,
    settings,
    version: (stored?.version ?? 0) + 1,
    ...slotChange(stored, settings, timeZone, now),
  };
  return stored
    ? change.replace(serverSettingsType, next, stored.etag)
    : change.create(serverSettingsType, next);
}

/** When the upgrade slot was changed, and what holds on that day: also after several changes, what held before the first. */
function slotChange(
  stored: StoredServerSettings | undefined,
  { clientUpgrade: next }: ServerSettings,
  timeZone: string,
  now: Date,
): Pick<StoredServerSettings, 'clientUpgradeChangedAt' | 'clientUpgradeBefore'> {
  const { clientUpgrade: last } = stored?.settings ?? DEFAULT_SETTINGS;
  const { clientUpgradeChangedAt, clientUpgradeBefore } = stored ?? {};
  if (JSON.stringify(last) === JSON.stringify(next)) return { clientUpgradeChangedAt, clientUpgradeBefore };
  const history = { slot: last, changedAt: clientUpgradeChangedAt, before: clientUpgradeBefore };
  return {
    clientUpgradeChangedAt: now.toISOString(),
    clientUpgradeBefore: slotOn(localDay(now, timeZone), history, timeZone),
  };
}

/** What a server has applied, and which settings it has now. */
interface ReportedSettings {
  customerId: string;
  server: Server;
  /** The settings that it applied last; 0 for none of the service's. */
  appliedVersion: number;
  current: ServerSettings;
  client: { id: string; name: string; address: string; traceId: string };
}

/**
 * Takes over what was changed on the server itself, with an entry in the administrator log. A server that has not applied
 * the latest settings yet reports older ones: those are no local change.
 */
export async function adoptLocalSettings(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  { customerId, server, appliedVersion, current, client }: ReportedSettings,
): Promise<void> {
  await retryConflicts(async () => {
    const stored = await findServerSettings({ database }, customerId, server.id);
    if ((stored?.version ?? 0) !== appliedVersion) return;
    if (stored && saysTheSame(stored.settings, current)) return;
    const now = clock.now();
    await database.control(customerId).commit([
      writeOf(server, stored, current, now),
      change.create(auditEntryType, {
        id: derivedId('settings-adopted', server.id, String(appliedVersion + 1)),
        at: now.toISOString(),
        category: 'configuration',
        action: 'serverSettings.adopt',
        by: { id: client.id, name: client.name, kind: 'secureClient' },
        address: client.address,
        authorised: true,
        outcome: 'succeeded',
        traceId: client.traceId,
        siteId: server.siteId,
        serverId: server.id,
        target: { type: 'serverSettings', id: server.id, name: server.hostName },
        old: stored?.settings,
        new: current,
      }),
    ]);
  });
  await syncUpgradeSchedule({ database, clock }, customerId, server);
}
