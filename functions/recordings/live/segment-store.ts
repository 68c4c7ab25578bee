/**
 * Stores the index of a live recording. One document has what was added last and moves on by its ETag; full pages of it are
 * documents of their own. Both are in the partition of the session.
 */
import { days, documentType, type Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import { parseRecordingId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import { type IndexEnd, type Segment, SEGMENT_SECONDS } from './segments';

const PAGE = 100;
/** At most so many full pages in one answer. */
const PAGES_READ = 10;
/** Longer than a session lasts and its upload may be continued; the file itself needs no index. */
const KEPT_SECONDS = days(90);

/** Offset, bytes, milliseconds, and 1 for a key frame: a document has a hundred of them. */
type PackedSegment = readonly [offset: number, sizeBytes: number, milliseconds: number, keyframe: 0 | 1];

export interface LiveIndex extends IndexEnd {
  /** The recording's id. */
  id: string;
  /** Those after the last full page. */
  recent: readonly PackedSegment[];
  /** Somebody watches until then; RFC 3339 UTC. */
  watchedUntil?: string | undefined;
}

interface SegmentPage {
  /** Recording id and number of the page. */
  id: string;
  segments: readonly PackedSegment[];
}

const liveIndexType = documentType<LiveIndex>('live-index', { ttlSeconds: KEPT_SECONDS });
const segmentPageType = documentType<SegmentPage>('segment-page', { ttlSeconds: KEPT_SECONDS });

type Storing = Pick<Services, 'database'>;

/** The index of a recording; an empty one is created where there is none. */
export async function openLiveIndex(
  services: Storing,
  customerId: string,
  recordingId: string,
): Promise<Stored<LiveIndex>> {
  const empty = { id: recordingId, nextSequence: 0, nextOffset: 0, recent: [] };
  return partitionOf(services, customerId, recordingId).createOrRead(liveIndexType, empty);
}

/** The index, or undefined for a recording that was never live. */
export async function findLiveIndex(
  services: Storing,
  customerId: string,
  recordingId: string,
): Promise<Stored<LiveIndex> | undefined> {
  return partitionOf(services, customerId, recordingId).read(liveIndexType, recordingId);
}

/** Adds segments that follow the end of the index. @throws DocumentStale when it has moved on */
export async function appendSegments(
  services: Storing,
  customerId: string,
  index: Stored<LiveIndex>,
  added: readonly Segment[],
): Promise<LiveIndex> {
  const all = [...index.recent, ...added.map(pack)];
  const firstPage = (index.nextSequence - index.recent.length) / PAGE;
  const fullPages = Math.floor(all.length / PAGE);
  const last = added.at(-1);
  const next: Stored<LiveIndex> = {
    ...index,
    nextSequence: index.nextSequence + added.length,
    nextOffset: last ? last.offset + last.sizeBytes : index.nextOffset,
    recent: all.slice(fullPages * PAGE),
  };
  const pages = Array.from({ length: fullPages }, (_, number) => ({
    id: pageId(index.id, firstPage + number),
    segments: all.slice(number * PAGE, (number + 1) * PAGE),
  }));
  await partitionOf(services, customerId, index.id).commit([
    change.replace(liveIndexType, next, index.etag),
    ...pages.map((page) => change.upsert(segmentPageType, page)),
  ]);
  return next;
}

/** At most a thousand segments and those added last, from this number on. */
export async function readSegments(
  services: Storing,
  customerId: string,
  { id, nextSequence, recent }: LiveIndex,
  from: number,
): Promise<Segment[]> {
  const firstRecent = nextSequence - recent.length;
  const firstPage = Math.floor(from / PAGE);
  const pages = Math.max(0, firstRecent / PAGE - firstPage);
  const partition = partitionOf(services, customerId, id);
  const read = await Promise.all(
    Array.from({ length: Math.min(pages, PAGES_READ) }, (_, number) =>
      partition.read(segmentPageType, pageId(id, firstPage + number)),
    ),
  );
  const older = read.flatMap((page) => page?.segments ?? []).map(unpackFrom(firstPage * PAGE));
  const newest = pages > PAGES_READ ? [] : recent.map(unpackFrom(firstRecent));
  return [...older, ...newest].filter(({ sequence }) => sequence >= from);
}

/** Notes that somebody watches until then. An index that is gone is no error. */
export async function markWatched(
  services: Storing,
  customerId: string,
  recordingId: string,
  until: Date,
): Promise<void> {
  const operations = [{ op: 'set' as const, path: '/watchedUntil', value: until.toISOString() }];
  try {
    await partitionOf(services, customerId, recordingId).commit([
      change.patch(liveIndexType, recordingId, operations),
    ]);
  } catch (error) {
    if (!(error instanceof DocumentGone)) throw error;
  }
}

/** How long the next segments should be, in seconds. */
export function wantedSeconds({ watchedUntil }: Pick<LiveIndex, 'watchedUntil'>, now: Date): number {
  const isWatched = watchedUntil !== undefined && watchedUntil > now.toISOString();
  return isWatched ? SEGMENT_SECONDS.watched : SEGMENT_SECONDS.unwatched;
}

function partitionOf({ database }: Storing, customerId: string, recordingId: string) {
  const { sessionId = '' } = parseRecordingId(recordingId) ?? {};
  return database.sessionData(customerId, sessionId);
}

function pageId(recordingId: string, page: number): string {
  return `${recordingId}-${String(page).padStart(4, '0')}`;
}

function pack({ offset, sizeBytes, durationSeconds, startsWithKeyframe }: Segment): PackedSegment {
  return [offset, sizeBytes, Math.round(durationSeconds * 1000), startsWithKeyframe ? 1 : 0];
}

function unpackFrom(first: number) {
  return ([offset, sizeBytes, milliseconds, keyframe]: PackedSegment, index: number): Segment => ({
    sequence: first + index,
    offset,
    sizeBytes,
    durationSeconds: milliseconds / 1000,
    startsWithKeyframe: keyframe === 1,
  });
}
