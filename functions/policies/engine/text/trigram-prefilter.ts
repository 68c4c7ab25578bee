/** Finds which of many literals a value may contain, in one pass over the value, by their trigrams. */
import { BigramMask, caselessBits } from './bigram-mask';
import { isAscii } from './case-folding';

/** A trigram is three adjacent UTF-16 units: six bits of each, overlapping by one, make its 16-bit code. */
const UNITS = 3;
const SHIFT = 5;
const TRIGRAMS = 2 ** 16;
/** Of longer literals only the last trigrams are considered: the end of a path is more selective than its start. */
const MAX_TRIGRAMS = 64;

/** A case-folded, non-empty text and the id by which it is reported. */
export interface Literal {
  readonly text: string;
  readonly id: number;
  /** It is reported only for values that have all of these bigrams: those of the text, and possibly more. */
  readonly bigrams: BigramMask;
}

/** The result of a scan. It is reused from scan to scan, so that scanning allocates nothing. */
export class ScanResult {
  /** The first `count` of these are ids of literals that the value may contain, possibly with duplicates. */
  readonly ids: number[] = [];
  count = 0;
  /** False: unless the value was case-folded, the ids mean nothing; fold it and scan again. */
  isAscii = true;
  /** Offsets, in the prefilter's posting lists, of the trigrams found in the value. */
  readonly offsets: number[] = [];
  /** Those of the value. */
  readonly bigrams = new BigramMask();
}

/** More offsets than this are deduplicated first: a value may repeat one trigram throughout. */
const MANY_OFFSETS = 64;

/** Finds which literals a value may contain. ASCII values, which are most, are not searched for any others. */
export class TrigramPrefilter {
  private readonly ascii: TrigramIndex;
  private readonly others: TrigramIndex | undefined;

  constructor(literals: readonly Literal[]) {
    const others = literals.filter(({ text }) => !isAscii(text));
    this.ascii = new TrigramIndex(literals.filter(({ text }) => isAscii(text)));
    if (others.length > 0) this.others = new TrigramIndex(others);
  }

  /** Finds the literals that the value may contain. A value that is not ASCII must be case-folded. */
  scan(value: string, result: ScanResult): void {
    result.count = 0;
    this.ascii.scan(value, result);
    if (!result.isAscii) this.others?.scan(value, result);
  }
}

/**
 * A value can contain a literal only if it has every trigram of the literal. Each literal is indexed by one of them, the
 * one that the fewest literals have. The code of a trigram is the same for upper and lower case, so that ASCII need not
 * be folded first, and one bit per trigram says whether any literal is indexed by it. A scan therefore costs one memory
 * access per unit of the value, however many literals there are.
 */
class TrigramIndex {
  /** For each 32 trigrams two words: a bit for each that has postings, and the offset of the first of those. */
  private readonly directory = new Uint32Array(TRIGRAMS / 16);
  /** For each indexed trigram, in ascending order: the number of its literals, then id and bigrams of each. */
  private readonly postings: Int32Array;

  constructor(literals: readonly Literal[]) {
    const postings: number[] = [];
    for (const [trigram, ofTrigram] of [...byRarestTrigram(literals)].toSorted(([a], [b]) => a - b)) {
      const word = wordOf(trigram);
      if (this.directory[word] === 0) this.directory[word + 1] = postings.length;
      this.directory[word] = (this.directory[word] ?? 0) | (1 << (trigram & 31));
      postings.push(ofTrigram.length);
      for (const { id, bigrams } of ofTrigram) postings.push(id, bigrams.low, bigrams.high);
    }
    this.postings = Int32Array.from(postings);
  }

  /** Adds the literals that the value may contain to the result. */
  scan(value: string, result: ScanResult): void {
    const found = this.findTrigrams(value, result);
    if (found > 0) this.addLiterals(value, found, result);
  }

