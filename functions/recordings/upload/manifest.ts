/** The manifest of an upload: which blocks a recording consists of, in order, with their sizes and hashes. */
import { z } from 'zod';
import { sha256Hex } from '../../../shared/ids';
import type { StagedBlock } from '../../../shared/blobs/blob-store';

/** Maximum number of blocks of a block blob (Azure Storage). */
const MAX_BLOCKS = 50_000;
const MAX_BLOCK_BYTES = 4_194_304_000;
const LISTED_DIFFERENCES = 20;

export const manifestSchema = z
  .array(
    z
      .strictObject({
        blockId: z.base64().min(1).max(88).describe('As staged: base64, all of one length'),
        sizeBytes: z.int().min(1).max(MAX_BLOCK_BYTES),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/i, 'Give 64 hexadecimal digits.')
          .toLowerCase()
          .describe('Of the block, hexadecimal'),
      })
      .meta({ id: 'ManifestBlock' }),
  )
  .min(1)
  .max(MAX_BLOCKS)
  .refine(
    (blocks) => new Set(blocks.map(({ blockId }) => blockId)).size === blocks.length,
    'A block is listed twice.',
  );

export type Manifest = z.output<typeof manifestSchema>;

/** The content hash that names a manifest. */
export function manifestHash(manifest: Manifest): string {
  return sha256Hex(
    JSON.stringify(manifest.map(({ blockId, sizeBytes, sha256 }) => [blockId, sizeBytes, sha256])),
  );
}

/** The size of the recording in bytes. */
export function sizeOf(manifest: Manifest): number {
  return manifest.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

export interface BlockDifference {
  /** Position in the manifest. */
  index: number;
  detail: string;
}

/** The first few blocks that are missing in the store or differ in size; empty when all are there. */
export function compareManifest(manifest: Manifest, present: readonly StagedBlock[]): BlockDifference[] {
  const sizes = new Map(present.map(({ blockId, sizeBytes }) => [blockId, sizeBytes]));
  const differences: BlockDifference[] = [];
  for (const [index, { blockId, sizeBytes }] of manifest.entries()) {
    const found = sizes.get(blockId);
    if (found === sizeBytes) continue;
    const detail =
      found === undefined
        ? `Block ${blockId} was not uploaded.`
        : `Block ${blockId} has ${found} bytes, not ${sizeBytes}.`;
    differences.push({ index, detail });
    if (differences.length === LISTED_DIFFERENCES) break;
  }
  return differences;
}
