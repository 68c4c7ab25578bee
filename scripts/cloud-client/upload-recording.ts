/** Uploads a recording in blocks straight to the blob store; resumes where an earlier attempt ended. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { type Connection, RejectedError } from './connection';

/** Small enough to be retried cheaply, large enough that a long recording stays below 50,000 blocks. */
const BLOCK_BYTES = 4 * 1_048_576;
const UPLOAD_ATTEMPTS = 5;
/** For one block, before the upload is begun again. */
const BLOCK_ATTEMPTS = 4;
const BLOCK_RETRY_MS = 500;
/** Time for one block: a URL that expires sooner is renewed first. */
const BLOCK_TIMEOUT_MS = 120_000;

export interface RecordingUpload {
  sessionId: string;
  part: number;
  container: 'mp4' | 'webm' | 'events';
  startedAt: string;
  endedAt: string;
  /** The finished file. */
  file: string;
  blockBytes?: number;
}

interface StartedUpload {
  recordingId: string;
  state: string;
  upload?: { url: string; expiresAt: string; stagedBlocks: { blockId: string; sizeBytes: number }[] };
}

/** Where the recording is uploaded to, or goes on being uploaded to. */
async function beginUpload(
  connection: Connection,
  { sessionId, part, container, startedAt }: Omit<RecordingUpload, 'endedAt'>,
  signal: AbortSignal | undefined,
): Promise<StartedUpload> {
  const body = { sessionId, part, container, startedAt };
  const until = signal ? { signal } : {};
  return (await connection.call<StartedUpload>('POST', '/recordings', { body, ...until })).body;
}

/**
 * Uploads the whole blocks that a recording has so far, while it grows. What its recorder changes in them later is
 * uploaded again at its end.
 * @throws RejectedError; Error while the blob store is away
 */
export async function uploadGrowing(
  connection: Connection,
  recording: Omit<RecordingUpload, 'endedAt'>,
  signal?: AbortSignal,
): Promise<void> {
  const begin = () => beginUpload(connection, recording, signal);
  const begun = await begin();
  if (!begun.upload) return;
  const target = new UploadUrl(begun, begin, connection, signal);
  await stageBlocks(target, begun.upload.stagedBlocks, { ...recording, wholeBlocksOnly: true });
}

/**
 * Uploads what is missing and completes the recording. Returns its id.
 * @throws RejectedError, also when the file is gone; Error while the blob store is away: asking again resumes the upload
 */
export async function uploadRecording(
  connection: Connection,
  upload: RecordingUpload,
  signal?: AbortSignal,
): Promise<string> {
  const { endedAt } = upload;
  const until = signal ? { signal } : {};
  const begin = () => beginUpload(connection, upload, signal);
  for (let attempt = 1; ; attempt++) {
    const begun = await begin();
    if (!begun.upload) return begun.recordingId;
    const target = new UploadUrl(begun, begin, connection, signal);
    const blocks = await stageBlocks(target, begun.upload.stagedBlocks, upload);
    try {
      const path = `/recordings/${begun.recordingId}/complete`;
      await connection.call('POST', path, { body: { endedAt, blocks }, gzip: true, ...until });
      return begun.recordingId;
    } catch (error) {
      // The store lost blocks that it had accepted: they are staged again.
      const isIncomplete = error instanceof RejectedError && error.code === 'upload-incomplete';
      if (!isIncomplete || attempt === UPLOAD_ATTEMPTS) throw error;
    }
  }
}

/** The URL of the blob, renewed in time. */
class UploadUrl {
  constructor(
    private begun: StartedUpload,
    private readonly begin: () => Promise<StartedUpload>,
    private readonly connection: Pick<Connection, 'clock' | 'http' | 'wait'>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Stages one block. @throws Error when the blob store does not take it */
  async stage(blockId: string, content: Buffer): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const expiresAt = Date.parse(this.begun.upload?.expiresAt ?? '');
      if (expiresAt - this.connection.clock.serviceNow() < BLOCK_TIMEOUT_MS) this.begun = await this.begin();
      const { upload } = this.begun;
      // Another process has completed it meanwhile.
      if (!upload) return;
      try {
        await this.putBlock(upload.url, blockId, content);
        return;
      } catch (error) {
        this.signal?.throwIfAborted();
        if (attempt === BLOCK_ATTEMPTS) throw error;
        await this.connection.wait(BLOCK_RETRY_MS * 2 ** attempt, this.signal);
      }
    }
  }

  private async putBlock(url: string, blockId: string, content: Buffer): Promise<void> {
    const patience = AbortSignal.timeout(BLOCK_TIMEOUT_MS);
    const { status, bodyAsText } = await this.connection.http.sendRequest(
      createPipelineRequest({
        url: `${url}&comp=block&blockid=${encodeURIComponent(blockId)}`,
        method: 'PUT',
        body: content,
        abortSignal: this.signal ? AbortSignal.any([this.signal, patience]) : patience,
        allowInsecureConnection: true,
      }),
    );
    if (status !== 201)
      throw new Error(`the blob store answered ${status}: ${(bodyAsText ?? '').slice(0, 200)}`);
  }
}

/** The blocks of a finished file, in order. */
export async function readManifest(recording: Pick<RecordingUpload, 'file' | 'blockBytes'>) {
  return stageBlocks({ stage: () => Promise.resolve() }, [], recording);
}

interface Staging extends Pick<RecordingUpload, 'file' | 'blockBytes'> {
  /** Leaves out the end of a file that still grows. */
  wholeBlocksOnly?: boolean;
}

/** Stages the blocks of a file that the store has not got yet. Returns all of them, in order. */
async function stageBlocks(
  target: Pick<UploadUrl, 'stage'>,
  stagedBlocks: readonly { blockId: string; sizeBytes: number }[],
  { file: name, blockBytes = BLOCK_BYTES, wholeBlocksOnly = false }: Staging,
) {
  const present = new Set(stagedBlocks.map(({ blockId }) => blockId));
  const blocks: { blockId: string; sizeBytes: number; sha256: string }[] = [];
  const file = await openRecording(name);
  try {
    const buffer = Buffer.alloc(blockBytes);
    for (let index = 0; ; index++) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, index * buffer.length);
      if (bytesRead === 0 || (wholeBlocksOnly && bytesRead < buffer.length)) return blocks;
      const content = buffer.subarray(0, bytesRead);
      const sha256 = createHash('sha256').update(content).digest('hex');
      const blockId = blockIdOf(index, sha256);
      if (!present.has(blockId)) await target.stage(blockId, content);
      blocks.push({ blockId, sizeBytes: bytesRead, sha256 });
    }
  } finally {
    await file.close();
  }
}

/** Names position and content: a block that has changed since it was staged is another one. All have one length. */
function blockIdOf(index: number, sha256: string): string {
  return Buffer.from(`${String(index).padStart(6, '0')}-${sha256.slice(0, 24)}`).toString('base64');
}

/** @throws RejectedError when the file is gone */
export async function openRecording(name: string) {
  try {
    return await open(name);
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isGone) throw new RejectedError(404, 'file-missing', `the recording ${name} is no longer there`);
    throw error;
  }
}
