/** Operations with which a server uploads recordings. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import {
  beginRecording,
  completeRecording,
  CONTAINERS,
  findRecording,
  manifestSchema,
  RECORDING_STATES,
} from '../recordings';
import { correctTime, readSkewMilliseconds } from '../servers';
import { findSession } from '../sessions';
import { BASE_PATH, TAG } from './paths';

/** A manifest of the most blocks that a blob can have. */
const MAX_MANIFEST_BYTES = 16 * 1_048_576;

const instant = z.iso.datetime({ offset: true }).describe("By the server's clock");

const recordingBegin = z
  .strictObject({
    sessionId: z.uuid().toLowerCase(),
    part: z.int().min(1).max(9_999).describe('1 for the first part; each roll-over begins the next'),
    container: z.enum(CONTAINERS).describe('`events`: NDJSON of an events-only recording'),
    startedAt: instant,
  })
  .meta({ id: 'RecordingBegin' });

const begunRecording = z
  .object({
    recordingId: z.string(),
    state: z.enum(RECORDING_STATES),
    upload: z
      .object({
        url: z.url().describe('Stage blocks of this blob with it (Put Block); for nothing else'),
        expiresAt: z.iso.datetime().describe('Begin again for a fresh one'),
        stagedBlocks: z
          .array(z.object({ blockId: z.string(), sizeBytes: z.int() }))
          .describe('What has arrived so far'),
      })
      .optional()
      .describe('Absent when the upload is complete'),
  })
  .meta({ id: 'BegunRecording' });

const begin = operation({
  id: 'beginRecording',
  method: 'POST',
  path: `${BASE_PATH}/recordings`,
  tag: TAG,
  summary: 'Begin a recording, or go on with its upload',
  description:
    'The file goes straight to the blob store, in blocks, by a signed URL that is good for an hour. Asking again answers a ' +
    'fresh URL and the blocks that have arrived.',
  access: 'cloud-client',
  body: recordingBegin,
  success: { status: 200, description: 'Where to upload', body: begunRecording },
  problems: ['not-found', 'conflict'],
  async handle({ body: { sessionId, startedAt, ...body }, caller: { customerId }, services }) {
    const session = await findSession(services, customerId, sessionId);
    if (!session) throw notFound('session');
    const skewMilliseconds = await readSkewMilliseconds(services, customerId, session.serverId);
    const corrected = correctTime(startedAt, skewMilliseconds).toISOString();
    const { recording, upload } = await beginRecording(services, session, { ...body, startedAt: corrected });
    return { body: { recordingId: recording.id, state: recording.state, upload } };
  },
});

const completion = z
  .strictObject({ endedAt: instant, blocks: manifestSchema })
  .meta({ id: 'RecordingCompletion', description: 'All blocks of the recording, in their order' });

const completedRecording = z
  .object({
    recordingId: z.string(),
    state: z.enum(RECORDING_STATES).describe('`verifying` until the hashes of all blocks are checked'),
    stateReason: z.string().optional(),
  })
  .meta({ id: 'CompletedRecording' });

const complete = operation({
  id: 'completeRecording',
  method: 'POST',
  path: `${BASE_PATH}/recordings/{recordingId}/complete`,
  tag: TAG,
  summary: 'Complete the upload of a recording',
  description:
    'The blocks become the recording when all of them are there with their sizes. Their hashes are checked afterwards. ' +
    'Completing again with the same blocks answers how far that is.',
  access: 'cloud-client',
  body: completion,
  bodyFormat: { gzip: true, maxBytes: MAX_MANIFEST_BYTES },
  success: { status: 202, description: 'The upload is complete', body: completedRecording },
  problems: ['upload-incomplete', 'conflict'],
  load: ({ params, caller, services }) => findRecording(services, caller.customerId, params.recordingId),
  async handle({ resource, body: { blocks, endedAt }, caller: { customerId }, services }) {
    const skewMilliseconds = await readSkewMilliseconds(services, customerId, resource.serverId);
    const recording = await completeRecording(services, {
      customerId,
      recording: resource,
      blocks,
      endedAt: correctTime(endedAt, skewMilliseconds).toISOString(),
    });
    const { id, state, stateReason } = recording;
    return { body: { recordingId: id, state, stateReason } };
  },
});

export const uploadOperations: readonly Operation[] = [begin, complete];
