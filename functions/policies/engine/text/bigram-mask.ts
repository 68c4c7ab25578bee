/** A 64-bit Bloom mask of the bigrams of a text: a text can contain another only if it has all bits of its mask. */

/** Maps a UTF-16 unit to six bits: the same for both cases of an ASCII letter, letters distinct from digits. */
export function caselessBits(unit: number): number {
  const lower = unit | 0x20;
  return ((lower ^ (lower >>> 1)) & 0x20) ^ (lower & 0x1f);
}

/** The bigrams (pairs of adjacent UTF-16 units) of texts, hashed to 64 bits in two words. */
export class BigramMask {
  low = 0;
  high = 0;

  /** The mask of a text, which must be case-folded unless it is ASCII. */
  static of(text: string): BigramMask {
    const mask = new BigramMask();
    mask.setTo(text);
    return mask;
  }

  /** Makes this the mask of a text, which must be case-folded unless it is ASCII. */
  setTo(text: string): void {
    let low = 0;
    let high = 0;
    let first = caselessBits(text.charCodeAt(0));
    for (let index = 1; index < text.length; index++) {
      const second = caselessBits(text.charCodeAt(index));
      const bit = (first * 11 + second) & 63;
      const isHigh = -(bit >>> 5);
      low |= (1 << bit) & ~isHigh;
      high |= (1 << bit) & isHigh;
      first = second;
    }
    this.low = low;
    this.high = high;
  }

  /** Adds the bits of another mask. */
  add({ low, high }: BigramMask): void {
    this.low |= low;
    this.high |= high;
  }

  /** Keeps only the bits that another mask has too. */
  intersect({ low, high }: BigramMask): void {
    this.low &= low;
    this.high &= high;
  }
}
