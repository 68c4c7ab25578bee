/** Uploads a recording in blocks straight to the blob store; resumes where an earlier attempt ended. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { BlockBlobClient } from '@azure/storage-blob';
import { type Connection, RejectedError } from './connection';

/** Small enough to be retried cheaply, large enough that a long recording stays below 50,000 blocks. */
const BLOCK_BYTES = 4 * 1_048_576;
const UPLOAD_ATTEMPTS = 5;
/** Time for one block: a URL that expires sooner is renewed first. */
const URL_MARGIN_MS = 120_000;

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

/**
 * Uploads what is missing and completes the recording. Returns its id.
 * @throws RejectedError; RestError while the blob store is away: asking again resumes the upload
 */
export async function uploadRecording(connection: Connection, upload: RecordingUpload): Promise<string> {
  const { sessionId, part, container, startedAt, endedAt } = upload;
  const begin = async () => {
    const body = { sessionId, part, container, startedAt };
    return (await connection.call<StartedUpload>('POST', '/recordings', { body })).body;
  };
  for (let attempt = 1; ; attempt++) {
    const begun = await begin();
    if (!begun.upload) return begun.recordingId;
    const blocks = await stageBlocks(new UploadUrl(begun, begin), begun.upload.stagedBlocks, upload);
    try {
      const path = `/recordings/${begun.recordingId}/complete`;
      await connection.call('POST', path, { body: { endedAt, blocks }, gzip: true });
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
  ) {}

  /** Stages one block. @throws RestError */
  async stage(blockId: string, content: Buffer): Promise<void> {
    const expiresAt = Date.parse(this.begun.upload?.expiresAt ?? '');
    if (expiresAt - Date.now() < URL_MARGIN_MS) this.begun = await this.begin();
    // Otherwise another process has completed it meanwhile.
    if (this.begun.upload)
      await new BlockBlobClient(this.begun.upload.url).stageBlock(blockId, content, content.length);
  }
}

async function stageBlocks(
  target: UploadUrl,
  stagedBlocks: readonly { blockId: string; sizeBytes: number }[],
  upload: RecordingUpload,
) {
  const present = new Map(stagedBlocks.map(({ blockId, sizeBytes }) => [blockId, sizeBytes]));
  const blocks: { blockId: string; sizeBytes: number; sha256: string }[] = [];
  const file = await open(upload.file);
  try {
    const buffer = Buffer.alloc(upload.blockBytes ?? BLOCK_BYTES);
    for (let index = 0; ; index++) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, index * buffer.length);
      if (bytesRead === 0) return blocks;
      const content = buffer.subarray(0, bytesRead);
      const blockId = Buffer.from(String(index).padStart(6, '0')).toString('base64');
      if (present.get(blockId) !== bytesRead) await target.stage(blockId, content);
      blocks.push({
        blockId,
        sizeBytes: bytesRead,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
    }
  } finally {
    await file.close();
  }
}
