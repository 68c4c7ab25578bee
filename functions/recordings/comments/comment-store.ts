/** Reads and writes comments, and the pointers with which their authors find them. */
import type { Author } from '../../../shared/identity/caller';
import { parseRecordingId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { foldText } from '../../policies/engine';
import type { Recording } from '../recording';
import { type Comment, commentType, ownCommentType } from './comment';

/** So many can be listed, searched and shown together. */
const MAX_COMMENTS = 1_000;

type Database = Pick<Services, 'database'>;

interface CommentFilter {
  severity?: Comment['severity'] | undefined;
  /** In its text or in the name of its author; ignores case. */
  text?: string | undefined;
}

/** The comments of a recording that match, by position, then in the order in which they were made. */
export async function listComments(
  { database }: Database,
  customerId: string,
  { id, sessionId }: Pick<Recording, 'id' | 'sessionId'>,
  { severity, text }: CommentFilter = {},
): Promise<Comment[]> {
  const found = await database.sessionData(customerId, sessionId).list(commentType, {
    where: 'c.recordingId = @recordingId',
    parameters: { recordingId: id },
    // Requests at the same time may exceed the limit a little.
    limit: 2 * MAX_COMMENTS,
  });
  const sought = text === undefined ? '' : foldText(text);
  return found
    .filter((comment) => severity === undefined || comment.severity === severity)
    .filter((comment) => foldText(`${comment.text}\n${comment.author.name}`).includes(sought))
    .toSorted(byPosition);
}

/** By position, then by id, which is by creation. */
export function byPosition(a: Pick<Comment, 'positionSeconds' | 'id'>, b: typeof a): number {
  return a.positionSeconds - b.positionSeconds || (a.id < b.id ? -1 : a.id === b.id ? 0 : 1);
}

/**
 * Stores a comment; repeating it has no effect. The pointer comes first: without its comment it is ignored.
 * @throws Problem `conflict` when the recording has too many
 */
export async function addComment(services: Database, customerId: string, comment: Comment): Promise<void> {
  const { id, recordingId, author, at } = comment;
  const sessionId = sessionOf(recordingId);
  const known = await listComments(services, customerId, { id: recordingId, sessionId });
  if (known.length >= MAX_COMMENTS && !known.some((other) => other.id === id))
    throw new Problem('conflict', `A recording has at most ${MAX_COMMENTS} comments: delete some first.`);
  await services.database
    .people(customerId, author.id)
    .createIfAbsent(ownCommentType, { id, recordingId, at });
  await services.database.sessionData(customerId, sessionId).createIfAbsent(commentType, comment);
}

/** The comment with this id, wherever in the session of the recording it is. */
export async function findComment(
  { database }: Database,
  customerId: string,
  recordingId: string,
  commentId: string,
): Promise<Comment | undefined> {
  const comment = await database.sessionData(customerId, sessionOf(recordingId)).read(commentType, commentId);
  return comment?.recordingId === recordingId ? comment : undefined;
}

/** Deletes a comment; the pointer goes last, and one that stays after a crash is ignored. */
export async function deleteComment(
  { database }: Database,
  customerId: string,
  { id, recordingId, author }: Pick<Comment, 'id' | 'recordingId' | 'author'>,
): Promise<void> {
  await database.sessionData(customerId, sessionOf(recordingId)).remove(commentType, id);
  await database.people(customerId, author.id).remove(ownCommentType, id);
}

/** Pointers to the comments of an administrator, the newest first. */
export async function listOwnComments(
  { database }: Database,
  customerId: string,
  author: Pick<Author, 'id'>,
  page: { limit: number; after: string | undefined },
) {
  return database.people(customerId, author.id).list(ownCommentType, { ...page, order: 'descending' });
}

function sessionOf(recordingId: string): string {
  return parseRecordingId(recordingId)?.sessionId ?? '';
}
