/** In how many recordings a user has started each program, by day: kept for 90 days, written once a recording. */
import { days, documentType, wireId } from '../../../shared/cosmos/document-type';
import { DocumentExists, DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import { change, type Partition } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { monthOf, sha256Hex } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import type { ProgramCounts } from './score';

const HISTORY_DAYS = 90;
/** A document of a month is needed for 90 days after the month's last day. */
const KEPT_DAYS = HISTORY_DAYS + 31 + 9;
const DAY_MILLISECONDS = 86_400_000;
/** Keeps the document of a month far below the 2 MB of Cosmos. */
const MAX_PROGRAMS = 2_000;

/** Recordings by day of the month. */
type ByDay = Record<string, number>;

/** One user's recordings that began in one month (UTC). */
interface ProgramHistory {
  /** The month, such as `2030-01`. */
  id: string;
  recordings: ByDay;
  /** By key of the program. */
  programs: Record<string, ByDay>;
  /** More programs than are kept: how rare one is cannot be said. */
  isIncomplete?: boolean | undefined;
}

const programHistoryType = documentType<ProgramHistory>('program-history', { ttlSeconds: days(KEPT_DAYS) });

/** That a recording was counted: its counting may be repeated, and it is not compared with itself. */
interface CountedRecording {
  /** The recording's id. */
  id: string;
  /** Keys of the programs that were counted. */
  programs: readonly string[];
}

const countedRecordingType = documentType<CountedRecording>('counted-recording', {
  ttlSeconds: days(KEPT_DAYS),
});

type Counting = Pick<Services, 'database'>;
type Counted = Pick<Recording, 'id' | 'userKey' | 'startedAt'>;

/** How often the user of a recording started programs in other recordings of the 90 days before it. */
export async function programCounts(
  services: Counting,
  customerId: string,
  { id: recordingId, userKey, startedAt }: Counted,
): Promise<ProgramCounts> {
  const last = startedAt.slice(0, 10);
  const first = new Date(Date.parse(startedAt) - HISTORY_DAYS * DAY_MILLISECONDS).toISOString().slice(0, 10);
  const partition = historyOf(services, customerId, userKey);
  const [counted, ...months] = await Promise.all([
    partition.read(countedRecordingType, recordingId),
    ...monthsBetween(first, last).map((month) => partition.read(programHistoryType, month)),
  ]);
  const found = months.filter((month) => month !== undefined);
  if (found.some(({ isIncomplete }) => isIncomplete))
    return { otherRecordings: 0, recordingsWithProgram: new Map() };
  const inRange = (month: string, counts: ByDay) =>
    Object.entries(counts)
      .filter(([day]) => `${month}-${day}` >= first && `${month}-${day}` <= last)
      .reduce((sum, [, count]) => sum + count, 0);
  const recordingsWithProgram = new Map<string, number>();
  for (const { id, programs } of found)
    for (const [key, counts] of Object.entries(programs))
      recordingsWithProgram.set(key, (recordingsWithProgram.get(key) ?? 0) + inRange(id, counts));
  const recordings = found.reduce((sum, month) => sum + inRange(month.id, month.recordings), 0);
  if (!counted) return { otherRecordings: recordings, recordingsWithProgram };
  for (const key of counted.programs)
    recordingsWithProgram.set(key, (recordingsWithProgram.get(key) ?? 1) - 1);
  return { otherRecordings: Math.max(0, recordings - 1), recordingsWithProgram };
}

/** Counts the programs of a recording for those after it; counting it again changes nothing. */
export async function countPrograms(
  services: Counting,
  customerId: string,
  recording: Counted,
  programs: readonly string[],
): Promise<void> {
  const partition = historyOf(services, customerId, recording.userKey);
  const month = monthOf(new Date(recording.startedAt));
  const day = recording.startedAt.slice(8, 10);
  const isCounted = (error: unknown) =>
    error instanceof DocumentExists && error.documentId === wireId(countedRecordingType, recording.id);
  const isLostRace = (error: unknown) =>
    !isCounted(error) && [DocumentExists, DocumentStale, DocumentGone].some((lost) => error instanceof lost);
  try {
    await retryConflicts(async () => {
      const stored = await partition.read(programHistoryType, month);
      const next = withRecording(stored ?? { id: month, recordings: {}, programs: {} }, day, programs);
      const write = stored
        ? change.replace(programHistoryType, next, stored.etag)
        : change.create(programHistoryType, next);
      await partition.commit([change.create(countedRecordingType, { id: recording.id, programs }), write]);
    }, isLostRace);
  } catch (error) {
    if (!isCounted(error)) throw error;
  }
}

function withRecording(history: ProgramHistory, day: string, programs: readonly string[]): ProgramHistory {
  const next = {
    ...history,
    recordings: plusOne(history.recordings, day),
    programs: { ...history.programs },
  };
  let known = Object.keys(next.programs).length;
  for (const key of programs) {
    const counts = Object.hasOwn(next.programs, key) ? next.programs[key] : undefined;
    if (counts === undefined && ++known > MAX_PROGRAMS) return { ...next, isIncomplete: true };
    next.programs[key] = plusOne(counts ?? {}, day);
  }
  return next;
}

function plusOne(counts: ByDay, day: string): ByDay {
  return { ...counts, [day]: (counts[day] ?? 0) + 1 };
}

/** A recorded user is no administrator: the prefix keeps their partitions apart. */
function historyOf({ database }: Counting, customerId: string, userKey: string): Partition {
  return database.people(customerId, `user:${sha256Hex(userKey)}`);
}

/** The months (UTC) of two days and those between them. */
function monthsBetween(first: string, last: string): string[] {
  const months = [first.slice(0, 7)];
  for (let month = months[0] ?? ''; month < last.slice(0, 7);) {
    const [year = 0, number = 0] = month.split('-').map(Number);
    month = monthOf(new Date(Date.UTC(year, number, 1)));
    months.push(month);
  }
  return months;
}
