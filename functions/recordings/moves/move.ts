/**
 * Archiving and deleting as a state machine: pure. complete → archiving → archived; anything that is not being made →
 * deleting → gone. Each step is one change of the recording's document, by ETag; what lies in storage is changed between
 * them, so that every step can be repeated after a crash.
 */
import type { Recording, RecordingState } from '../recording';

/** A move that has begun and is not done yet. */
export interface Move {
  kind: 'archive' | 'delete';
  /** Of what asked for it: the id of a task, or of a run of a schedule. */
  operation: string;
  /** The state to which it returns when it fails. */
  from: RecordingState;
  /** RFC 3339 UTC. */
  startedAt: string;
  /** Of an archive: the location, and the name of the file there, which follows from the recording. */
  location?: string | undefined;
  target?: string | undefined;
  /** The file that is copied, as it was then. */
  source?: SourceFile | undefined;
  /** Of a deletion: whether its file is deleted, too. */
  deleteFiles?: boolean | undefined;
  /** When the sweep of uploads wanted to look at it. */
  uploadDueAt?: string | undefined;
}

/** A version of a file in the container `recordings`. */
export interface SourceFile {
  name: string;
  etag: string;
  sizeBytes: number;
}

/** A move that is interrupted is resumed after this time. */
const RESUMED_AFTER_SECONDS = 900;
/** After that, an archive that makes no progress has failed; so does what a server was asked to do. */
const FAILED_AFTER_SECONDS = 86_400;
/** A failed archive keeps the recording from being played, deleted and archived by a schedule for this time. */
const BLOCKED_SECONDS = 86_400;

/** States from which a recording can be archived: its file is there, and nobody changes it. */
const ARCHIVABLE: readonly RecordingState[] = ['complete', 'damaged'];
/** States from which it can be deleted: nobody makes it or works on it. */
const DELETABLE: readonly RecordingState[] = [
  'complete',
  'damaged',
  'verificationFailed',
  'abandoned',
  'archived',
];

type Facts = Pick<Recording, 'state' | 'blobName' | 'storage' | 'archiveBlockedUntil'>;

/** Why a recording can not be archived now; undefined when it can. Gates of its session are looked at elsewhere. */
export function whyNotArchivable(recording: Facts, now: Date, isScheduled: boolean): string | undefined {
  const { state, blobName, storage } = recording;
  if (state === 'deleting') return 'It is being deleted.';
  if (!ARCHIVABLE.includes(state))
    return `It is ${state}: only complete and damaged recordings are archived.`;
  if (blobName === undefined && storage !== 'server') return 'It has no file.';
  // By hand it may be tried again at any time: that is how the cause is removed.
  return isScheduled ? whyBlocked(recording, now) : undefined;
}

/** Why a recording can not be deleted now; undefined when it can. */
export function whyNotDeletable(recording: Facts, now: Date): string | undefined {
  const { state } = recording;
  if (state === 'archiving') return 'It is being archived: delete it afterwards.';
  if (!DELETABLE.includes(state)) return `It is ${state}: delete it when it is complete.`;
  return whyBlocked(recording, now);
}

/** Why a recording can not be played or deleted after a failed archive, and until when; undefined when it can. */
export function whyBlocked(
  { archiveBlockedUntil }: Pick<Recording, 'archiveBlockedUntil'>,
  now: Date,
): string | undefined {
  if (archiveBlockedUntil === undefined || archiveBlockedUntil <= now.toISOString()) return undefined;
  return `Archiving it has failed: it can be neither played nor deleted until ${archiveBlockedUntil}.`;
}

/** The recording while it is archived. */
export function beginArchive<T extends Recording>(
  recording: T,
  archive: Required<Pick<Move, 'operation' | 'location' | 'target'>> & Pick<Move, 'source'>,
  now: Date,
): T {
  return begin(recording, 'archiving', { kind: 'archive', ...archive }, now);
}

/** The recording while it is deleted. */
export function beginDeletion<T extends Recording>(
  recording: T,
  deletion: Required<Pick<Move, 'operation' | 'deleteFiles'>>,
  now: Date,
): T {
  return begin(recording, 'deleting', { kind: 'delete', ...deletion }, now);
}

function begin<T extends Recording>(
  recording: T,
  state: 'archiving' | 'deleting',
  move: Omit<Move, 'from' | 'startedAt'>,
  now: Date,
): T {
  const { state: from, dueAt: uploadDueAt } = recording;
  const begun = { ...move, from, uploadDueAt, startedAt: now.toISOString() };
  return { ...recording, state, move: begun, ...nextAttempt(now) };
}

/** When a move is resumed that is interrupted now. */
export function nextAttempt(now: Date): { dueAt: string } {
  return { dueAt: inSeconds(now, RESUMED_AFTER_SECONDS) };
}

/** Whether a move has been going on for so long that it has failed. */
export function isOverdue({ startedAt }: Pick<Move, 'startedAt'>, now: Date): boolean {
  return now.getTime() - Date.parse(startedAt) >= FAILED_AFTER_SECONDS * 1000;
}

/** The recording once its copy has been verified: from now on it is the archived one, and the source is left over. */
export function archived<T extends Recording>(recording: T, path: string | undefined, now: Date): T {
  const { move } = recording;
  if (recording.state !== 'archiving' || !move) return recording;
  const { location, target, source, uploadDueAt } = move;
  const done = {
    ...recording,
    state: 'archived' as const,
    move: undefined,
    archiveFailure: undefined,
    archiveBlockedUntil: undefined,
    archivedAt: now.toISOString(),
  };
  if (recording.storage === 'server') return { ...done, serverPath: path, dueAt: undefined };
  const leftSource = source && { ...source, uploadDueAt };
  return { ...done, blobName: target, blobLocation: location, leftSource, ...nextAttempt(now) };
}

/** The archived recording once its source is gone. */
export function sourceDeleted<T extends Recording>(recording: T): T {
  return { ...recording, leftSource: undefined, dueAt: recording.leftSource?.uploadDueAt };
}

/** The recording after an archive that failed: as it was before, blocked for a day. */
export function archiveFailed<T extends Recording>(recording: T, reason: string, now: Date): T {
  const { move } = recording;
  if (recording.state !== 'archiving' || !move) return recording;
  return {
    ...recording,
    state: move.from,
    move: undefined,
    archiveFailure: reason,
    archiveBlockedUntil: inSeconds(now, BLOCKED_SECONDS),
    dueAt: move.uploadDueAt,
  };
}

/** The recording after a deletion that failed: as it was before. */
export function deletionFailed<T extends Recording>(recording: T): T {
  const { move } = recording;
  if (recording.state !== 'deleting' || !move) return recording;
  return { ...recording, state: move.from, move: undefined, dueAt: move.uploadDueAt };
}

function inSeconds(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
