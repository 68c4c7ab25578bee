/** Finds which triggers a value may meet, of many that need one of some literal texts, in one pass over the value. */
import { add, countBits, has } from './bitset';
import type { Dimension } from './event-types';
import { groupBy } from './group-by';
import type { Candidate, OldestSearch } from './oldest-search';

/** A trigger that an event meets only if its value is a text (folded, not empty) or contains it. */
export interface FiledText {
  readonly text: string;
  readonly isWhole: boolean;
  readonly candidate: Candidate;
}

/** Values are looked at through a window of three units, each of which adds so many bits to its number. */
const UNITS = 3;
const BITS = 5;
const WINDOWS = 2 ** (UNITS * BITS);
/** A longer literal is known by one of its last windows: the end of a path says more than its start. */
const MAX_WINDOWS = 64;

interface Entry extends FiledText {
  /** The last search that looked at it. */
  seenBy: number;
}

/**
 * A value can contain a literal only if it has each window of the literal. Each literal is filed under one of them, the
 * one that fewest others have. The number of a window is made of the low bits of its units, the same for upper and
 * lower case, so that ASCII need not be folded first, and one bit tells whether anything is filed under it. Hence a
 * look at memory for each unit of the value, however many the literals. What a window leads to lies in flat arrays, by
 * window and then by age of the rule: to see that a rule is out of scope no object is touched.
 */
export class LiteralFilter {
  /** A bit for each window under which something is filed. */
  private readonly filed = new Uint32Array(WINDOWS / 32);
  /** How many bits are set in the words before each word. */
  private readonly rank = new Uint32Array(WINDOWS / 32);
  /** For each filed window its first entry, and one more end. */
  private readonly starts: Uint32Array;
  private readonly entries: readonly Entry[];
  /** Of each entry. */
  private readonly rules: Uint32Array;

  constructor(
    private readonly dimension: Dimension,
    /** Oldest rule first. */
    texts: readonly FiledText[],
  ) {
    const byWindow = [...fileByWindow(texts)].toSorted(([a], [b]) => a - b);
    this.starts = new Uint32Array(byWindow.length + 1);
    for (const [index, [window, entries]] of byWindow.entries()) {
      add(this.filed, window);
      this.starts[index + 1] = (this.starts[index] ?? 0) + entries.length;
    }
    for (let word = 1; word < this.rank.length; word++) {
      this.rank[word] = (this.rank[word - 1] ?? 0) + countBits(this.filed[word - 1] ?? 0);
    }
    this.entries = byWindow.flatMap(([, entries]) => entries);
    this.rules = Uint32Array.from(this.entries, ({ candidate }) => candidate.rule);
  }

  /** Has the search consider every trigger in question. */
  offer(search: OldestSearch): void {
    const value = search.data.text(this.dimension);
    if (value === undefined) return;
    const isAscii = this.scan(value, search);
    if (!isAscii) this.scan(search.data.folded(this.dimension), search);
  }

  /** Tells whether the value is ASCII. */
  private scan(value: string, search: OldestSearch): boolean {
    const { filed } = this;
    let window = 0;
    let anyUnit = 0;
    for (let index = 0; index < value.length; index++) {
      const unit = value.charCodeAt(index);
      anyUnit |= unit;
      window = next(window, unit);
      if (has(filed, window)) this.look(window, search);
    }
    return anyUnit <= 0x7f;
  }

  private look(window: number, search: OldestSearch): void {
    const word = window >>> 5;
    const below = (this.filed[word] ?? 0) & ((1 << (window & 31)) - 1);
    const position = (this.rank[word] ?? 0) + countBits(below);
    const end = this.starts[position + 1] ?? 0;
    for (let index = this.starts[position] ?? 0; index < end; index++) {
      const rule = this.rules[index] ?? 0;
      if (!search.isOpenTo(rule)) continue;
      const entry = this.entries[index];
      if (!entry || entry.seenBy === search.number) continue;
      entry.seenBy = search.number;
      const folded = search.data.folded(this.dimension);
      if (entry.isWhole ? folded === entry.text : folded.includes(entry.text))
        search.consider(entry.candidate);
    }
  }
}

/** The number of the window that ends with a unit. The bit that upper and lower case of ASCII differ in is always set. */
function next(window: number, unit: number): number {
  return ((window << BITS) ^ (unit | 0x20)) & (WINDOWS - 1);
}

function fileByWindow(texts: readonly FiledText[]): Map<number, Entry[]> {
  const windows = texts.map(({ text }) => windowsOf(text));
  const frequency = new Map<number, number>();
  for (const window of windows.flat()) frequency.set(window, (frequency.get(window) ?? 0) + 1);
  const filed = texts.flatMap((text, index) => {
    const entry: Entry = { ...text, seenBy: 0 };
    const rarest = leastBy(windows[index] ?? [], (window) => frequency.get(window) ?? 0);
    const own = rarest === undefined ? windowsEndingIn(text.text) : [rarest];
    return own.map((window) => ({ window, entry }));
  });
  const groups = groupBy(filed, ({ window }) => window);
  return new Map([...groups].map(([window, group]) => [window, group.map(({ entry }) => entry)]));
}

/** The last windows of a text; none when it is shorter than one. */
function windowsOf(text: string): number[] {
  const windows: number[] = [];
  let window = 0;
  for (let index = Math.max(0, text.length - UNITS + 1 - MAX_WINDOWS); index < text.length; index++) {
    window = next(window, text.charCodeAt(index));
    windows.push(window);
  }
  return windows.slice(UNITS - 1);
}

/** Every window that ends in a text shorter than a window: the text decides the low bits. */
function windowsEndingIn(text: string): number[] {
  const step = 2 ** (BITS * text.length);
  let low = 0;
  for (let index = 0; index < text.length; index++) low = next(low, text.charCodeAt(index)) & (step - 1);
  return Array.from({ length: WINDOWS / step }, (_, high) => high * step + low);
}

function leastBy<Item>(items: readonly Item[], amountOf: (item: Item) => number): Item | undefined {
  let best = items[0];
  for (const item of items) if (best === undefined || amountOf(item) < amountOf(best)) best = item;
  return best;
}
