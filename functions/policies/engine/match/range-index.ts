/** Finds all ranges that contain an address: an interval tree in sorted arrays. */
import type { AddressKey, AddressRange } from '../../../../shared/pure/addresses';

interface Entry<T> extends AddressRange {
  readonly value: T;
}

/**
 * Entries are sorted by their first address; the middle one of a segment is the root of its subtree, and `highest` has
 * the largest last address of each subtree. A lookup visits O(log n + found) entries.
 */
export class RangeIndex<T> {
  private readonly entries: readonly Entry<T>[];
  private readonly highest: AddressKey[];

  constructor(entries: readonly Entry<T>[]) {
    this.entries = entries.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    this.highest = Array.from({ length: entries.length }, () => '');
    this.fill(0, entries.length);
  }

  /** Calls `found` with the value of every range that contains the address. */
  find(address: AddressKey, found: (value: T) => void): void {
    this.search(address, 0, this.entries.length, found);
  }

  private fill(start: number, end: number): AddressKey {
    if (start >= end) return '';
    const middle = (start + end) >>> 1;
    const last = this.entries[middle]?.last ?? '';
    const below = this.fill(start, middle);
    const above = this.fill(middle + 1, end);
    const ofChildren = below > above ? below : above;
    return (this.highest[middle] = ofChildren > last ? ofChildren : last);
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
