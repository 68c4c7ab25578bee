/**
 * Live uploads: the recorder appends to one blob under `incoming/` with a URL that permits nothing else, and then says what
 * it has appended. A repeated request changes nothing; after a crash in between, the recorder goes on at the end of the blob.
 */
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { CONTENT_TYPES, type Recording } from '../recording';
import { liveBlobName } from '../upload/blob-names';
import { UPLOAD_URL_SECONDS } from '../upload/upload-life';
import { type IndexEnd, newSegments, type Segment } from './segments';
import { appendSegments, findLiveIndex, openLiveIndex, wantedSeconds } from './segment-store';

/** Where and how to go on with a live upload. */
export interface LiveUpload extends IndexEnd {
  url: string;
  expiresAt: string;
  /** What was appended so far: where the next append must begin. */
  appendedBytes: number;
  /** How long the next segments should be. */
  segmentSeconds: number;
}

type Uploading = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** The live upload of a recording; its blob and its index are created where they do not exist. */
export async function openLiveUpload(
  services: Uploading,
  customerId: string,
  recording: Recording,
): Promise<LiveUpload> {
  const name = liveBlobName(customerId, recording);
  const { blobs, clock } = services;
  await blobs.createAppendBlob('recordings', name, CONTENT_TYPES[recording.container]);
  const [index, properties, { url, expiresAt }] = await Promise.all([
    openLiveIndex(services, customerId, recording.id),
    blobs.properties('recordings', name),
    blobs.appendUrl('recordings', name, UPLOAD_URL_SECONDS),
  ]);
  return {
    url,
    expiresAt: expiresAt.toISOString(),
    appendedBytes: properties?.sizeBytes ?? 0,
    nextSequence: index.nextSequence,
    nextOffset: index.nextOffset,
    segmentSeconds: wantedSeconds(index, clock.now()),
  };
}

/**
 * Adds segments to the index of a live recording.
 * @throws Problem `conflict` for a recording that is not live, a gap or an overlap; `upload-incomplete`
 */
export async function addSegments(
  services: Uploading,
  customerId: string,
  recording: Recording,
  given: readonly Segment[],
): Promise<IndexEnd & { segmentSeconds: number }> {
  requireLive(recording);
  const name = liveBlobName(customerId, recording);
  const properties = await services.blobs.properties('recordings', name);
  return retryConflicts(async () => {
    const index = await findLiveIndex(services, customerId, recording.id);
    if (!index) throw notLive();
    const added = newSegments(given, index, properties?.sizeBytes ?? 0);
    const { nextSequence, nextOffset, watchedUntil } =
      added.length === 0 ? index : await appendSegments(services, customerId, index, added);
    const segmentSeconds = wantedSeconds({ watchedUntil }, services.clock.now());
    return { nextSequence, nextOffset, segmentSeconds };
  });
}

function requireLive({ state, live }: Recording): void {
  if (state === 'abandoned')
    throw new Problem('conflict', 'Its upload was given up: begin the recording again, then go on.');
  if (state !== 'uploading') throw new Problem('conflict', 'Its upload is complete: send no more segments.');
  if (live !== true) throw notLive();
}

function notLive(): Problem {
  return new Problem('conflict', 'It is not uploaded live: begin the recording with `live`.');
}
