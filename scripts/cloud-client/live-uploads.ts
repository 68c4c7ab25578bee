/**
 * Uploads recordings live: appends what a growing file has, piece by piece, and says which parts can be played. The file
 * is the spool: after an interruption the upload goes on at the end of what has arrived. What was appended cannot be
 * changed, so that a file whose beginning has changed since is uploaded in blocks instead.
 */
import { createHash, type Hash } from 'node:crypto';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { type Connection, RejectedError } from './connection';
import { beginsPiece, wholePieces } from './media-pieces';
import type { PersistentMap } from './persistent-map';
import { openRecording, readManifest, type RecordingUpload } from './upload-recording';

const APPEND_TIMEOUT_MS = 120_000;
/** One append, and what is read of a file at once. */
const APPEND_BYTES = 4 * 1_048_576;
const MAX_SEGMENT_BYTES = 64 * 1_048_576;
const APPEND_ATTEMPTS = 4;
const APPEND_RETRY_MS = 500;

/** What may have been appended of a file: how much, and the SHA-256 of it. */
interface Prefix {
  bytes: number;
  sha256: string;
}

/** Before and after the append that was begun last. */
export type AppendedPrefixes = readonly Prefix[];

type GrowingRecording = Omit<RecordingUpload, 'endedAt'>;

interface LiveUpload {
  url: string;
  expiresAt: string;
  appendedBytes: number;
  nextSequence: number;
  nextOffset: number;
  segmentSeconds: number;
}

interface OpenUpload extends LiveUpload {
  recordingId: string;
  /** Of what has arrived. */
  hash: Hash;
  /** When the last segment ended, by the clock of this machine. */
  cutAt: number;
}

interface BegunLive {
  recordingId: string;
  live?: LiveUpload;
}

export class LiveUploads {
  private readonly open = new Map<string, OpenUpload>();

  /** @param prefixes by session and part, kept on disk; none for an upload that goes on in blocks */
  constructor(
    private readonly connection: Pick<Connection, 'call' | 'clock' | 'http' | 'wait'>,
    private readonly prefixes: PersistentMap<AppendedPrefixes>,
  ) {}

  /**
   * Appends the whole pieces that a recording has so far, when a segment is due.
   * @returns false when it cannot be uploaded live
   * @throws RejectedError; Error while the blob store is away: asking again goes on
   */
  async grow(recording: GrowingRecording, signal: AbortSignal): Promise<boolean> {
    if (recording.container === 'events' || this.prefixes.get(keyOf(recording))?.length === 0) return false;
    const isLive = await this.forgetOnError(recording, async () => {
      const upload = this.open.get(keyOf(recording)) ?? (await this.begin(recording, signal));
      if (!upload) return false;
      const now = this.connection.clock.now();
      if (now - upload.cutAt < upload.segmentSeconds * 1000) return true;
      const bytes = await readAt(recording.file, upload.appendedBytes);
      const whole = wholePieces(bytes, recording.container === 'mp4' ? 'mp4' : 'webm');
      if (whole === 0 && bytes.length >= APPEND_BYTES) {
        // Not written for live playback, such as an MP4 without fragments: its end may come hours later.
        this.prefixes.set(keyOf(recording), []);
        this.open.delete(keyOf(recording));
        return false;
      }
      if (whole === 0) return true;
      await this.append(recording, upload, bytes.subarray(0, whole), signal);
      await this.addSegments(recording, upload, now, signal);
      return true;
    });
    return isLive === true;
  }

  /**
   * Appends the rest of a finished file and completes the recording.
   * @returns its id; undefined for a recording that is to be uploaded in blocks
   */
  async complete(recording: RecordingUpload, signal: AbortSignal): Promise<string | undefined> {
    // What was never live is not made so now.
    if ((this.prefixes.get(keyOf(recording)) ?? []).length === 0) return undefined;
    return this.forgetOnError(recording, async () => {
      this.open.delete(keyOf(recording));
      const begun = await this.beginCall(recording, signal);
      // Another process has completed it.
      if (!begun.live) return begun.recordingId;
      const upload = await this.check(recording, begun);
      if (!upload) return undefined;
      for (;;) {
        const bytes = await readAt(recording.file, upload.appendedBytes);
        if (bytes.length === 0) break;
        await this.append(recording, upload, bytes, signal);
      }
      await this.addSegments(recording, upload, this.connection.clock.now(), signal);
      const body = { endedAt: recording.endedAt, blocks: await readManifest(recording) };
      const path = `/recordings/${upload.recordingId}/complete`;
      await this.connection.call('POST', path, { body, gzip: true, signal });
      this.open.delete(keyOf(recording));
      return upload.recordingId;
    });
  }

