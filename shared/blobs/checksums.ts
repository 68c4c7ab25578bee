/** MD5 of each block of a file as it is copied: taken while the file is read, compared by the storage that copies it. */
import { createHash } from 'node:crypto';

/** Small enough for the storage to copy one within the time limit of a call; 50,000 of them are 3 TiB. */
export const COPY_BLOCK_BYTES = 64 * 1_048_576;

export interface BlockChecksums {
  blockBytes: number;
  sizeBytes: number;
  /** Of each block, in order; base64. */
  md5: readonly string[];
}

/** Takes the checksums of what passes through it; `result` is complete once all of it has. */
export class ChecksumMeter {
  private readonly md5: string[] = [];
  private hash = createHash('md5');
  private hashedBytes = 0;
  private sizeBytes = 0;

  constructor(private readonly blockBytes = COPY_BLOCK_BYTES) {}

  /** The content, unchanged. */
  async *measure(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of content) {
      this.push(piece);
      yield piece;
    }
  }

  push(piece: Buffer): void {
    let rest = piece;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.blockBytes - this.hashedBytes);
      this.hash.update(part);
      this.hashedBytes += part.length;
      this.sizeBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.hashedBytes === this.blockBytes) this.endBlock();
    }
  }

  /** The checksums of everything that was pushed. */
  result(): BlockChecksums {
    if (this.hashedBytes > 0) this.endBlock();
    return { blockBytes: this.blockBytes, sizeBytes: this.sizeBytes, md5: this.md5 };
  }

  private endBlock(): void {
    this.md5.push(this.hash.digest('base64'));
    this.hash = createHash('md5');
    this.hashedBytes = 0;
  }
}
