/** Finds all ranges that hold an address: an interval tree laid out in sorted arrays. */
import type { AddressKey, AddressRange } from '../addresses';

interface Entry<T> extends AddressRange {
  readonly value: T;
}

/**
 * Entries sorted by their first address; the middle one of a stretch is the root of its tree, and `highest` holds the
 * largest last address of each tree. A look-up visits O(log n + found) entries.
 */
export class RangeIndex<T> {
  private readonly entries: readonly Entry<T>[];
  private readonly highest: AddressKey[];

  constructor(entries: readonly Entry<T>[]) {
    this.entries = entries.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    this.highest = Array.from({ length: entries.length }, () => '');
    this.fill(0, entries.length);
  }

  /** Calls `found` with the value of every range that holds the address. */
  find(address: AddressKey, found: (value: T) => void): void {
    this.search(address, 0, this.entries.length, found);
  }

  private fill(start: number, end: number): AddressKey {
    if (start >= end) return '';
    const middle = (start + end) >>> 1;
    const last = this.entries[middle]?.last ?? '';
    const below = this.fill(start, middle);
    const above = this.fill(middle + 1, end);
    const beside = below > above ? below : above;
    return (this.highest[middle] = beside > last ? beside : last);
  }

  private search(address: AddressKey, start: number, end: number, found: (value: T) => void): void {
    if (start >= end) return;
    const middle = (start + end) >>> 1;
    const entry = this.entries[middle];
    if (!entry || (this.highest[middle] ?? '') < address) return;
    this.search(address, start, middle, found);
    if (entry.first > address) return;
    if (entry.last >= address) found(entry.value);
    this.search(address, middle + 1, end, found);
  }
}
