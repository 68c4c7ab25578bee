/**
 * Divides the time that a search covers into windows, each with the months whose sessions can have recordings that began
 * in it. Recordings are stored in the month in which their session began, and began up to 31 days later. Pure.
 */
import { type Month, nextMonth } from '../../../shared/months/buckets';

const DAY_MILLISECONDS = 86_400_000;
/** Maximum length of a session. */
const LONGEST_SESSION_MILLISECONDS = 31 * DAY_MILLISECONDS;
/** A recording may seem to begin before its session, when their times were corrected by different skews of the clock. */
const EARLIEST_MILLISECONDS = DAY_MILLISECONDS;

/** Instants in RFC 3339 UTC with milliseconds, from `from` on and before `to`; absent: unlimited. */
export interface TimeRange {
  from?: string | undefined;
  to?: string | undefined;
}

export interface Window {
  from: string;
  to: string;
  months: Month[];
}

export type Direction = 'ascending' | 'descending';

/** The windows of a range that can contain recordings, in the direction of the search. */
export function windowsOf(months: readonly Month[], { from, to }: TimeRange, direction: Direction): Window[] {
  const spans = months.map((month) => ({ month, ...spanOf(month.month) }));
  const edges = [
    ...spans.flatMap((span) => [span.from, span.to]),
    ...(from ? [from] : []),
    ...(to ? [to] : []),
  ].filter((edge) => (from === undefined || edge >= from) && (to === undefined || edge <= to));
  const sorted = [...new Set(edges)].toSorted();
  const windows = sorted.slice(1).map((end, index) => {
    const start = sorted[index] ?? end;
    const active = spans.filter((span) => span.from <= start && span.to >= end);
    return { from: start, to: end, months: active.map(({ month }) => month) };
  });
  const filled = windows.filter((window) => window.months.length > 0);
  return direction === 'descending' ? filled.toReversed() : filled;
}

/** When recordings of the sessions of a month can have begun. */
function spanOf(month: string): { from: string; to: string } {
  const [start, end] = [month, nextMonth(month)].map((name) => Date.parse(`${name}-01T00:00:00.000Z`));
  return {
    from: new Date((start ?? 0) - EARLIEST_MILLISECONDS).toISOString(),
    to: new Date((end ?? 0) + LONGEST_SESSION_MILLISECONDS).toISOString(),
  };
}

/** The start of a recording as it is stored: so near to its session's that searches find it. RFC 3339 UTC. */
export function startNear(sessionStart: string, startedAt: string): string {
  const start = Date.parse(sessionStart);
  const nearest = Math.min(
    Math.max(Date.parse(startedAt), start - EARLIEST_MILLISECONDS),
    start + LONGEST_SESSION_MILLISECONDS - 1,
  );
  return new Date(nearest).toISOString();
}
