/** Finds which of many literal texts a value may contain, in one pass over the value. */
import { countBits } from './bitset';
import { caseless } from './unit-pairs';

/** Values are looked at through a window of three units; six bits of each, one of them shared, make its number. */
const UNITS = 3;
const SHIFT = 5;
const WINDOWS = 2 ** 16;
/** A longer literal is known by one of its last windows: the end of a path says more than its start. */
const MAX_WINDOWS = 64;

/** A text (folded, not empty) and the number by which it is reported. */
export interface Literal {
  readonly text: string;
  readonly id: number;
}

/** What a scan found. It serves one scan after the other, so that none has to make anything. */
export class Findings {
  /**
   * The first `count` of these are the ids of literals that the value may contain. An id that several literals have may be
   * there as often.
   */
  readonly ids: number[] = [];
  count = 0;
  isAscii = true;

  add(id: number): void {
    this.ids[this.count++] = id;
  }
}

/**
 * A value can contain a literal only if it has each window of the literal. Each literal is filed under one of them, the
 * one that fewest others have. The number of a window is the same for upper and lower case, so
 * that ASCII need not be folded first, and one bit tells whether anything is filed under it. Hence a
 * look at memory for each unit of the value, however many the literals.
 */
export class LiteralFilter {
  /** For each 32 windows: a bit for each that something is filed under, and how many have one before them. */
  private readonly filed = new Uint32Array(WINDOWS / 16);
  /** For each window that something is filed under its first place in `ids`; last, the end of the last. */
  private readonly starts: Uint32Array;
  private readonly ids: Uint32Array;
  private scans = 0;
  /** For each window that something is filed under the last scan that met it. A value may have it at every place. */
  private readonly metBy: Float64Array;

  constructor(literals: readonly Literal[]) {
    const byWindow = [...fileByWindow(literals)].toSorted(([a], [b]) => a - b);
    this.starts = new Uint32Array(byWindow.length + 1);
    for (const [index, [window, ids]] of byWindow.entries()) {
      this.filed[wordOf(window)] = (this.filed[wordOf(window)] ?? 0) | (1 << (window & 31));
      this.starts[index + 1] = (this.starts[index] ?? 0) + ids.size;
    }
    for (let word = 2; word < this.filed.length; word += 2) {
      this.filed[word + 1] = (this.filed[word - 1] ?? 0) + countBits(this.filed[word - 2] ?? 0);
    }
    this.ids = Uint32Array.from(byWindow.flatMap(([, ids]) => [...ids]));
    this.metBy = new Float64Array(byWindow.length);
  }

  /**
   * Finds the literals that the value may contain and the pairs of units that it has. A value must be folded unless it is
   * ASCII: what was found tells whether it is.
   */
  scan(value: string, findings: Findings): void {
    const { filed, metBy } = this;
    const scan = (this.scans += 1);
    findings.count = 0;
    let first = 0;
    let second = 0;
    let anyUnit = 0;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      anyUnit |= unit;
      const third = caseless(unit);
      const window = windowOf(first, second, third);
      first = second;
      second = third;
      if ((((filed[wordOf(window)] ?? 0) >>> (window & 31)) & 1) === 0) continue;
      const rank = this.rankOf(window);
      if (metBy[rank] === scan) continue;
      metBy[rank] = scan;
      const end = this.starts[rank + 1] ?? 0;
      for (let place = this.starts[rank] ?? 0; place < end; place++) findings.add(this.ids[place] ?? 0);
    }
    findings.isAscii = anyUnit <= 0x7f;
  }

  /** How many of the windows that something is filed under come before one of them. */
  private rankOf(window: number): number {
    const word = wordOf(window);
    const before = (this.filed[word] ?? 0) & ((1 << (window & 31)) - 1);
    return (this.filed[word + 1] ?? 0) + countBits(before);
  }
}

/** The number of a window. The lowest bits belong to the third unit alone, the next to the second and third alone. */
function windowOf(first: number, second: number, third: number): number {
  return (first << (2 * SHIFT)) ^ (second << SHIFT) ^ third;
}

/** Where the bits of 32 windows lie. */
function wordOf(window: number): number {
  return (window >>> 5) << 1;
}

function fileByWindow(literals: readonly Literal[]): Map<number, Set<number>> {
  const windows = literals.map(({ text }) => windowsOf(text));
  const frequency = new Uint32Array(WINDOWS);
  for (const ofText of windows) for (const window of ofText) frequency[window] = (frequency[window] ?? 0) + 1;
  const filed = new Map<number, Set<number>>();
  for (const [index, { text, id }] of literals.entries()) {
    const rarest = leastBy(windows[index] ?? [], (window) => frequency[window] ?? 0);
    for (const window of rarest === undefined ? windowsEndingIn(text) : [rarest]) {
      filed.set(window, (filed.get(window) ?? new Set()).add(id));
    }
  }
  return filed;
}

/** The last windows of a text; none when it is shorter than one. */
function windowsOf(text: string): number[] {
  const windows: number[] = [];
  const unit = (index: number) => caseless(text.charCodeAt(index));
  for (
    let index = Math.max(0, text.length - UNITS + 1 - MAX_WINDOWS);
    index <= text.length - UNITS;
    index++
  ) {
    windows.push(windowOf(unit(index), unit(index + 1), unit(index + 2)));
  }
  return windows;
}

/** Every window that ends in a text shorter than a window: the text decides the low bits. */
function windowsEndingIn(text: string): number[] {
  const units = Array.from({ length: text.length }, (_, index) => caseless(text.charCodeAt(index)));
  const step = 2 ** (SHIFT * units.length);
  const low = windowOf(0, units.at(-2) ?? 0, units.at(-1) ?? 0) % step;
  return Array.from({ length: WINDOWS / step }, (_, high) => high * step + low);
}

function leastBy<Item>(items: readonly Item[], amountOf: (item: Item) => number): Item | undefined {
  let best = items[0];
  for (const item of items) if (best === undefined || amountOf(item) < amountOf(best)) best = item;
  return best;
}