  /** Adds the literals of the trigrams found that have all of their bigrams in the value. */
  private addLiterals(value: string, found: number, result: ScanResult): void {
    const { postings } = this;
    const { ids, bigrams } = result;
    bigrams.setTo(value);
    const offsets = found > MANY_OFFSETS ? [...new Set(result.offsets.slice(0, found))] : result.offsets;
    const count = Math.min(found, offsets.length);
    for (let index = 0; index < count; index++) {
      const offset = offsets[index] ?? 0;
      const end = this.endOf(offset);
      for (let entry = offset + 1; entry < end; entry += ENTRY) {
        const missing =
          ((postings[entry + 1] ?? 0) & ~bigrams.low) | ((postings[entry + 2] ?? 0) & ~bigrams.high);
        if (missing === 0) ids[result.count++] = postings[entry] ?? 0;
      }
    }
  }

  /** Stores the offsets of the value's trigrams that have postings, and whether it is ASCII; returns their number. */
  private findTrigrams(value: string, result: ScanResult): number {
    const { directory } = this;
    const { offsets } = result;
    let found = 0;
    let first = 0;
    let second = 0;
    let allUnits = 0;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      allUnits |= unit;
      const third = caselessBits(unit);
      const trigram = trigramOf(first, second, third);
      first = second;
      second = third;
      if ((((directory[wordOf(trigram)] ?? 0) >>> (trigram & 31)) & 1) === 0) continue;
      offsets[found++] = this.offsetOf(trigram);
    }
    result.isAscii = allUnits <= 0x7f;
    return found;
  }

  /** The offset of a trigram's postings: behind those of the few smaller trigrams of the same word. */
  private offsetOf(trigram: number): number {
    const word = wordOf(trigram);
    let offset = this.directory[word + 1] ?? 0;
    let smaller = (this.directory[word] ?? 0) & ((1 << (trigram & 31)) - 1);
    for (; smaller !== 0; smaller &= smaller - 1) offset = this.endOf(offset);
    return offset;
  }

  private endOf(offset: number): number {
    return offset + 1 + ENTRY * (this.postings[offset] ?? 0);
  }
}

/** Numbers per literal in a posting list. */
const ENTRY = 3;

/** The code of a trigram. The lowest bits depend on the third unit alone, the next ones on the second and third. */
function trigramOf(first: number, second: number, third: number): number {
  return (first << (2 * SHIFT)) ^ (second << SHIFT) ^ third;
}

/** The index, in the directory, of the word that has the bit of a trigram. */
function wordOf(trigram: number): number {
  return (trigram >>> 5) << 1;
}

function byRarestTrigram(literals: readonly Literal[]): Map<number, Literal[]> {
  const trigrams = literals.map(({ text }) => trigramsOf(text));
  const frequency = new Uint32Array(TRIGRAMS);
  for (const ofText of trigrams)
    for (const trigram of ofText) frequency[trigram] = (frequency[trigram] ?? 0) + 1;
  const byTrigram = new Map<number, Literal[]>();
  for (const [index, literal] of literals.entries()) {
    const rarest = minBy(trigrams[index] ?? [], (trigram) => frequency[trigram] ?? 0);
    for (const trigram of rarest === undefined ? trigramsEndingIn(literal.text) : [rarest]) {
      const ofTrigram = byTrigram.get(trigram);
      if (ofTrigram) ofTrigram.push(literal);
      else byTrigram.set(trigram, [literal]);
    }
  }
  return byTrigram;
}

/** The last trigrams of a text; none when it is shorter than three units. */
function trigramsOf(text: string): number[] {
  const trigrams: number[] = [];
  const unit = (index: number) => caselessBits(text.charCodeAt(index));
  for (
    let index = Math.max(0, text.length - UNITS + 1 - MAX_TRIGRAMS);
    index <= text.length - UNITS;
    index++
  ) {
    trigrams.push(trigramOf(unit(index), unit(index + 1), unit(index + 2)));
  }
  return trigrams;
}

/** Every trigram that ends in a text of one or two units: the text determines the low bits. */
function trigramsEndingIn(text: string): number[] {
  const units = Array.from({ length: text.length }, (_, index) => caselessBits(text.charCodeAt(index)));
  const step = 2 ** (SHIFT * units.length);
  const low = trigramOf(0, units.at(-2) ?? 0, units.at(-1) ?? 0) % step;
  return Array.from({ length: TRIGRAMS / step }, (_, high) => high * step + low);
}

function minBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Item | undefined {
  let best = items[0];
  for (const item of items) if (best === undefined || keyOf(item) < keyOf(best)) best = item;
  return best;
}
