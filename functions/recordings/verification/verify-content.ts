/** Compares the content of a recording with its manifest and its declared container, as a stream. */
import { createHash } from 'node:crypto';
import type { RecordingContainer } from '../recording';
import { type Manifest, sizeOf } from '../upload/manifest';
import { type StructureCheck, structureCheck } from './structure';
import { StructureError } from './structure-error';

/** What the content is: in order, with the hash of the whole file, or damaged. */
export type Verdict = { sha256: string } | { damage: string };

/** Reads the content once, to its end. */
export async function verifyContent(
  content: AsyncIterable<Buffer>,
  manifest: Manifest,
  container: RecordingContainer,
): Promise<Verdict> {
  const whole = createHash('sha256');
  const blocks = new BlockHashes(manifest);
  const structure = new Structure(structureCheck(container, sizeOf(manifest)));
  for await (const piece of content) {
    whole.update(piece);
    const damage = blocks.push(piece);
    if (damage !== undefined) return { damage };
    structure.push(piece);
  }
  // A wrong block also breaks the structure: it says more.
  const damage = blocks.end() ?? structure.end();
  if (damage !== undefined) return { damage: describe(damage, container) };
  return { sha256: whole.digest('hex') };
}

function describe(damage: string | StructureError, container: RecordingContainer): string {
  if (typeof damage === 'string') return damage;
  return `It was declared as ${container}, but ${damage.message}.`;
}

/** The hashes of the blocks, one after the other. */
class BlockHashes {
  private readonly blocks;
  private block;
  private hash = createHash('sha256');
  private hashedBytes = 0;

  constructor(manifest: Manifest) {
    this.blocks = manifest.values();
    this.block = this.blocks.next().value;
  }

  push(piece: Buffer): string | undefined {
    let rest = piece;
    while (rest.length > 0) {
      if (!this.block) return 'It is longer than its blocks together.';
      const part = rest.subarray(0, this.block.sizeBytes - this.hashedBytes);
      this.hash.update(part);
      this.hashedBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.hashedBytes < this.block.sizeBytes) continue;
      if (this.hash.digest('hex') !== this.block.sha256)
        return `Block ${this.block.blockId} does not have the hash that was announced.`;
      this.block = this.blocks.next().value;
      this.hash = createHash('sha256');
      this.hashedBytes = 0;
    }
    return undefined;
  }

  end(): string | undefined {
    return this.block && 'It is shorter than its blocks together.';
  }
}

/** Remembers the first thing that is wrong with the structure. */
class Structure {
  private error: StructureError | undefined;

  constructor(private readonly check: StructureCheck) {}

  push(piece: Buffer): void {
    this.attempt(() => this.check.push(piece));
  }

  end(): StructureError | undefined {
    this.attempt(() => this.check.end());
    return this.error;
  }

  private attempt(step: () => void): void {
    if (this.error) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
      this.error = error;
    }
  }
}
