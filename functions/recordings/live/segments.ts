/** The segments of a live recording: an index without gaps of what was appended to its blob. Pure. */
import { z } from 'zod';
import { Problem } from '../../../shared/problem';

/** Of an append blob (Azure Storage); each segment is one append or several. */
const MAX_SEGMENTS = 50_000;
/** In one request. */
const MAX_GIVEN = 1_000;
/** The largest append (Azure Storage, from version 2022-11-02 on). */
export const MAX_APPEND_BYTES = 104_857_600;
const LONGEST_SECONDS = 3_600;

/** How long segments are wanted: short ones while somebody watches, so that they are seen within two seconds. */
export const SEGMENT_SECONDS = { watched: 2, unwatched: 10 } as const;

export const segmentSchema = z
  .object({
    sequence: z
      .int()
      .min(0)
      .max(MAX_SEGMENTS - 1)
      .meta({ description: 'Number of the segment, from 0', examples: [12] }),
    offset: z
      .int()
      .min(0)
      .meta({
        description: 'Its first byte in the file: where the segment before it ends',
        examples: [1_048_576],
      }),
    sizeBytes: z
      .int()
      .min(1)
      .max(MAX_APPEND_BYTES)
      .meta({ description: 'Its length', examples: [65_536] }),
    durationSeconds: z
      .number()
      .min(0)
      .max(LONGEST_SECONDS)
      .meta({ description: 'What it shows', examples: [2] }),
    startsWithKeyframe: z
      .boolean()
      .meta({ description: 'Whether a player can begin with it', examples: [true] }),
  })
  .meta({ id: 'Segment' });

export type Segment = z.output<typeof segmentSchema>;

export const givenSegments = z
  .array(segmentSchema.strict().meta({ id: 'NewSegment' }))
  .min(1)
  .max(MAX_GIVEN);

/** Where the index goes on. */
export interface IndexEnd {
  /** Number of segments in the index. */
  nextSequence: number;
  /** Bytes in the index. */
  nextOffset: number;
}

/**
 * Those of the segments that the index lacks; those that it has are left out, whatever they say.
 * @param appendedBytes what the blob has
 * @throws Problem `conflict` for a gap or an overlap, with where to go on; `upload-incomplete` for bytes that are not appended
 */
export function newSegments(given: readonly Segment[], end: IndexEnd, appendedBytes: number): Segment[] {
  const added = given.filter(({ sequence }) => sequence >= end.nextSequence);
  const indexEnd = { nextSequence: end.nextSequence, nextOffset: end.nextOffset };
  let { nextSequence, nextOffset } = indexEnd;
  for (const { sequence, offset, sizeBytes } of added) {
    if (sequence !== nextSequence || offset !== nextOffset)
      throw new Problem(
        'conflict',
        `Segment ${sequence} begins at byte ${offset}, but the index goes on with segment ${nextSequence} at byte ${nextOffset}: send the segments from there on, in order.`,
        { extensions: indexEnd },
      );
    nextSequence += 1;
    nextOffset += sizeBytes;
  }
  if (nextOffset > appendedBytes)
    throw new Problem(
      'upload-incomplete',
      `The segments end at byte ${nextOffset}, but ${appendedBytes} bytes are appended: append the rest, then send them again.`,
      { extensions: { ...indexEnd, appendedBytes } },
    );
  return added;
}
