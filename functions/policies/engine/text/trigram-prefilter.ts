/** Finds which of many literal texts a value may contain, in one pass over the value. */
import { caseless, UnitPairs } from './bigram-mask';

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
  /** It is reported of values only that have all of these: those of the text, and maybe more. */
  readonly pairs: UnitPairs;
}

/** What a scan found. It serves one scan after the other, so that none has to make anything. */
export class Findings {
  /** The first `count` of these are ids of literals that the value may contain, some perhaps several times. */
  readonly ids: number[] = [];
  count = 0;
  /** When it is not, and the value was not folded, nothing is known of what it contains. */
  isAscii = true;
  /** The places of the windows that were met, within the filter. */
  readonly places: number[] = [];
  /** Of the value. */
  readonly pairs = new UnitPairs();
}

/** More places than this are gone through once each: a value may have the same window everywhere. */
const MANY_PLACES = 64;

/**
 * A value can contain a literal only if it has each window of the literal. Each literal is filed under one of them, the
 * one that fewest others have. The number of a window is the same for upper and lower case, so that ASCII need not be
 * folded first, and one bit tells whether anything is filed under it. Hence a look at memory for each unit of the value,
 * however many the literals.
 */
export class LiteralFilter {
  /** For each 32 windows: a bit for each that something is filed under, and where the first of those lies in `windows`. */
  private readonly filed = new Uint32Array(WINDOWS / 16);
  /** For window after window how many literals are filed under it, and of each its id and pairs. */
  private readonly windows: Int32Array;

  constructor(literals: readonly Literal[]) {
    const windows: number[] = [];
    for (const [window, ofWindow] of [...fileByWindow(literals)].toSorted(([a], [b]) => a - b)) {
      const word = wordOf(window);
      if (this.filed[word] === 0) this.filed[word + 1] = windows.length;
      this.filed[word] = (this.filed[word] ?? 0) | (1 << (window & 31));
      windows.push(ofWindow.length);
      for (const { id, pairs } of ofWindow) windows.push(id, pairs.low, pairs.high);
    }
    this.windows = Int32Array.from(windows);
  }

  /** Finds the literals that the value may contain. A value must be folded unless it is ASCII: the findings tell. */
  scan(value: string, findings: Findings): void {
    findings.count = 0;
    const met = this.meetWindows(value, findings);
    if (met === 0) return;
    const { windows } = this;
    const { ids, pairs } = findings;
    pairs.become(value);
    const places = met > MANY_PLACES ? [...new Set(findings.places.slice(0, met))] : findings.places;
    const count = Math.min(met, places.length);
    for (let index = 0; index < count; index++) {
      const place = places[index] ?? 0;
      const end = this.endOf(place);
      for (let entry = place + 1; entry < end; entry += ENTRY) {
        const lacks = ((windows[entry + 1] ?? 0) & ~pairs.low) | ((windows[entry + 2] ?? 0) & ~pairs.high);
        if (lacks === 0) ids[findings.count++] = windows[entry] ?? 0;
      }
    }
  }

  /** Notes the places of the windows of the value that something is filed under; returns their number. */
  private meetWindows(value: string, findings: Findings): number {
    const { filed } = this;
    const { places } = findings;
    let met = 0;
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
      places[met++] = this.placeOf(window);
    }
    findings.isAscii = anyUnit <= 0x7f;
    return met;
  }

  /** Where the window lies: behind those of the same 32 that come before it, of which there are few. */
  private placeOf(window: number): number {
    const word = wordOf(window);
    let place = this.filed[word + 1] ?? 0;
    let before = (this.filed[word] ?? 0) & ((1 << (window & 31)) - 1);
    for (; before !== 0; before &= before - 1) place = this.endOf(place);
    return place;
  }

  private endOf(place: number): number {
    return place + 1 + ENTRY * (this.windows[place] ?? 0);
  }
}

/** Numbers of a literal under its window. */
const ENTRY = 3;

/** The number of a window. The lowest bits belong to the third unit alone, the next to the second and third alone. */
function windowOf(first: number, second: number, third: number): number {
  return (first << (2 * SHIFT)) ^ (second << SHIFT) ^ third;
}

/** Where the bits of 32 windows lie. */
function wordOf(window: number): number {
  return (window >>> 5) << 1;
}

function fileByWindow(literals: readonly Literal[]): Map<number, Literal[]> {
  const windows = literals.map(({ text }) => windowsOf(text));
  const frequency = new Uint32Array(WINDOWS);
  for (const ofText of windows) for (const window of ofText) frequency[window] = (frequency[window] ?? 0) + 1;
  const filed = new Map<number, Literal[]>();
  for (const [index, literal] of literals.entries()) {
    const rarest = leastBy(windows[index] ?? [], (window) => frequency[window] ?? 0);
    for (const window of rarest === undefined ? windowsEndingIn(literal.text) : [rarest]) {
      const ofWindow = filed.get(window);
      if (ofWindow) ofWindow.push(literal);
      else filed.set(window, [literal]);
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
