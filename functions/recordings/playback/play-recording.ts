/** Plays a recording: what belongs to it, and a URL of its file that is valid for a short time (RCD-4). */
import type { Stored } from '../../../shared/cosmos/document-type';
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import type { taskReply } from '../../../shared/tasks/create-task';
import { MAX_STAGED_BYTES, playbackRulesOf } from '../../servers';
import { findSession } from '../../sessions';
import { findSiteSettings } from '../../sites';
import { fileOf } from '../recording-file';
import { CONTENT_TYPES, type Recording, viewOfRecording } from '../recording';
import { type LiveSegments, watchLive } from '../live/watch-live';
import { listRecordingsOfSession, MAX_PARTS } from '../search/recordings-of-session';
import { type ServerRecording, stageFile, type StagingRequest } from '../staging/stage-file';
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

type TaskReply = ReturnType<typeof taskReply>;

interface PlaybackRequest extends StagingRequest {
  /** One that the caller may see. */
  recording: Stored<Recording>;
  justification: string | undefined;
}

/**
 * How to play it; without the file, and with the task that fetches it, while that is on its server.
 * @throws Problem `justification-required`, `playback-unavailable`
 */
export async function playRecording(
  request: PlaybackRequest,
): Promise<{ playback: Playback; task: TaskReply | undefined }> {
  const { services, caller, recording, justification } = request;
  const { customerId } = caller;
  const conditions = await conditionsOf(services, customerId, recording);
  checkJustification(conditions, justification);
  checkPlayable(recording, conditions, services.clock.now());
  const [session, file, live] = await Promise.all([
    sessionOf(services, caller, recording),
    mediaOf(request),
    isWatchable(recording) ? watchLive(services, customerId, recording, 0) : undefined,
  ]);
  const { media, task } = { media: undefined, task: undefined, ...file };
  const links = linksOf(recording.id);
  return { playback: { recording: viewOfRecording(recording), session, media, live, links }, task };
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
    listRecordingsOfSession(services, caller, recording, { limit: MAX_PARTS, after: undefined }),
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

/** The file, or the task that fetches it; undefined for a recording that has events only. */
async function mediaOf(
  request: PlaybackRequest,
): Promise<{ media: Playback['media'] } | { task: TaskReply } | undefined> {
  const { container, sizeBytes } = request.recording;
  if (container === 'events') return undefined;
  const place = await placeOf(request);
  if ('task' in place) return place;
  const contentType = CONTENT_TYPES[container];
  const { url, expiresAt } = await place.store.readUrl(place.container, place.name, {
    lifetimeSeconds: PLAYBACK_URL_SECONDS,
    contentType,
  });
  return { media: { url, expiresAt: expiresAt.toISOString(), contentType, sizeBytes } };
}

/** Where its file is read now. @throws Problem `playback-unavailable` */
async function placeOf(
  request: PlaybackRequest,
): Promise<NonNullable<ReturnType<typeof fileOf>> | { task: TaskReply }> {
  const { services, caller, recording } = request;
  const { customerId } = caller;
  const inBlobs = { store: services.blobs, container: 'recordings' } as const;
  if (isWatchable(recording)) return { ...inBlobs, name: liveBlobName(customerId, recording) };
  const place = fileOf(services, recording);
  if (place) return place;
  if (recording.storage === 'server') {
    const staged = await stageFile(request, stageable(recording));
    return 'task' in staged ? staged : { ...inBlobs, name: staged.blobName };
  }
  throw unavailable(
    recording.blobLocation === undefined
      ? 'Its file is not in the cloud.'
      : `The archive location “${recording.blobLocation}” where its file lies is not configured any more: tell the operator of the service.`,
  );
}

/** @throws Problem `playback-unavailable` unless its server can upload its file */
function stageable(recording: Recording): ServerRecording {
  const { serverPath, sizeBytes, manifestHash } = recording;
  if (serverPath === undefined || sizeBytes === undefined || manifestHash === undefined)
    throw unavailable('Its server has not said where its file lies: play it with the on-premises player.');
  if (sizeBytes > MAX_STAGED_BYTES)
    throw unavailable(
      `Its file of ${sizeBytes} bytes is too large to be fetched from its server, which can be done up to ${MAX_STAGED_BYTES}: play it with the on-premises player.`,
    );
  return { ...recording, serverPath, sizeBytes };
}
