/** Plays a recording: what belongs to it, and a URL of its file that is valid for a short time (RCD-4). */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { playbackRulesOf } from '../../servers';
import { findSession } from '../../sessions';
import { findSiteSettings } from '../../sites';
import { listVisibleRecordings } from '../access/visible-recording';
import { fileOf } from '../recording-file';
import { CONTENT_TYPES, type Recording, viewOfRecording } from '../recording';
import { type LiveSegments, watchLive } from '../live/watch-live';
import { liveBlobName } from '../upload/blob-names';
import {
  checkJustification,
  checkPlayable,
  isWatchable,
  type PlaybackConditions,
  unavailable,
} from './playback-rules';
import { linksOf, type Playback } from './playback-view';

/** Long enough to watch without many entries in the playback log, short enough for a URL that has leaked. */
const PLAYBACK_URL_SECONDS = 1_800;

type Playing = Pick<Services, 'database' | 'blobs' | 'archives' | 'clock'>;

interface PlaybackRequest {
  caller: Administrator;
  /** One that the caller may see. */
  recording: Stored<Recording>;
  justification: string | undefined;
}

/** @throws Problem `justification-required`, `playback-unavailable` */
export async function playRecording(
  services: Playing,
  { caller, recording, justification }: PlaybackRequest,
): Promise<Playback> {
  const { customerId } = caller;
  const conditions = await conditionsOf(services, customerId, recording);
  checkJustification(conditions, justification);
  checkPlayable(recording, conditions, services.clock.now());
  const [session, media, live] = await Promise.all([
    sessionOf(services, caller, recording),
    mediaOf(services, customerId, recording),
    isWatchable(recording) ? watchLive(services, customerId, recording, 0) : undefined,
  ]);
  return { recording: viewOfRecording(recording), session, media, live, links: linksOf(recording.id) };
}

/**
 * The segments of a recording that is played live, also those that arrived before it was complete.
 * @throws Problem `playback-unavailable`
 */
export async function playSegments(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  recording: Recording,
  from: number,
): Promise<LiveSegments> {
  const state = recording.live === true ? 'uploading' : recording.state;
  const conditions = await conditionsOf(services, customerId, recording);
  checkPlayable({ ...recording, state }, conditions, services.clock.now());
  return watchLive(services, customerId, recording, from);
}

async function conditionsOf(
  services: Pick<Services, 'database'>,
  customerId: string,
  recording: Recording,
): Promise<PlaybackConditions> {
  const [settings, rules] = await Promise.all([
    findSiteSettings(services, customerId, recording.siteId),
    playbackRulesOf(services, customerId, recording),
  ]);
  return { ...rules, cloudPlayer: settings?.players.cloud ?? true };
}

async function sessionOf(
  services: Playing,
  caller: Administrator,
  recording: Recording,
): Promise<Playback['session']> {
  const { id, sessionId, startedAt, endedAt } = recording;
  const [session, visible] = await Promise.all([
    findSession(services, caller.customerId, sessionId),
    listVisibleRecordings(services, caller, sessionId),
  ]);
  const ids = visible.map((part) => part.id);
  const index = Math.max(0, ids.indexOf(id));
  return {
    id: sessionId,
    startedAt: session?.startedAt ?? startedAt,
    endedAt: session ? session.endedAt : endedAt,
    position: index + 1,
    count: Math.max(1, ids.length),
    previous: ids[index - 1],
    next: ids[index + 1],
  };
}

/** The file; undefined for a recording that has events only. */
async function mediaOf(
  services: Pick<Services, 'blobs' | 'archives'>,
  customerId: string,
  recording: Recording,
): Promise<Playback['media']> {
  const { container, sizeBytes } = recording;
  if (container === 'events') return undefined;
  const { store, container: blobs, name } = placeOf(services, customerId, recording);
  const contentType = CONTENT_TYPES[container];
  const { url, expiresAt } = await store.readUrl(blobs, name, {
    lifetimeSeconds: PLAYBACK_URL_SECONDS,
    contentType,
  });
  return { url, expiresAt: expiresAt.toISOString(), contentType, sizeBytes };
}

/** Where its file is read now. @throws Problem `playback-unavailable` */
function placeOf(
  services: Pick<Services, 'blobs' | 'archives'>,
  customerId: string,
  recording: Recording,
): NonNullable<ReturnType<typeof fileOf>> {
  if (isWatchable(recording))
    return { store: services.blobs, container: 'recordings', name: liveBlobName(customerId, recording) };
  const place = fileOf(services, recording);
  if (place) return place;
  if (recording.storage === 'server')
    throw unavailable(
      'Its file stays on the storage of its recording server: play it with the on-premises player.',
    );
  throw unavailable(
    recording.blobLocation === undefined
      ? 'Its file is not in the cloud.'
      : `The archive location “${recording.blobLocation}” where its file lies is not configured any more: tell the operator of the service.`,
  );
}
