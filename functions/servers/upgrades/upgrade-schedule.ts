/** The schedule of automatic upgrades that each registered server has, as its settings and its time zone want it (UPG-3). */
import { DocumentExists } from '../../../shared/cosmos/errors';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { newSchedule, type Schedule, scheduleType } from '../../../shared/schedules/schedule';
import type { Services } from '../../../shared/services';
import type { Server } from '../server';
import { DEFAULT_SETTINGS, type StoredServerSettings } from '../settings/server-settings';
import { findServerSettings } from '../settings/store';
import { firstOnNextDay, nextDayBegins, type SlotHistory, upgradeRecurrence } from './upgrade-slot';

type Scheduling = Pick<Services, 'database' | 'clock'>;

/** The name of the kind: it is stored with every schedule. */
export const CLIENT_UPGRADE = 'clientUpgrade';

export function upgradeScheduleId(serverId: string): string {
  return `${CLIENT_UPGRADE}-${serverId}`;
}

/** The server of a schedule. */
export function serverIdOfSchedule(scheduleId: string): string {
  return scheduleId.slice(`${CLIENT_UPGRADE}-`.length);
}

/** The upgrade slot of a server, and what held before it was changed. */
export function slotHistoryOf(stored: StoredServerSettings | undefined): SlotHistory {
  return {
    slot: (stored?.settings ?? DEFAULT_SETTINGS).clientUpgrade,
    changedAt: stored?.clientUpgradeChangedAt,
    before: stored?.clientUpgradeBefore,
  };
}

/**
 * Creates the schedule of a registered server, or adapts it to its settings and time zone. Idempotent; what a crash
 * leaves out is done by the next registration, or by the next run of the schedule.
 */
export async function syncUpgradeSchedule(
  services: Scheduling,
  customerId: string,
  { id: serverId, timeZone }: Pick<Server, 'id' | 'timeZone'>,
): Promise<void> {
  if (timeZone === undefined) return;
  const control = services.database.control(customerId);
  const id = upgradeScheduleId(serverId);
  await retryConflicts(async () => {
    const { slot } = slotHistoryOf(await findServerSettings(services, customerId, serverId));
    const recurrence = upgradeRecurrence(serverId, slot, timeZone);
    const known = await control.read(scheduleType, id);
    const now = services.clock.now();
    if (known) {
      const changed = withRecurrence(known, recurrence, timeZone, now);
      if (changed) await control.replace(scheduleType, changed);
      return;
    }
    try {
      await control.create(scheduleType, newSchedule({ id, kind: CLIENT_UPGRADE, recurrence }, now));
    } catch (error) {
      if (!(error instanceof DocumentExists)) throw error; // Otherwise another registration was faster.
    }
  });
}

/** Removes the schedule of a server that is not shown any more. */
export async function removeUpgradeSchedule(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
): Promise<void> {
  await database.control(customerId).remove(scheduleType, upgradeScheduleId(serverId));
}

/**
 * The schedule with another recurrence, from the next day of the server on; undefined when it has that one. The run of
 * this day, if it lies ahead, takes place as it was planned, unless the zone is another one.
 */
function withRecurrence<T extends Schedule>(
  schedule: T,
  recurrence: Schedule['recurrence'],
  timeZone: string,
  now: Date,
): T | undefined {
  const before = schedule.recurrence;
  if (JSON.stringify(before) === JSON.stringify(recurrence)) return undefined;
  const isSameZone = 'timeZone' in before && before.timeZone === timeZone;
  if (isSameZone && schedule.nextRunAt < nextDayBegins(timeZone, now).toISOString())
    return { ...schedule, recurrence };
  const nextRunAt = firstOnNextDay(recurrence, timeZone, now).toISOString();
  return { ...schedule, recurrence, nextRunAt, dueAt: nextRunAt };
}