  /** An upload that failed is begun again: only the service knows how far it came. */
  private async forgetOnError<T>(
    recording: GrowingRecording,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.open.delete(keyOf(recording));
      if (!(error instanceof CannotAppendError || isIncomplete(error))) throw error;
      this.prefixes.set(keyOf(recording), []);
      return undefined;
    }
  }

  private async begin(recording: GrowingRecording, signal: AbortSignal): Promise<OpenUpload | undefined> {
    return this.check(recording, await this.beginCall(recording, signal));
  }

  private async beginCall(recording: GrowingRecording, signal: AbortSignal): Promise<BegunLive> {
    const { sessionId, part, container, startedAt } = recording;
    const body = { sessionId, part, container, startedAt, live: true };
    return (await this.connection.call<BegunLive>('POST', '/recordings', { body, signal })).body;
  }

  /** The upload, if what was appended is still the beginning of the file. */
  private async check(
    recording: GrowingRecording,
    { recordingId, live }: BegunLive,
  ): Promise<OpenUpload | undefined> {
    if (!live) return undefined;
    const key = keyOf(recording);
    const hash = await hashOf(recording.file, live.appendedBytes);
    const sha256 = hash.copy().digest('hex');
    const known = this.prefixes.get(key) ?? [];
    const isSame = known.some((prefix) => prefix.bytes === live.appendedBytes && prefix.sha256 === sha256);
    if (live.appendedBytes > 0 && !isSame) {
      this.prefixes.set(key, []);
      return undefined;
    }
    const cutAt = this.open.get(key)?.cutAt ?? Date.parse(recording.startedAt);
    const upload = { ...live, recordingId, cutAt, hash };
    this.open.set(key, upload);
    return upload;
  }

  /** Appends at the end of what has arrived, also when the answer to an earlier attempt was lost. */
  private async append(
    recording: GrowingRecording,
    upload: OpenUpload,
    bytes: Buffer,
    signal: AbortSignal,
  ): Promise<void> {
    const begin = upload.appendedBytes;
    const end = begin + bytes.length;
    const hash = upload.hash.copy().update(bytes);
    this.prefixes.set(keyOf(recording), [
      { bytes: begin, sha256: upload.hash.copy().digest('hex') },
      { bytes: end, sha256: hash.copy().digest('hex') },
    ]);
    for (let attempt = 1; upload.appendedBytes < end; attempt++) {
      const left = Date.parse(upload.expiresAt) - this.connection.clock.serviceNow();
      if (left < APPEND_TIMEOUT_MS || attempt > 1) await this.renew(recording, upload, signal);
      if (upload.appendedBytes >= end) break;
      try {
        await this.putAppend(upload, bytes, signal);
        upload.appendedBytes = end;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CannotAppendError || attempt === APPEND_ATTEMPTS) throw error;
        await this.connection.wait(APPEND_RETRY_MS * 2 ** attempt, signal);
      }
    }
    upload.hash = hash;
  }

  /** A new URL, and how much has arrived. */
  private async renew(recording: GrowingRecording, upload: OpenUpload, signal: AbortSignal): Promise<void> {
    const { live } = await this.beginCall(recording, signal);
    if (!live) throw new Error('the recording is not uploaded live any more');
    Object.assign(upload, live);
  }

  private async putAppend(upload: OpenUpload, bytes: Buffer, signal: AbortSignal): Promise<void> {
    const { status, bodyAsText } = await this.connection.http.sendRequest(
      createPipelineRequest({
        url: `${upload.url}&comp=appendblock`,
        method: 'PUT',
        body: bytes,
        headers: createHttpHeaders({ 'x-ms-blob-condition-appendpos': String(upload.appendedBytes) }),
        abortSignal: AbortSignal.any([signal, AbortSignal.timeout(APPEND_TIMEOUT_MS)]),
        allowInsecureConnection: true,
      }),
    );
    if (status === 201) return;
    const text = `the blob store answered ${status}: ${(bodyAsText ?? '').slice(0, 200)}`;
    // The blob has its 50,000 blocks, or is of another kind.
    throw status === 409 ? new CannotAppendError(text) : new Error(text);
  }

  /** Adds what was appended to the index, also what an earlier process did not get to. */
  private async addSegments(
    recording: GrowingRecording,
    upload: OpenUpload,
    now: number,
    signal: AbortSignal,
  ): Promise<void> {
    let durationSeconds = Math.min(3_600, Math.max(0, (now - upload.cutAt) / 1000));
    while (upload.nextOffset < upload.appendedBytes) {
      const { nextSequence: sequence, nextOffset: offset } = upload;
      const sizeBytes = Math.min(MAX_SEGMENT_BYTES, upload.appendedBytes - offset);
      const startsWithKeyframe = beginsPiece(await readAt(recording.file, offset, 8), offset);
      const segment = { sequence, offset, sizeBytes, durationSeconds, startsWithKeyframe };
      const path = `/recordings/${upload.recordingId}/segments`;
      const answer = await this.connection.call<
        Pick<LiveUpload, 'nextSequence' | 'nextOffset' | 'segmentSeconds'>
      >('POST', path, { body: { segments: [segment] }, signal });
      Object.assign(upload, answer.body);
      durationSeconds = 0;
    }
    upload.cutAt = now;
  }
}

/** The upload cannot go on live. */
class CannotAppendError extends Error {}

function isIncomplete(error: unknown): boolean {
  return error instanceof RejectedError && error.code === 'upload-incomplete';
}

function keyOf({ sessionId, part }: Pick<RecordingUpload, 'sessionId' | 'part'>): string {
  return `${sessionId} ${part}`;
}

async function readAt(name: string, offset: number, maxBytes = APPEND_BYTES): Promise<Buffer> {
  const file = await openRecording(name);
  try {
    const buffer = Buffer.alloc(maxBytes);
    const { bytesRead } = await file.read(buffer, 0, maxBytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** SHA-256 of the first bytes of a file; of all of it when it is shorter. */
async function hashOf(name: string, sizeBytes: number): Promise<Hash> {
  const hash = createHash('sha256');
  for (let at = 0; at < sizeBytes; at += APPEND_BYTES)
    hash.update(await readAt(name, at, Math.min(APPEND_BYTES, sizeBytes - at)));
  return hash;
}
