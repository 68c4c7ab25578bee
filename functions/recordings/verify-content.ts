/** Compares the content of a recording with its manifest and its declared container, as a stream. */
import { createHash } from 'node:crypto';
import { looksLike, SNIFFED_BYTES } from './container-sniffer';
import type { Manifest } from './manifest';
import type { RecordingContainer } from './recording';

/** Why the content does not match the manifest, or undefined when it does. */
export async function findDamage(
  content: AsyncIterable<Buffer>,
  manifest: Manifest,
  container: RecordingContainer,
): Promise<string | undefined> {
  const blocks = manifest.values();
  let block = blocks.next().value;
  let hash = createHash('sha256');
  let hashedBytes = 0;
  let head = Buffer.alloc(0);

  for await (const chunk of content) {
    if (head.length < SNIFFED_BYTES)
      head = Buffer.concat([head, chunk.subarray(0, SNIFFED_BYTES - head.length)]);
    let rest = chunk;
    while (rest.length > 0) {
      if (!block) return 'It is longer than its blocks together.';
      const part = rest.subarray(0, block.sizeBytes - hashedBytes);
      hash.update(part);
      hashedBytes += part.length;
      rest = rest.subarray(part.length);
      if (hashedBytes < block.sizeBytes) continue;
      if (hash.digest('hex') !== block.sha256)
        return `Block ${block.blockId} does not have the hash that was announced.`;
      block = blocks.next().value;
      hash = createHash('sha256');
      hashedBytes = 0;
    }
  }
  if (block) return 'It is shorter than its blocks together.';
  return looksLike(container, head)
    ? undefined
    : `It was declared as ${container}, but its content is not that.`;
}
