/** Schedules: what recurs. The document, and its states as pure transitions. */
import { documentType } from '../cosmos/document-type';
import { timedId } from '../ids';
import { nextDue, type Recurrence } from './recurrence';

export interface Schedule {
  id: string;
  /** Name of its kind, see `ScheduleKind`. */
  kind: string;
  recurrence: Recurrence;
  /** The instant of the next run, also while that is being started; RFC 3339 UTC, as all times here. */
  nextRunAt: string;
  /** When the sweep looks at it: for the next run, or when whoever was starting that has not finished. */
  dueAt: string;
  /** The instant of the last run that has finished. */
  finishedRunAt?: string | undefined;
  /** The instant of the last run that failed in every attempt. */
  failedRunAt?: string | undefined;
}

export const scheduleType = documentType<Schedule>('schedule', { ttlSeconds: 'never' });

/** Who claims a schedule has so long to start its run. */
const CLAIM_SECONDS = 60;

/** A schedule that is due for the first time after `now`. */
export function newSchedule(given: Pick<Schedule, 'id' | 'kind' | 'recurrence'>, now: Date): Schedule {
  const nextRunAt = nextDue(given.recurrence, now).toISOString();
  return { ...given, nextRunAt, dueAt: nextRunAt };
}

/** The schedule while its run is being started; undefined when it is not due, or somebody is starting it. */
export function claim<T extends Schedule>(schedule: T, now: Date): T | undefined {
  if (schedule.dueAt > now.toISOString()) return undefined;
  return { ...schedule, dueAt: new Date(now.getTime() + CLAIM_SECONDS * 1000).toISOString() };
}

/**
 * The schedule when the run of `runAt` has been started; undefined when somebody else has noted that. Runs that were
 * missed during an outage are one: the next one lies ahead.
 */
export function advance<T extends Schedule>(schedule: T, runAt: string, now: Date): T | undefined {
  if (schedule.nextRunAt !== runAt) return undefined;
  const after = new Date(Math.max(now.getTime(), Date.parse(runAt)));
  const nextRunAt = nextDue(schedule.recurrence, after).toISOString();
  return { ...schedule, nextRunAt, dueAt: nextRunAt };
}

/** Whether the run of `runAt`, or a later one, has finished. */
export function hasFinished({ finishedRunAt }: Schedule, runAt: string): boolean {
  return finishedRunAt !== undefined && finishedRunAt >= runAt;
}

/** The id of a run: the same one however often it is started, sorting by its instant. */
export function runIdOf(customerId: string, scheduleId: string, runAt: string): string {
  return timedId(new Date(runAt), 'schedule', customerId, scheduleId);
}
