/** Recordings: the parts of a session that were recorded, where they are, and what is done with them. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import type { Author } from '../../shared/identity/caller';
import type { EventFields } from './search/event-fields';
import { derivedFields, durationFields, type SearchFields } from './search/search-fields';

/** MP4 and WebM contain the screen; `events` is NDJSON. */
export const CONTAINERS = ['mp4', 'webm', 'events'] as const;
export type RecordingContainer = (typeof CONTAINERS)[number];

export const CONTENT_TYPES: Readonly<Record<RecordingContainer, string>> = {
  mp4: 'video/mp4',
  webm: 'video/webm',
  events: 'application/x-ndjson',
};

/**
 * `uploading`: being recorded, or not uploaded in full; `verifying`: all blocks are there, and are being copied and
 * checked; `damaged`: the upload does not match its manifest or its container; `verificationFailed`: it could not be
 * checked; `abandoned`: nobody has continued its upload since its session ended. Who does makes it `uploading` again.
 * `archiving`: its file is being copied, the original is still there; `archived`: it lies in an archive location;
 * `deleting`: it, and what belongs to it, is being removed.
 */
export const RECORDING_STATES = [
  'uploading',
  'verifying',
  'complete',
  'damaged',
  'verificationFailed',
  'abandoned',
  'archiving',
  'archived',
  'deleting',
] as const;
export type RecordingState = (typeof RECORDING_STATES)[number];

/** A move that has begun and is not done yet. */
export interface Move {
  kind: 'archive' | 'delete';
  /** Of what asked for it: the id of a task, or of a run of a schedule. */
  operation: string;
  /** The state to which it returns when it fails. */
  from: RecordingState;
  /** RFC 3339 UTC. */
  startedAt: string;
  /** Of an archive: the location, and the name of the file there, which follows from the recording. */
  location?: string | undefined;
  target?: string | undefined;
  /** The file that is copied, as it was then. */
  source?: SourceFile | undefined;
  /** Of a deletion: whether its file is deleted, too. */
  deleteFiles?: boolean | undefined;
  /** When the sweep of uploads wanted to look at it. */
  uploadDueAt?: string | undefined;
}

/** A version of a file in the container `recordings`. */
interface SourceFile {
  name: string;
  etag: string;
  sizeBytes: number;
}

export interface Recording extends SearchFields, EventFields {
  /** Session id and part; the month of the partition is derived from it. */
  id: string;
  sessionId: string;
  /** From 1; each roll-over begins the next one. */
  part: number;
  siteId: string;
  serverId: string;
  container: RecordingContainer;
  state: RecordingState;
  /** Why it is damaged or abandoned, or could not be verified. */
  stateReason?: string | undefined;
  userName: string;
  upn?: string | undefined;
  /** The user's name in lower case, for the search. */
  userKey: string;
  /** The name without its domain, in lower case. */
  accountKey: string;
  application?: string | undefined;
  deliveryGroup?: string | undefined;
  machine?: string | undefined;
  clientName?: string | undefined;
  clientAddress?: string | undefined;
  /** RFC 3339 UTC, corrected by the skew of the server's clock. */
  startedAt: string;
  endedAt?: string | undefined;
  sizeBytes?: number | undefined;
  /** Of the whole file, hexadecimal; once it is complete. */
  sha256?: string | undefined;
  /** Where its file stays: in blob storage (also when absent), or on the server, at `serverPath`. */
  storage?: 'blob' | 'server' | undefined;
  /** Full path of the file, as the server reported it. */
  serverPath?: string | undefined;
  /** Blob with its file, which nobody but the service could ever write; once it was verified. */
  blobName?: string | undefined;
  /** Name of the archive location of this blob; absent: the container `recordings`. `fileOf` resolves it. */
  blobLocation?: string | undefined;
  /** Blob that it was uploaded to, where an earlier version of the service chose another name. */
  incomingName?: string | undefined;
  /** Its upload is live, in segments; false: it was, and goes on in blocks; absent: it is in blocks. */
  live?: boolean | undefined;
  /** When the sweep of uploads looks at it; absent when nothing is left to do. */
  dueAt?: string | undefined;
  /** When its content was verified, or verification was given up. */
  verifiedAt?: string | undefined;
  /** The name of the manifest that completed the upload. */
  manifestHash?: string | undefined;
  /** How much its points of interest count; once it was rated, which is soon after its end. */
  score?: number | undefined;
  /** When the events were read that its score and the fields of its events follow from; RFC 3339 UTC. */
  eventsReadAt?: string | undefined;
  /** Copies of the session's restriction; while present, only the list of restricted recordings contains it. */
  restrictedAt?: string | undefined;
  restrictedBy?: Author | undefined;
  /** Copies of the session's legal hold. */
  heldAt?: string | undefined;
  heldBy?: Author | undefined;
  holdReason?: string | undefined;
  /** What is being done with it while it is `archiving` or `deleting`. */
  move?: Move | undefined;
  archivedAt?: string | undefined;
  /** The file that it was archived from, while that is still to be deleted; and when its upload is looked at again. */
  leftSource?: (SourceFile & { uploadDueAt?: string | undefined }) | undefined;
  /** Why archiving it has failed, and until when that blocks it. */
  archiveFailure?: string | undefined;
  archiveBlockedUntil?: string | undefined;
}

