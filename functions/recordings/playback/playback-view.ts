/** The answer to whoever plays a recording: where its file is, and what belongs to it. */
import { z } from 'zod';
import { liveSegmentsView } from '../live/watch-live';
import { RECORDINGS_PATH } from '../paths';
import { CONTENT_TYPES, recordingView } from '../recording';

const CONTENT_TYPE_NAMES = [...new Set(Object.values(CONTENT_TYPES))];

const EXAMPLE_ID = '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55-0001';
const EXAMPLE = `${RECORDINGS_PATH}/${EXAMPLE_ID}`;

const recordingId = z.string().meta({ examples: [EXAMPLE_ID] });

const media = z
  .object({
    url: z
      .url()
      .describe(
        'Permits reading this file, also parts of it by `Range`; for anybody who has it, until it expires',
      ),
    expiresAt: z.iso.datetime().describe('Repeat the request for a new URL, in time'),
    contentType: z.enum(CONTENT_TYPE_NAMES).describe('Content type of the file, as its answers state it'),
    sizeBytes: z.int().nonnegative().optional().describe('Absent while it grows'),
  })
  .meta({ id: 'PlaybackMedia' });

const playedSession = z
  .object({
    id: z.uuid().describe('Id of the session'),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional().describe('Absent while it is live'),
    position: z
      .int()
      .min(1)
      .describe('Place of this recording among the recordings of the session that you can see, from 1'),
    count: z.int().min(1).describe('Number of recordings of the session that you can see'),
    previous: recordingId.optional().describe('Id of the recording before this one'),
    next: recordingId.optional().describe('Id of the recording after this one'),
  })
  .meta({ id: 'PlayedSession' });

const links = z
  .object({
    events: z.string().meta({ description: 'Path of its events', examples: [`${EXAMPLE}/events`] }),
    comments: z.string().meta({ description: 'Path of its comments', examples: [`${EXAMPLE}/comments`] }),
    idlePeriods: z
      .string()
      .meta({ description: 'Path of its idle periods', examples: [`${EXAMPLE}/idlePeriods`] }),
  })
  .meta({ id: 'PlaybackLinks' });

export const playbackView = z
  .object({
    recording: recordingView,
    session: playedSession,
    media: media.optional().describe('The file; absent for a recording that has events only'),
    live: liveSegmentsView
      .optional()
      .describe('Which parts of the file can be played so far, from the beginning; only while it is live'),
    links,
  })
  .meta({ id: 'Playback' });

export type Playback = z.input<typeof playbackView>;

/** Where to find what belongs to a recording. */
export function linksOf(recordingId: string): z.output<typeof links> {
  const path = `${RECORDINGS_PATH}/${recordingId}`;
  return { events: `${path}/events`, comments: `${path}/comments`, idlePeriods: `${path}/idlePeriods` };
}
