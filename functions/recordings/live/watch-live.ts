/** Watching a live recording: its segments as they arrive; its recorder learns that somebody watches. */
import { z } from 'zod';
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { findLiveIndex, markWatched, readSegments } from './segment-store';
import { segmentSchema } from './segments';

/** A player asks again every two seconds. */
const WATCHED_SECONDS = 30;
/** The mark is renewed when less is left, not at every request. */
const RENEWED_BELOW_SECONDS = 15;

export const liveSegmentsView = z
  .object({
    isComplete: z.boolean().meta({
      description: 'No more segments follow these: play the recording again once it is verified',
      examples: [false],
    }),
    segments: z.array(segmentSchema).describe('In order'),
    nextSequence: z
      .int()
      .nonnegative()
      .meta({ description: 'Ask with this `from` for those that follow', examples: [13] }),
  })
  .meta({ id: 'LiveSegments' });

export type LiveSegments = z.input<typeof liveSegmentsView>;

/** The segments from this number on; marks the recording as watched while it is live. */
export async function watchLive(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id, state, live }: Pick<Recording, 'id' | 'state' | 'live'>,
  from: number,
): Promise<LiveSegments> {
  const isComplete = state !== 'uploading' || live !== true;
  const index = await findLiveIndex(services, customerId, id);
  if (!index) return { isComplete, segments: [], nextSequence: 0 };
  if (!isComplete) await keepWatched(services, customerId, index);
  const segments = await readSegments(services, customerId, index, from);
  const last = segments.at(-1);
  return {
    isComplete,
    segments,
    nextSequence: last ? last.sequence + 1 : Math.min(from, index.nextSequence),
  };
}

async function keepWatched(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  { id, watchedUntil = '' }: { id: string; watchedUntil?: string | undefined },
): Promise<void> {
  const now = services.clock.now().getTime();
  if (watchedUntil > new Date(now + RENEWED_BELOW_SECONDS * 1000).toISOString()) return;
  await markWatched(services, customerId, id, new Date(now + WATCHED_SECONDS * 1000));
}
