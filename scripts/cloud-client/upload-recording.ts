/** Uploads a recording in blocks straight to the blob store; resumes where an earlier attempt ended. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { BlockBlobClient } from '@azure/storage-blob';
import { type Connection, RejectedError } from './connection';

/** Small enough to be retried cheaply, large enough that a long recording stays below 50,000 blocks. */
const BLOCK_BYTES = 4 * 1_048_576;
const UPLOAD_ATTEMPTS = 5;

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
  upload?: { url: string; stagedBlocks: { blockId: string; sizeBytes: number }[] };
}

/**
 * Uploads what is missing and completes the recording. Returns its id.
 * @throws RejectedError; RestError while the blob store is away: asking again resumes the upload
 */
export async function uploadRecording(connection: Connection, upload: RecordingUpload): Promise<string> {
  const { sessionId, part, container, startedAt, endedAt } = upload;
  for (let attempt = 1; ; attempt++) {
    const { body: begun } = await connection.call<StartedUpload>('POST', '/recordings', {
      body: { sessionId, part, container, startedAt },
    });
    if (!begun.upload) return begun.recordingId;
    const blocks = await stageBlocks(begun.upload, upload);
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

async function stageBlocks(
  { url, stagedBlocks }: NonNullable<StartedUpload['upload']>,
  upload: RecordingUpload,
) {
  const blob = new BlockBlobClient(url);
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
      if (present.get(blockId) !== bytesRead) await blob.stageBlock(blockId, content, bytesRead);
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
