/** HTTP operations for comments on recordings (RCD-5): whoever may play comments, only authors delete. */
import { z } from 'zod';
import type { AuditDetails } from '../../../shared/audit/audit-entry';
import { resourceId } from '../../../shared/http/fields';
import { type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import { notFound, Problem } from '../../../shared/problem';
import { rateRecordingsQueue } from '../../../shared/recordings/rate-recordings-queue';
import type { Services } from '../../../shared/services';
import { loadVisibleRecording } from '../access/visible-recording';
import { durationOf } from '../events/recording-events';
import type { Recording } from '../recording';
import { spanOf } from '../statistics/read-events';
import { type Comment, commentView, newComment, severity, viewOfComment } from './comment';
import {
  addComment,
  byPosition,
  deleteComment,
  findComment,
  listComments,
  listOwnComments,
} from './comment-store';

const tag = 'Recordings';
const path = '/api/v1/recordings/{recordingId}/comments';
/** By how much the clock of the recording server may be ahead, after its correction. */
const LIVE_TOLERANCE_SECONDS = 10;
/** Rows of a page whose recordings are looked up at the same time. */
const PARALLEL_READS = 16;

const commentQuery = z.strictObject({
  ...pageQuery,
  severity: severity.optional().describe('Comments of this severity'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .optional()
    .describe("Comments with this text in them or in their author's name; ignores case"),
});

const position = z.tuple([z.number(), z.string()]);
const keyOf = ({ positionSeconds, id }: Comment) => JSON.stringify([positionSeconds, id]);

/** What the administrator log says about a change of the comments of a recording. */
function detailsOf({ id, siteId, serverId }: Recording): AuditDetails {
  return { siteId, serverId, target: { type: 'recording', id } };
}

const getComments = operation({
  id: 'listComments',
  method: 'GET',
  path,
  tag,
  summary: 'List the comments on a recording',
  description: 'By position, then in the order in which they were made. At most 1,000 per recording.',
  access: 'recordings.play',
  query: commentQuery,
  success: { status: 200, description: 'A page of comments', body: pageOf(commentView) },
  load: loadVisibleRecording,
  async handle({ resource, query, caller, services }) {
    const body = await readPage({
      services,
      caller,
      path: `/api/v1/recordings/${resource.id}/comments`,
      query,
      async read(limit, after) {
        const comments = await listComments(services, caller.customerId, resource, query);
        if (after === undefined) return comments.slice(0, limit);
        const [positionSeconds, id] = position.parse(JSON.parse(after));
        return comments.filter((comment) => byPosition(comment, { positionSeconds, id }) > 0).slice(0, limit);
      },
      keyOf,
      toItem: (comment) => viewOfComment(comment, caller.id),
    });
    return { body };
  },
});

/** @throws Problem `validation-failed` for a position after the end of the recording, or after now while it is live */
async function checkPosition(
  services: Services,
  customerId: string,
  recording: Recording,
  positionSeconds: number,
): Promise<void> {
  const duration = durationOf(recording);
  const { start, end } = await spanOf(services, customerId, recording);
  const lastSeconds = duration ?? (end - start) / 1000;
  if (positionSeconds <= lastSeconds + (duration === undefined ? LIVE_TOLERANCE_SECONDS : 0)) return;
  const detail =
    duration === undefined
      ? `The recording has ${lastSeconds} seconds so far: later moments cannot be commented on yet.`
      : `The recording ends after ${lastSeconds} seconds.`;
  throw new Problem('validation-failed', detail, { errors: [{ pointer: '/positionSeconds', detail }] });
}

const postComment = operation({
  id: 'createComment',
  method: 'POST',
  path,
  tag,
  summary: 'Comment on a moment of a recording',
  description: 'Whoever may play the recording may comment on it, also while it is live.',
  access: 'recordings.play',
  body: newComment,
  success: { status: 201, description: 'The comment', body: commentView },
  problems: ['conflict'],
  load: loadVisibleRecording,
  audit: { action: 'comment.create', when: 'before' },
  auditDetails: ({ resource }) => detailsOf(resource),
  async handle({ resource, body, caller, services, newId }) {
    await checkPosition(services, caller.customerId, resource, body.positionSeconds);
    const comment: Comment = {
      ...body,
      id: newId(),
      recordingId: resource.id,
      author: { id: caller.id, name: caller.name },
      at: services.clock.now().toISOString(),
    };
    await addComment(services, caller.customerId, comment);
    await rateAgain(services, caller.customerId, comment);
    const location = `/api/v1/recordings/${resource.id}/comments/${comment.id}`;
    return { body: viewOfComment(comment, caller.id), location };
  },
});

const removeComment = operation({
  id: 'deleteComment',
  method: 'DELETE',
  path: `${path}/{commentId}`,
  tag,
  summary: 'Delete an own comment',
  description: 'Only its author can delete a comment.',
  access: 'recordings.play',
  success: { status: 204, description: 'The comment is deleted' },
  problems: ['forbidden'],
  load: loadVisibleRecording,
  audit: { action: 'comment.delete', when: 'before' },
  auditDetails: ({ resource }) => detailsOf(resource),
  async handle({ resource, params, caller, services }) {
    const commentId = resourceId.safeParse(params.commentId).data ?? '';
    const comment = await findComment(services, caller.customerId, resource.id, commentId);
    if (!comment) throw notFound('comment');
    if (comment.author.id !== caller.id)
      throw new Problem('forbidden', `Only ${comment.author.name} can delete this comment.`);
    await deleteComment(services, caller.customerId, comment);
    await rateAgain(services, caller.customerId, comment);
    return { body: undefined };
  },
});

const getOwnComments = operation({
  id: 'listOwnComments',
  method: 'GET',
  path: '/api/v1/comments/mine',
  tag,
  summary: 'List the own comments',
  description:
    'Newest first. Comments on recordings that the caller may no longer see, or that were deleted, are left out: a page may ' +
    'have fewer rows than `top`, or none. Continue while there is a `nextLink`.',
  access: 'recordings.play',
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of comments', body: pageOf(commentView) },
  async handle({ query, caller, services }) {
    const { customerId } = caller;
    const pointers = await readPage({
      services,
      caller,
      path: '/api/v1/comments/mine',
      query,
      read: (limit, after) => listOwnComments(services, customerId, caller, { limit, after }),
      keyOf: ({ id }) => id,
      toItem: ({ id, recordingId }) => ({ id, recordingId }),
    });
    const comments = await mapConcurrently(pointers.value, PARALLEL_READS, async ({ id, recordingId }) => {
      const recording = await loadVisibleRecording({ params: { recordingId }, caller, services });
      return recording && findComment(services, customerId, recordingId, id);
    });
    const value = comments.flatMap((comment) => (comment ? [viewOfComment(comment, caller.id)] : []));
    return { body: { ...pointers, value } };
  },
});

/** Severe comments are points of interest. */
async function rateAgain(
  services: Pick<Services, 'queues'>,
  customerId: string,
  { recordingId, severity: made }: Comment,
): Promise<void> {
  if (made === 'severe') await services.queues.send(rateRecordingsQueue, { customerId, recordingId });
}

export const commentOperations: readonly Operation[] = [
  getComments,
  postComment,
  removeComment,
  getOwnComments,
];
