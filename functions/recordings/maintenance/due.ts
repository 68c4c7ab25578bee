/** Which recordings storage maintenance archives and deletes (MNG-2). Pure; age counts from the end of the session. */
import { withinCalendar } from '../../../shared/clock';
import { type Month, monthKeys } from '../../../shared/months/buckets';
import { isOver, LONGEST_SESSION_MILLISECONDS, type Session } from '../../sessions';
import type { StorageMaintenance } from '../../sites';

/** Recordings that are due for both are deleted. */
export type MaintenanceAction = 'archive' | 'delete';

/** In the order in which a run looks for them. */
export const ACTIONS = ['delete', 'archive'] as const satisfies readonly MaintenanceAction[];

type Days = Pick<StorageMaintenance, 'archiveAfterDays' | 'deleteAfterDays'>;

/** Sessions that ended until then are due; RFC 3339 UTC, absent: none is. */
export type DueLimits = Partial<Record<MaintenanceAction, string>>;

const DAY_MILLISECONDS = 86_400_000;

/** The limits for a run at an instant. A day has 24 hours, also when clocks change. */
export function dueLimits({ archiveAfterDays, deleteAfterDays }: Days, at: Date): DueLimits {
  const limit = (days: number) =>
    withinCalendar(new Date(at.getTime() - days * DAY_MILLISECONDS)).toISOString();
  return {
    ...(archiveAfterDays === undefined ? {} : { archive: limit(archiveAfterDays) }),
    ...(deleteAfterDays === undefined ? {} : { delete: limit(deleteAfterDays) }),
  };
}

/** When the session ended; of one whose end was never reported, when it ended at the latest; undefined while it is live. */
export function endOfSession(
  session: Pick<Session, 'state' | 'startedAt' | 'endedAt'>,
  now: Date,
): string | undefined {
  if (!isOver(session, now)) return undefined;
  return (
    session.endedAt ?? new Date(Date.parse(session.startedAt) + LONGEST_SESSION_MILLISECONDS).toISOString()
  );
}

/** What is due for recordings of a session that ended then; undefined: nothing, as for live ones. */
export function actionFor(endedAt: string | undefined, limits: DueLimits): MaintenanceAction | undefined {
  if (endedAt === undefined) return undefined;
  return ACTIONS.find((action) => endedAt <= (limits[action] ?? ''));
}

/** A place in the walk through months and their buckets: once for each action, oldest first. */
export interface Position {
  action: MaintenanceAction;
  /** Key of a month or bucket. */
  monthKey: string;
  /** Id of the recording after which it goes on there. */
  after?: string | undefined;
}

/** The place where a walk begins; undefined when nothing can be due. */
export function firstPosition(months: readonly Month[], limits: DueLimits): Position | undefined {
  return ACTIONS.map((action) => firstOf(action, months, limits)).find((found) => found !== undefined);
}

/** The place after all of a month or bucket; undefined at the end. Months that were added meanwhile are visited. */
export function nextPosition(
  { action, monthKey }: Position,
  months: readonly Month[],
  limits: DueLimits,
): Position | undefined {
  const following = keysOf(action, months, limits).find((key) => key > monthKey);
  if (following !== undefined) return { action, monthKey: following };
  const next = ACTIONS[ACTIONS.indexOf(action) + 1];
  return next && firstOf(next, months, limits);
}

function firstOf(
  action: MaintenanceAction,
  months: readonly Month[],
  limits: DueLimits,
): Position | undefined {
  const [monthKey] = keysOf(action, months, limits);
  return monthKey === undefined ? undefined : { action, monthKey };
}

/** The keys of all months that may have something due, in their order. A session lies in the month of its start. */
function keysOf(action: MaintenanceAction, months: readonly Month[], limits: DueLimits): string[] {
  const limit = limits[action] ?? '';
  return months
    .filter(({ month }) => month <= limit.slice(0, 'yyyy-mm'.length))
    .flatMap((month) => monthKeys(month))
    .toSorted();
}
