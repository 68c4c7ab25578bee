/** The schedule of storage maintenance that a site has while its settings want one (MNG-2). */
import { reportActivity } from '../../../shared/activity/report-activity';
import { DocumentExists } from '../../../shared/cosmos/errors';
import { type Change, change } from '../../../shared/cosmos/partition';
import { nextDue, type Recurrence } from '../../../shared/schedules/recurrence';
import type { ScheduledRun, ScheduleKind } from '../../../shared/schedules/run-schedules';
import { newSchedule, scheduleType } from '../../../shared/schedules/schedule';
import type { Services } from '../../../shared/services';
import { createTask } from '../../../shared/tasks/create-task';
import { type Task, taskType } from '../../../shared/tasks/task';
import type { Log } from '../../../shared/telemetry/telemetry';
import { timeZoneOfSite } from '../../servers';
import { findSite, findSiteSettings, type StorageMaintenance } from '../../sites';
import { hasRules, parametersOf, runOf, STORAGE_MAINTENANCE } from './maintenance-run';
import { maintenanceTask } from './maintenance-task';

const PREFIX = `${STORAGE_MAINTENANCE}-`;
const SYSTEM = { id: 'system', name: 'System', kind: 'system' };
/** A run that begins later than this says so. */
const LATE_MINUTES = 15;
/** Runs of all sites of a customer that go on at the same time. */
const MAX_RUNNING = 1_000;

type SiteRef = { customerId: string; siteId: string };

/** The schedule as settings of the site want it: for the batch of their change. Without rules its next run removes it. */
export async function scheduleChanges(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, siteId }: SiteRef,
  settings: StorageMaintenance,
): Promise<Change[]> {
  if (!hasRules(settings)) return [];
  const recurrence = await recurrenceOf(services, { customerId, siteId }, settings);
  const id = PREFIX + siteId;
  const now = services.clock.now();
  const known = await services.database.control(customerId).read(scheduleType, id);
  if (!known)
    return [change.create(scheduleType, newSchedule({ id, kind: STORAGE_MAINTENANCE, recurrence }, now))];
  if (JSON.stringify(known.recurrence) === JSON.stringify(recurrence)) return [];
  const nextRunAt = nextDue(recurrence, now).toISOString();
  const values = { recurrence, nextRunAt, dueAt: nextRunAt };
  return [
    change.patch(
      scheduleType,
      id,
      Object.entries(values).map(([name, value]) => ({ op: 'set' as const, path: `/${name}`, value })),
    ),
  ];
}

/** Removes the schedule of a site that was deleted. */
export async function removeMaintenanceSchedule(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId }: SiteRef,
): Promise<void> {
  await database.control(customerId).remove(scheduleType, PREFIX + siteId);
}

export const maintenanceRuns: ScheduleKind = { name: STORAGE_MAINTENANCE, run: startMaintenance };

/** Starts the task of a run, once; its id is that of the run. */
async function startMaintenance(services: Services, run: ScheduledRun, log: Log): Promise<void> {
  const { customerId, scheduleId, runAt, runId } = run;
  const ref = { customerId, siteId: scheduleId.slice(PREFIX.length) };
  const [site, settings] = await Promise.all([
    findSite(services, customerId, ref.siteId),
    findSiteSettings(services, customerId, ref.siteId),
  ]);
  if (!site || !settings || !hasRules(settings.storageMaintenance))
    return removeMaintenanceSchedule(services, ref);
  await followTimeZone(services, ref, settings.storageMaintenance);
  const running = await findRunning(services, ref, runId);
  if (running) return reportOverdue(services, ref, site.name, running, runAt);
  const parameters = parametersOf({
    siteId: ref.siteId,
    siteName: site.name,
    runAt,
    settings: settings.storageMaintenance,
  });
  const lateMinutes = Math.floor((services.clock.now().getTime() - runAt.getTime()) / 60_000);
  const late = lateMinutes > LATE_MINUTES ? `, ${lateMinutes} minutes late` : '';
  const task = {
    id: runId,
    title: `Storage maintenance of ${site.name} of ${runAt.toISOString()}${late}`,
    initiator: SYSTEM,
    request: { traceId: '', clientAddress: '' },
    parameters,
    customerId,
    kind: maintenanceTask,
    items: [],
  };
  try {
    await createTask(services, log, task, (changes) => services.database.control(customerId).commit(changes));
  } catch (error) {
    // A repeated message: the task exists, and the sweep starts it if its own message was lost.
    if (!(error instanceof DocumentExists)) throw error;
  }
}

/** Daily, in the time zone of the settings or of the site's first server; in UTC while it has none. */
async function recurrenceOf(
  services: Pick<Services, 'database'>,
  { customerId, siteId }: SiteRef,
  { time, timeZone }: StorageMaintenance,
): Promise<Recurrence> {
  const zone = timeZone ?? (await timeZoneOfSite(services, customerId, siteId)) ?? 'UTC';
  return { every: 'day', at: time, timeZone: zone };
}

/** Another server may be the first one meanwhile: from the run after the next one on, its time zone holds. */
async function followTimeZone(
  services: Pick<Services, 'database' | 'clock'>,
  ref: SiteRef,
  settings: StorageMaintenance,
): Promise<void> {
  const control = services.database.control(ref.customerId);
  const known = await control.read(scheduleType, PREFIX + ref.siteId);
  const recurrence = await recurrenceOf(services, ref, settings);
  if (!known || JSON.stringify(known.recurrence) === JSON.stringify(recurrence)) return;
  await control.commit([
    change.patch(scheduleType, known.id, [{ op: 'set', path: '/recurrence', value: recurrence }]),
  ]);
}

/** Another run of the site that has not ended. */
async function findRunning(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId }: SiteRef,
  runId: string,
): Promise<Task | undefined> {
  const running = await database.control(customerId).list(taskType, {
    where: `c.kind = '${STORAGE_MAINTENANCE}' AND c.state IN ('NotStarted', 'Running')`,
    limit: MAX_RUNNING,
  });
  return running.find((task) => task.id !== runId && runOf(task).siteId === siteId);
}

/** A run is left out while the one before it goes on: that one finds less and less, the next one finds the rest. */
async function reportOverdue(
  services: Pick<Services, 'database'>,
  { customerId, siteId }: SiteRef,
  siteName: string,
  { id: taskId, createdAt, counts, total }: Task,
  runAt: Date,
): Promise<void> {
  const done = counts.succeeded + counts.failed;
  await reportActivity(services, customerId, {
    at: runAt,
    key: siteId,
    kind: 'storageMaintenance.overdue',
    severity: 'warning',
    message: `Storage maintenance of ${siteName} that began at ${createdAt} still goes on, with ${done} recordings done: the run of ${runAt.toISOString()} is left out.`,
    siteId,
    details: { taskId, done, found: total },
  });
}
