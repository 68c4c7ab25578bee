/** The daily run that upgrades the cloud client of a server in its slot, once per slot (UPG-1, UPG-3). */
import { Problem } from '../../../shared/problem';
import type { ScheduledRun, ScheduleKind } from '../../../shared/schedules/run-schedules';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { Server } from '../server';
import { findServerSettings } from '../settings/store';
import { findServer } from '../store';
import { endAbandonedUpgrade } from './end-upgrade';
import { findUpgrade, startUpgrade } from './start-upgrade';
import {
  CLIENT_UPGRADE,
  removeUpgradeSchedule,
  serverIdOfSchedule,
  slotHistoryOf,
  syncUpgradeSchedule,
} from './upgrade-schedule';
import { isInSlot, localDay, slotOn } from './upgrade-slot';

const BY_SCHEDULE = {
  initiator: { id: 'system', name: 'System', kind: 'system' },
  request: { traceId: '', clientAddress: '' },
};

export const clientUpgrades: ScheduleKind = { name: CLIENT_UPGRADE, run: upgradeInSlot };

async function upgradeInSlot(
  services: Services,
  { customerId, scheduleId, runAt, runId }: ScheduledRun,
  log: Log,
): Promise<void> {
  const serverId = serverIdOfSchedule(scheduleId);
  const server = await findServer(services, customerId, serverId);
  if (!server || server.status === 'deleted') return removeUpgradeSchedule(services, customerId, serverId);
  // Repairs what a crash during a change of the settings left out.
  await syncUpgradeSchedule(services, customerId, server);
  const day = await dayOfSlot(services, customerId, server, runAt);
  const last = await findUpgrade(services, customerId, serverId);
  if (day === undefined || (last?.day === day && last.taskId !== runId)) return;
  const request = { customerId, server, taskId: runId, by: BY_SCHEDULE, day };
  try {
    await endAbandonedUpgrade(services, log, customerId, serverId);
    await startUpgrade(services, log, request, (changes) =>
      services.database.control(customerId).commit(changes),
    );
  } catch (error) {
    // It is up to date, or its state forbids an upgrade now.
    if (!(error instanceof Problem) || error.code !== 'conflict') throw error;
  }
}

/** The local day of the slot in which both the run and this moment are; undefined when there is none. */
async function dayOfSlot(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id, timeZone }: Server,
  runAt: Date,
): Promise<string | undefined> {
  if (timeZone === undefined) return undefined;
  const history = slotHistoryOf(await findServerSettings(services, customerId, id));
  const day = localDay(runAt, timeZone);
  const slot = slotOn(day, history, timeZone);
  const isNow = [runAt, services.clock.now()].every((at) => isInSlot(slot, day, timeZone, at));
  return slot.automatic && isNow ? day : undefined;
}
