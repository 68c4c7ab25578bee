/** Which pairs of units a text has, roughly, in 64 bits: a text contains another only if it has all pairs of it. */

/** Six bits of a UTF-16 unit, the same for upper and lower case of ASCII, and letters apart from digits. */
export function caseless(unit: number): number {
  const lower = unit | 0x20;
  return ((lower ^ (lower >>> 1)) & 0x20) ^ (lower & 0x1f);
}

/** Some pairs of units that follow each other. Each has one of 64 bits, which it shares with others. */
export class UnitPairs {
  low = 0;
  high = 0;

  /** The pairs of a text, folded unless it is ASCII. */
  static of(text: string): UnitPairs {
    const pairs = new UnitPairs();
    pairs.become(text);
    return pairs;
  }

  /** Makes these the pairs of a text, folded unless it is ASCII. */
  become(text: string): void {
    let low = 0;
    let high = 0;
    let first = caseless(text.charCodeAt(0));
    for (let index = 1; index < text.length; index++) {
      const second = caseless(text.charCodeAt(index));
      const pair = (first * 11 + second) & 63;
      const isHigh = -(pair >>> 5);
      low |= (1 << pair) & ~isHigh;
      high |= (1 << pair) & isHigh;
      first = second;
    }
    this.low = low;
    this.high = high;
  }

  addAll({ low, high }: UnitPairs): void {
    this.low |= low;
    this.high |= high;
  }

  keepThoseOf({ low, high }: UnitPairs): void {
    this.low &= low;
    this.high &= high;
  }
}
