/** Operations with which a server uploads recordings. */
import { z } from 'zod';
import { instant, resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import {
  addSegments,
  beginRecording,
  completeRecording,
  CONTAINERS,
  givenSegments,
  manifestSchema,
  RECORDING_STATES,
} from '../recordings';
import { correctPastTime, readSkewMilliseconds } from '../servers';
import { findOwnRecording, findOwnSession } from './own-resources';
import { BASE_PATH, TAG } from './paths';

/** Fits a manifest with the maximum number of blocks of a blob. */
const MAX_MANIFEST_BYTES = 16 * 1_048_576;

const serverTime = instant.describe("By the server's clock");

const indexEnd = {
  nextSequence: z.int().meta({ description: 'Number of the next segment of the index', examples: [12] }),
  nextOffset: z.int().meta({ description: 'Where it begins in the file', examples: [1_048_576] }),
  segmentSeconds: z.number().meta({
    description: 'How long the next segments should be: shorter while somebody watches',
    examples: [2],
  }),
};

const recordingBegin = z
  .strictObject({
    sessionId: resourceId,
    part: z.int().min(1).max(9_999).describe('1 for the first part; each roll-over starts the next one'),
    container: z.enum(CONTAINERS).describe('`events`: NDJSON of an events-only recording'),
    startedAt: serverTime,
    live: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Upload it live: append segments to one blob, which can be played as they arrive. May change when it is begun again',
        examples: [true],
      }),
    storage: z
      .enum(['blob', 'server'])
      .default('blob')
      .describe(
        '`server`: the file stays on the storage of the server; nothing is uploaded, only its facts are kept',
      ),
    serverPath: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .meta({
        description: 'Full path of a file that stays on the server',
        examples: ['D:\\Recordings\\2026\\session-1.mp4'],
      }),
  })
  .refine(({ storage, serverPath }) => (storage === 'server') === (serverPath !== undefined), {
    path: ['serverPath'],
    error: 'Is required for `storage` `server`, and not allowed otherwise.',
  })
  .refine(({ storage, live }) => storage === 'blob' || !live, {
    path: ['live'],
    error: 'A file that stays on the server is not uploaded.',
  })
  .refine(({ container, live }) => !live || container !== 'events', {
    path: ['live'],
    error: 'Events have no segments: send them as events, and upload the file in blocks.',
  })
  .meta({ id: 'RecordingBegin' });

const begunRecording = z
  .object({
    recordingId: z.string(),
    state: z.enum(RECORDING_STATES),
    upload: z
      .object({
        url: z
          .url()
          .describe(
            'Stage blocks with it (Put Block). It covers this upload only, never the recording that is made of it; what ' +
              'it writes after the upload was completed has no effect',
          ),
        expiresAt: z.iso.datetime().describe('Repeat the request for a new URL, in time'),
        stagedBlocks: z
          .array(z.object({ blockId: z.string(), sizeBytes: z.int() }))
          .describe('Blocks uploaded so far'),
      })
      .optional()
      .describe('How to upload in blocks; absent for a live upload, and when the upload is complete'),
    live: z
      .object({
        url: z.url().describe('Append to the file with it (Append Block); it permits nothing else'),
        expiresAt: z.iso.datetime().describe('Repeat the request for a new URL, in time'),
        appendedBytes: z
          .int()
          .meta({ description: 'What was appended so far: go on there', examples: [1_048_576] }),
        ...indexEnd,
      })
      .optional()
      .meta({ id: 'LiveUpload', description: 'How to upload live; absent when the upload is complete' }),
  })
  .meta({ id: 'BegunRecording' });

