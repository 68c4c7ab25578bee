/** Recordings: the parts of a session that were recorded, and how far their upload is. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import type { Administrator, Author } from '../../shared/identity/caller';

/** MP4 and WebM hold the screen; `events` is NDJSON. */
export const CONTAINERS = ['mp4', 'webm', 'events'] as const;
export type RecordingContainer = (typeof CONTAINERS)[number];

export const CONTENT_TYPES: Readonly<Record<RecordingContainer, string>> = {
  mp4: 'video/mp4',
  webm: 'video/webm',
  events: 'application/x-ndjson',
};

/**
 * `uploading`: being recorded, or not uploaded in full; `verifying`: all blocks are there and their hashes are being
 * checked; `damaged`: what arrived is not what was announced; `verificationFailed`: it could not be checked.
 */
export const RECORDING_STATES = [
  'uploading',
  'verifying',
  'complete',
  'damaged',
  'verificationFailed',
] as const;
export type RecordingState = (typeof RECORDING_STATES)[number];

export interface Recording {
  /** Session id and part: it tells the month of its partition. */
  id: string;
  sessionId: string;
  /** From 1; each roll-over begins the next one. */
  part: number;
  siteId: string;
  serverId: string;
  container: RecordingContainer;
  state: RecordingState;
  /** Why it is damaged or could not be verified. */
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
  /** When its content was checked, or given up on. */
  verifiedAt?: string | undefined;
  /** Names the manifest that the upload was completed with. */
  manifestHash?: string | undefined;
  /** Copies of the restriction of its session: while they are there, it is in the list of restricted ones alone. */
  restrictedAt?: string | undefined;
  restrictedBy?: Author | undefined;
}

export const recordingType = documentType<Recording>('recording', { ttlSeconds: 'never' });

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
          '`damaged` and `verificationFailed` have a reason',
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
    sizeBytes: z.int().nonnegative().optional(),
    restrictedAt: z.iso.datetime().optional().describe('Access is restricted since then'),
    restrictedBy: z.object({ id: z.string(), name: z.string() }).optional(),
  })
  .meta({ id: 'Recording' });

/** Whether the administrator may see the recording: restricted ones are hidden from read-only administrators (IAM-6). */
export function isVisibleTo({ kind }: Pick<Administrator, 'kind'>, { restrictedAt }: Recording): boolean {
  return restrictedAt === undefined || kind === 'fullAdmin' || kind === 'privilegedPlayerAdmin';
}

/** A recording as callers see it. */
export function viewOfRecording(recording: Recording): z.input<typeof recordingView> {
  const { startedAt, endedAt } = recording;
  if (endedAt === undefined) return recording;
  return { ...recording, durationSeconds: Math.max(0, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000) };
}

/** The blob that holds a recording. */
export function blobNameOf(customerId: string, recordingId: string): string {
  return `${customerId}/${recordingId}`;
}
