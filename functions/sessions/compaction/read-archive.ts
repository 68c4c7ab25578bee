/** Reads an archive: only the blobs, and of them only the chunks, that have items of the time asked for. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Services } from '../../../shared/services';
import type { Timed, TimedBatch, TimeRange } from '../merge-batches';
import type { ArchivePart } from './archive';

/** The chunks with items in the range, in order of time. One blob is in memory at a time. */
export function archivedBatches<T extends Timed>(
  { blobs }: Pick<Services, 'blobs'>,
  parts: readonly ArchivePart[],
  { from, to }: TimeRange,
): TimedBatch<T>[] {
  let last: { blobName: string; content: Promise<Buffer> } | undefined;
  const read = async (blobName: string): Promise<Buffer> => {
    if (last?.blobName !== blobName) last = { blobName, content: contentOf(blobs, blobName) };
    return last.content;
  };
  return parts.flatMap(({ blobName, chunks }) =>
    chunks
      .filter(({ at, until }) => (to === undefined || at < to) && (from === undefined || until >= from))
      .map(({ at, offset, length }) => ({
        at,
        unpack: async () => itemsOf<T>((await read(blobName)).subarray(offset, offset + length)),
      })),
  );
}

async function contentOf(blobs: Services['blobs'], blobName: string): Promise<Buffer> {
  const content = await blobs.get('recordings', blobName);
  if (!content) throw new Error(`The archive ${blobName} is not there`);
  return content;
}

async function itemsOf<T>(packed: Buffer): Promise<T[]> {
  const lines = (await promisify(gunzip)(packed)).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as T);
}