/** In version 1 recordings were uploaded to the name at which they are kept; version 3 added what searches ask for. */
export const recordingType = documentType<Recording>('recording', {
  ttlSeconds: 'never',
  schemaVersion: 3,
  upgrade(stored, from) {
    const body = stored as Recording & { customerId: string };
    const recording = { ...body, ...derivedFields(body) };
    if (from > 1) return recording;
    const name = `${recording.customerId}/${recording.id}`;
    if (recording.state === 'uploading') return { ...recording, dueAt: recording.startedAt };
    return recording.state === 'verifying'
      ? { ...recording, incomingName: name }
      : { ...recording, blobName: name };
  },
});

export const recordingView = z
  .object({
    id: z.string().describe('Session id and part number'),
    sessionId: z.uuid(),
    part: z.int().min(1),
    siteId: z.uuid(),
    serverId: z.uuid(),
    container: z.enum(CONTAINERS).describe('`events`: events only, without the screen'),
    state: z
      .enum(RECORDING_STATES)
      .describe(
        '`uploading` while it is live or not uploaded in full, `verifying` while its hashes are checked; ' +
          '`damaged`, `verificationFailed` and `abandoned` (not uploaded in full, and nobody continues) come with a reason; ' +
          '`archiving` and `deleting` while a task is at it',
      ),
    stateReason: z.string().optional(),
    userName: z.string(),
    upn: z.string().optional(),
    application: z.string().optional(),
    deliveryGroup: z.string().optional(),
    machine: z.string().optional().describe('Host name of the recorded machine'),
    clientName: z.string().optional(),
    clientAddress: z.string().optional(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    durationSeconds: z.number().nonnegative().optional().describe('Absent until it has ended'),
    eventsOnly: z.boolean().describe('Has events only, without the screen'),
    audio: z.boolean().optional().describe('Has sound; absent where it is not known'),
    lossy: z
      .boolean()
      .optional()
      .describe('Its picture is compressed with loss; absent where it is not known'),
    eventCount: z.int().nonnegative().optional().describe('Number of its events; once it has ended'),
    eventTypes: z.array(z.string()).optional().describe('Types of its events; once it has ended'),
    eventWordsOverflow: z
      .boolean()
      .optional()
      .describe('Its events have more distinct words than searches find: 256, the first ones'),
    sizeBytes: z.int().nonnegative().optional(),
    sha256: z.string().optional().describe('Of the whole file, hexadecimal; once it is `complete`'),
    score: z.int().nonnegative().optional().describe('Of its points of interest; once it has ended'),
    restrictedAt: z.iso.datetime().optional().describe('When access was restricted'),
    restrictedBy: z.object({ id: z.string(), name: z.string() }).optional(),
    storage: z
      .enum(['blob', 'server'])
      .optional()
      .describe('`server`: its file stays on the storage of its recording server; absent: `blob`'),
    archivedAt: z.iso.datetime().optional().describe('When it was archived'),
    archiveLocation: z.string().optional().describe('Name of the archive location where its file lies'),
    archiveFailure: z.string().optional().describe('Why the last attempt to archive it has failed'),
    archiveBlockedUntil: z.iso
      .datetime()
      .optional()
      .describe('Until then a recording whose archiving has failed can be neither played nor deleted'),
    heldAt: z.iso.datetime().optional().describe('When it was put under legal hold'),
    heldBy: z.object({ id: z.string(), name: z.string() }).optional(),
    holdReason: z.string().optional().describe('Why it is under legal hold'),
  })
  .meta({ id: 'Recording' });

/** A recording as the API returns it. */
export function viewOfRecording(recording: Recording): z.input<typeof recordingView> {
  const { container, startedAt, endedAt, blobLocation } = recording;
  const ended = endedAt === undefined ? {} : durationFields(startedAt, endedAt);
  const archived = blobLocation === undefined ? {} : { archiveLocation: blobLocation };
  return { ...recording, ...ended, ...archived, eventsOnly: container === 'events' };
}
