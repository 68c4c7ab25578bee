/** Writes items as an archive, with bounded memory. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Services } from '../../../shared/services';
import type { Timed } from '../merge-batches';
import type { ArchivedChunk, ArchivePart } from './archive';

const CHUNK_ITEMS = 1_000;
/** As a batch; one larger item is a chunk of its own. */
const CHUNK_BYTES = 1_048_576;
/** Nearly every session has one part. */
const PART_BYTES = 8_388_608;

interface Chunk {
  packed: Buffer;
  at: string;
  until: string;
}

/** Writes the items, which come in order of time, to blobs that do not exist yet. */
export async function writeArchive(
  { blobs }: Pick<Services, 'blobs'>,
  items: AsyncIterable<Timed>,
  nameOf: (part: number) => string,
  partBytes = PART_BYTES,
): Promise<ArchivePart[]> {
  const parts: ArchivePart[] = [];
  let chunks: ArchivedChunk[] = [];
  let packed: Buffer[] = [];
  let offset = 0;
  const endPart = async () => {
    if (chunks.length === 0) return;
    const blobName = nameOf(parts.length);
    if (!(await blobs.putOnce('recordings', blobName, Buffer.concat(packed), 'application/gzip')))
      throw new Error(`The archive ${blobName} exists, though this attempt alone writes it`);
    parts.push({ blobName, chunks });
    [chunks, packed, offset] = [[], [], 0];
  };
  for await (const chunk of compressed(items)) {
    const { length } = chunk.packed;
    chunks.push({ at: chunk.at, until: chunk.until, offset, length });
    packed.push(chunk.packed);
    offset += length;
    if (offset >= partBytes) await endPart();
  }
  await endPart();
  return parts;
}

async function* compressed(items: AsyncIterable<Timed>): AsyncGenerator<Chunk> {
  let lines: string[] = [];
  let bytes = 0;
  let at = '';
  let until = '';
  const chunk = async (): Promise<Chunk> => ({ packed: await promisify(gzip)(lines.join('')), at, until });
  for await (const item of items) {
    const line = `${JSON.stringify(item)}\n`;
    const size = Buffer.byteLength(line);
    if (lines.length === CHUNK_ITEMS || (lines.length > 0 && bytes + size > CHUNK_BYTES)) {
      yield await chunk();
      [lines, bytes] = [[], 0];
    }
    if (lines.length === 0) at = item.time;
    until = item.time;
    lines.push(line);
    bytes += size;
  }
  if (lines.length > 0) yield await chunk();
}
