/** Filters: each knows, for one field, which triggers an event with a certain value may meet at all. */
import type { Dimension } from '../model/event-types';
import type { ChoiceNeed, Need, NumberNeed } from './index-predicates';
import type { Candidate, OldestSearch } from './oldest-match';
import { foldDrive } from '../text/case-folding';

/** A trigger filed under what it needs. */
export interface Filed<N extends Need | undefined> {
  readonly candidate: Candidate;
  readonly need: N;
}

/** Has the search consider at least those triggers filed here that the event meets. Files are oldest rule first. */
export interface CandidateFilter {
  offer(search: OldestSearch): void;
}

/** Under each key the triggers filed there, in their order. */
export function candidatesBy<N extends Need, Key>(
  files: readonly Filed<N>[],
  keysOf: (need: N) => Iterable<Key>,
): ReadonlyMap<Key, readonly Candidate[]> {
  const byKey = new Map<Key, Candidate[]>();
  for (const { candidate, need } of files) {
    for (const key of keysOf(need)) {
      const candidates = byKey.get(key);
      if (!candidates) byKey.set(key, [candidate]);
      // A need may name a key twice.
      else if (candidates.at(-1) !== candidate) candidates.push(candidate);
    }
  }
  return byKey;
}

export class ChoiceFilter implements CandidateFilter {
  private readonly byChoice: ReadonlyMap<string, readonly Candidate[]>;

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<ChoiceNeed>[],
  ) {
    this.byChoice = candidatesBy(files, ({ choices }) => choices);
  }

  offer(search: OldestSearch): void {
    const text = search.data.text(this.dimension);
    const candidates = text === undefined ? undefined : this.byChoice.get(foldDrive(text));
    for (const candidate of candidates ?? []) search.consider(candidate);
  }
}

export class NumberFilter implements CandidateFilter {
  /** Ascending, and beside it the triggers. */
  private readonly leasts: Float64Array;
  private readonly candidates: readonly Candidate[];

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<NumberNeed>[],
  ) {
    const ascending = files.toSorted((a, b) => a.need.least - b.need.least);
    this.leasts = Float64Array.from(ascending.map(({ need }) => need.least));
    this.candidates = ascending.map(({ candidate }) => candidate);
  }

  offer(search: OldestSearch): void {
    const number = search.data.number(this.dimension);
    if (number === undefined) return;
    for (const [index, candidate] of this.candidates.entries()) {
      if ((this.leasts[index] ?? 0) > number) return;
      search.consider(candidate);
    }
  }
}

/** Triggers of which nothing is known that an event must have. */
export class NoFilter implements CandidateFilter {
  private readonly candidates: readonly Candidate[];

  constructor(files: readonly Filed<undefined>[]) {
    this.candidates = files.map(({ candidate }) => candidate);
  }

  offer(search: OldestSearch): void {
    for (const candidate of this.candidates) search.consider(candidate);
  }
}
