/** Finds recordings that are due for storage maintenance: page by page through months and buckets, within a budget. */
import { wireId } from '../../../shared/cosmos/document-type';
import { listedMonths } from '../../../shared/months/customer-months';
import type { Services } from '../../../shared/services';
import { findSessions } from '../../sessions';
import { whyNotArchivable, whyNotDeletable } from '../moves/move';
import { type Recording, type RecordingState, recordingType } from '../recording';
import { actionFor, type DueLimits, endOfSession, firstPosition, nextPosition, type Position } from './due';
import type { MaintenanceAction } from './due';

type Reading = Pick<Services, 'database' | 'clock'>;

/** States that are asked for; what else stands in the way of a move is looked at in the results. */
const STATES = {
  archive: ['complete', 'damaged'],
  delete: ['complete', 'damaged', 'verificationFailed', 'abandoned', 'archived'],
} as const satisfies Record<MaintenanceAction, readonly RecordingState[]>;

const ROWS_OF_A_PAGE = 100;
const MAX_PAGES = 100;
const MAX_MILLISECONDS = 20_000;

/** Whose recordings, and which of them. */
export interface DueQuery {
  customerId: string;
  siteId: string;
  limits: DueLimits;
  /** Whether files on the storage of servers can be archived: the site says where to. */
  archivesServerFiles: boolean;
}

export interface DueRecording {
  id: string;
  action: MaintenanceAction;
}

type Candidate = Pick<
  Recording,
  'id' | 'sessionId' | 'state' | 'blobName' | 'storage' | 'archiveBlockedUntil'
>;

/**
 * What is due from a position on (undefined: from the beginning), at most `limit` recordings.
 * @returns the recordings, and where to go on; undefined at the end. There may be none and yet a next position.
 */
export async function findDue(
  services: Reading,
  query: DueQuery,
  { from, limit }: { from: Position | undefined; limit: number },
): Promise<{ due: DueRecording[]; next: Position | undefined }> {
  const months = await listedMonths(services, query.customerId);
  const until = performance.now() + MAX_MILLISECONDS;
  const due: DueRecording[] = [];
  let position = from ?? firstPosition(months, query.limits);
  for (let page = 0; position && due.length < limit && page < MAX_PAGES; page++) {
    const size = Math.min(ROWS_OF_A_PAGE, limit - due.length);
    const candidates = await listCandidates(services, query, position, size);
    due.push(...(await selectDue(services, query, position, candidates)));
    position =
      candidates.length < size
        ? nextPosition(position, months, query.limits)
        : { ...position, after: candidates.at(-1)?.id };
    if (performance.now() > until) break;
  }
  return { due, next: position };
}

/** The condition of recordings that may be due: a part of a session ends no later than the session. */
export function dueCondition(action: MaintenanceAction): string {
  const states = STATES[action].map((state) => `'${state}'`).join(', ');
  return (
    `c.type = 'recording' AND c.siteId = @siteId AND c.state IN (${states}) AND NOT IS_DEFINED(c.heldAt) AND ` +
    '(c.endedAt <= @limit OR (NOT IS_DEFINED(c.endedAt) AND c.startedAt <= @limit))'
  );
}

/** The next recordings of a month or bucket that may be due. */
async function listCandidates(
  { database }: Reading,
  { customerId, siteId, limits }: DueQuery,
  { action, monthKey, after }: Position,
  limit: number,
): Promise<Candidate[]> {
  const rows = await database
    .recordings(customerId, monthKey)
    .query<Candidate>(
      `SELECT TOP ${limit} c.id, c.sessionId, c.state, c.blobName, c.storage, c.archiveBlockedUntil FROM c WHERE ${dueCondition(action)} AND c.id > @after ORDER BY c.type ASC, c.id ASC`,
      [
        { name: '@siteId', value: siteId },
        { name: '@limit', value: limits[action] ?? '' },
        { name: '@after', value: wireId(recordingType, after ?? '') },
      ],
    );
  return rows.map((row) => ({ ...row, id: row.id.slice(wireId(recordingType, '').length) }));
}

/** Those whose session ended long enough ago and is not held, and which can be moved now. */
async function selectDue(
  services: Reading,
  { customerId, limits, archivesServerFiles }: DueQuery,
  { action, monthKey }: Position,
  candidates: readonly Candidate[],
): Promise<DueRecording[]> {
  const now = services.clock.now();
  const movable = candidates.filter((candidate) =>
    action === 'delete'
      ? whyNotDeletable(candidate, now) === undefined
      : whyNotArchivable(candidate, now, true) === undefined &&
        (archivesServerFiles || candidate.storage !== 'server'),
  );
  const sessionIds = [...new Set(movable.map(({ sessionId }) => sessionId))];
  const sessions = await findSessions(services, customerId, monthKey, sessionIds);
  const isDue = new Map(
    sessions.map((session) => [
      session.id,
      session.hold === undefined && actionFor(endOfSession(session, now), limits) === action,
    ]),
  );
  return movable.filter(({ sessionId }) => isDue.get(sessionId) === true).map(({ id }) => ({ id, action }));
}