const begin = operation({
  id: 'beginRecording',
  method: 'POST',
  path: `${BASE_PATH}/recordings`,
  tag: TAG,
  summary: 'Begin a recording, or resume its upload',
  description:
    'The file is uploaded directly to the blob store, in blocks, with a signed URL valid for 15 minutes. A repeated ' +
    'request returns a new URL and the blocks uploaded so far. An upload that nobody continues for a day after its ' +
    'session has ended counts as abandoned until it is begun again; its blocks are kept for six more days. With `storage` ' +
    '`server` the file stays where it is: complete it in the same way, with the hashes of its blocks.',
  access: 'cloud-client',
  body: recordingBegin,
  success: { status: 200, description: 'Where to upload', body: begunRecording },
  problems: ['not-found', 'conflict'],
  async handle({ body: { sessionId, startedAt, ...body }, caller, services }) {
    const { customerId } = caller;
    const session = await findOwnSession(services, caller, sessionId);
    if (!session) throw notFound('session');
    const skewMilliseconds = await readSkewMilliseconds(services, customerId, session.serverId);
    const corrected = correctPastTime(startedAt, skewMilliseconds, services.clock.now()).toISOString();
    const { storage: _storage, ...recorded } = body;
    const { recording, upload, live } = await beginRecording(services, session, {
      ...recorded,
      startedAt: corrected,
    });
    return { body: { recordingId: recording.id, state: recording.state, upload, live } };
  },
});

const segments = operation({
  id: 'addSegments',
  method: 'POST',
  path: `${BASE_PATH}/recordings/{recordingId}/segments`,
  tag: TAG,
  summary: 'Add segments to a live recording',
  description:
    'Says which parts of what was appended can be played. Segments follow each other without gap, from number 0 and byte 0; ' +
    'those that are known are ignored, so that a request can be repeated. A segment is visible to players at once.',
  access: 'cloud-client',
  body: z.strictObject({ segments: givenSegments.describe('In order') }).meta({ id: 'NewSegments' }),
  success: {
    status: 200,
    description: 'Where to go on',
    body: z.object(indexEnd).meta({ id: 'SegmentIndexEnd' }),
  },
  problems: ['conflict', 'upload-incomplete'],
  load: ({ params, caller, services }) => findOwnRecording(services, caller, params.recordingId),
  handle: async ({ resource, body, caller: { customerId }, services }) => ({
    body: await addSegments(services, customerId, resource, body.segments),
  }),
});

const completion = z
  .strictObject({ endedAt: serverTime, blocks: manifestSchema })
  .meta({ id: 'RecordingCompletion', description: 'All blocks of the recording, in order' });

const completedRecording = z
  .object({
    recordingId: z.string(),
    state: z.enum(RECORDING_STATES).describe('`verifying` until the whole file is checked'),
    stateReason: z.string().optional(),
    sizeBytes: z.int().optional(),
    sha256: z.string().optional().describe('Of the whole file, hexadecimal; once it is `complete`'),
  })
  .meta({ id: 'CompletedRecording' });

const complete = operation({
  id: 'completeRecording',
  method: 'POST',
  path: `${BASE_PATH}/recordings/{recordingId}/complete`,
  tag: TAG,
  summary: 'Complete the upload of a recording',
  description:
    'Accepted when all blocks are present with the expected sizes; the first manifest counts. Then the blocks are copied ' +
    'to where no upload URL leads, and checked there: the hash of each, and the file against its container (the boxes of ' +
    'MP4, the elements of WebM, every line of events) to its end. Completing again with the same blocks returns the ' +
    'current state.',
  access: 'cloud-client',
  body: completion,
  bodyFormat: { gzip: true, maxBytes: MAX_MANIFEST_BYTES },
  success: { status: 202, description: 'The upload is complete', body: completedRecording },
  problems: ['upload-incomplete', 'conflict'],
  load: ({ params, caller, services }) => findOwnRecording(services, caller, params.recordingId),
  async handle({ resource, body: { blocks, endedAt }, caller: { customerId }, services }) {
    const skewMilliseconds = await readSkewMilliseconds(services, customerId, resource.serverId);
    const recording = await completeRecording(services, {
      customerId,
      recording: resource,
      blocks,
      endedAt: correctPastTime(endedAt, skewMilliseconds, services.clock.now()).toISOString(),
    });
    const { id, state, stateReason, sizeBytes, sha256 } = recording;
    return { body: { recordingId: id, state, stateReason, sizeBytes, sha256 } };
  },
});

export const uploadOperations: readonly Operation[] = [begin, segments, complete];
