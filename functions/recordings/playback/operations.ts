/** The HTTP operation with which administrators play recordings. Every call is an entry of the playback log. */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { line } from '../../../shared/pure/text-fields';
import { loadVisibleRecording } from '../access/visible-recording';
import { liveSegmentsView } from '../live/watch-live';
import { RECORDINGS_PATH } from '../paths';
import { playRecording, playSegments } from './play-recording';
import { playbackView } from './playback-view';

const MAX_JUSTIFICATION_CHARACTERS = 1_000;

const playbackBody = z
  .strictObject({
    justification: line(MAX_JUSTIFICATION_CHARACTERS)
      .optional()
      .meta({
        description:
          'Why you play it; required where the settings of the server ask for it, logged in any case',
        examples: ['Complaint 4711 of the finance department'],
      }),
  })
  .meta({ id: 'PlaybackRequest' })
  .optional();

const play = operation({
  id: 'playRecording',
  method: 'POST',
  path: `${RECORDINGS_PATH}/{recordingId}/playback`,
  tag: 'Recordings',
  summary: 'Play a recording',
  description:
    'Answers a URL of the file that is valid for half an hour, and what belongs to the recording. Each call is an entry ' +
    'of the playback log, with the justification, also one that is refused. A recording that has events only has no file. ' +
    'A file that stays on its server is fetched first, once: the answer is 202 until it is there, and then for a day or longer 200.',
  access: 'recordings.play',
  body: playbackBody,
  bodyFormat: { optional: true },
  success: { status: 200, description: 'How to play the recording', body: playbackView },
  otherStatuses: {
    202: 'Its file is fetched from its server: when the task has succeeded, repeat the request',
  },
  task: true,
  problems: ['justification-required', 'playback-unavailable'],
  audit: { action: 'recording.play', category: 'playback', when: 'before' },
  // The answer has a signed URL.
  idempotency: 'oneTimeSecret',
  load: loadVisibleRecording,
  auditDetails: ({ resource: { id, userName, siteId, serverId }, body }) => ({
    siteId,
    serverId,
    target: { type: 'recording', id, name: userName },
    justification: body?.justification,
  }),
  async handle({ resource, body, ...request }) {
    const justification = body?.justification;
    const { playback, task } = await playRecording({ ...request, recording: resource, justification });
    return { body: playback, ...task };
  },
});

const segments = operation({
  id: 'listSegments',
  method: 'GET',
  path: `${RECORDINGS_PATH}/{recordingId}/segments`,
  tag: 'Recordings',
  summary: 'Follow a live recording',
  description:
    'The parts of the file that can be played, as they arrive. Ask every two seconds while you watch: the recorder then ' +
    'makes segments of two seconds, else of ten. Read the bytes by `Range` from the URL that the playback has answered.',
  access: 'recordings.play',
  query: z.object({
    from: z.coerce
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .meta({ description: '`nextSequence` of the last answer', examples: [13] }),
  }),
  success: {
    status: 200,
    description: 'The segments from there on, at most about a thousand',
    body: liveSegmentsView,
  },
  problems: ['playback-unavailable'],
  load: loadVisibleRecording,
  handle: async ({ caller, resource, query, services }) => ({
    body: await playSegments(services, caller.customerId, resource, query.from),
  }),
});

export const playbackOperations: readonly Operation[] = [play, segments];
