/** Starts what is due, once, and carries it out: a sweep, a queue, and the handlers of the kinds. */
import { z } from 'zod';
import { reportActivity } from '../activity/report-activity';
import { DocumentGone, DocumentStale } from '../cosmos/errors';
import type { Stored } from '../cosmos/document-type';
import { retryConflicts } from '../cosmos/retry';
import type { QueueDefinition } from '../queues/queue';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';
import { advance, claim, hasFinished, newSchedule, runIdOf, type Schedule, scheduleType } from './schedule';

/** One run of a schedule. */
export interface ScheduledRun {
  customerId: string;
  scheduleId: string;
  /** The instant that it is for; the work may come later. */
  runAt: Date;
  /** The same in every attempt: the id of the task or orchestration that the run starts, if it starts one. */
  runId: string;
}

/** What a capability declares for each kind of schedule that it has. */
export interface ScheduleKind {
  /** Stored with every schedule: never changed. */
  readonly name: string;
  /** Carries a run out. It may be called again for the same run: it must be idempotent. */
  run(services: Services, run: ScheduledRun, log: Log): Promise<void>;
}

const runMessage = z.object({ customerId: z.string(), scheduleId: z.string(), runAt: z.string() });
type RunMessage = z.output<typeof runMessage>;

export const scheduledRunQueue: QueueDefinition<RunMessage> = { name: 'scheduled-runs', message: runMessage };

type Storing = Pick<Services, 'database' | 'clock'>;

/** Creates the schedule unless the customer has it. */
export async function ensureSchedule(
  { database, clock }: Storing,
  customerId: string,
  given: Pick<Schedule, 'id' | 'kind' | 'recurrence'>,
): Promise<void> {
  await database.control(customerId).createIfAbsent(scheduleType, newSchedule(given, clock.now()));
}

/** Starts the run of every schedule that is due: claimed by ETag, so that sweeps at the same time start it once. */
export async function startDueSchedules(
  services: Storing & Pick<Services, 'queues'>,
  log: Log,
): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'control',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'schedule' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const scheduleId = id.slice(`${scheduleType.name}:`.length);
    try {
      await startRun(services, customerId, scheduleId);
    } catch (error) {
      log.error('schedule.not-started', error, { customerId, scheduleId });
    }
  }
}

/** A crash after the claim has the same run started again when the claim ends. */
async function startRun(
  services: Storing & Pick<Services, 'queues'>,
  customerId: string,
  scheduleId: string,
): Promise<void> {
  const control = services.database.control(customerId);
  const schedule = await control.read(scheduleType, scheduleId);
  const claimed = schedule && claim(schedule, services.clock.now());
  if (!claimed) return;
  try {
    await control.replace(scheduleType, claimed);
  } catch (error) {
    if (error instanceof DocumentStale || error instanceof DocumentGone) return; // Somebody else has claimed it.
    throw error;
  }
  const { nextRunAt: runAt } = claimed;
  await services.queues.send(scheduledRunQueue, { customerId, scheduleId, runAt });
  await changeSchedule(services, { customerId, scheduleId, runAt }, (known, now) =>
    advance(known, runAt, now),
  );
}

/** Carries out the runs of these kinds. */
export function runScheduled(kinds: readonly ScheduleKind[]) {
  return async (services: Services, message: RunMessage, log: Log): Promise<void> => {
    const { customerId, scheduleId, runAt } = message;
    const schedule = await services.database.control(customerId).read(scheduleType, scheduleId);
    if (!schedule || hasFinished(schedule, runAt)) return;
    const kind = kinds.find(({ name }) => name === schedule.kind);
    if (!kind) throw new Error(`there is no kind of schedule ${schedule.kind}`);
    const runId = runIdOf(customerId, scheduleId, runAt);
    await kind.run(services, { customerId, scheduleId, runAt: new Date(runAt), runId }, log);
    await changeSchedule(services, message, (known) =>
      hasFinished(known, runAt) ? undefined : { ...known, finishedRunAt: runAt },
    );
  };
}

/** Ends a run that failed in every attempt: it is recorded and shown in the feed, and the next one comes as planned. */
export async function giveUpScheduledRun(services: Storing, message: RunMessage, log: Log): Promise<void> {
  const { customerId, scheduleId, runAt } = message;
  log.warn('schedule.run-given-up', { customerId, scheduleId, runAt });
  const schedule = await changeSchedule(services, message, (known) => ({ ...known, failedRunAt: runAt }));
  if (!schedule) return;
  await reportActivity(services, customerId, {
    at: new Date(runAt),
    key: scheduleId,
    kind: 'schedule.failed',
    severity: 'warning',
    message: `The scheduled work "${schedule.kind}" of ${runAt} failed in every attempt. The next run is at ${schedule.nextRunAt}.`,
    details: { scheduleId },
  });
}

/** Stores the schedule as `next` makes it, unless that is undefined. */
async function changeSchedule(
  { database, clock }: Storing,
  { customerId, scheduleId }: RunMessage,
  next: (schedule: Stored<Schedule>, now: Date) => Stored<Schedule> | undefined,
): Promise<Stored<Schedule> | undefined> {
  const control = database.control(customerId);
  return retryConflicts(async () => {
    const schedule = await control.read(scheduleType, scheduleId);
    const changed = schedule && next(schedule, clock.now());
    return changed ? control.replace(scheduleType, changed) : schedule;
  });
}
