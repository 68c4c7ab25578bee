/** Indexes of triggers by one field of the event: each finds the triggers that may match an event at all. */
import type { Dimension } from '../model/event-types';
import { foldDrive } from '../text/drive-letter';
import type { ChoicePredicate, IndexPredicate, NumberPredicate } from './index-predicates';
import type { Candidate, OldestMatch } from './oldest-match';

/** A trigger with the predicate by which it is indexed. */
export interface Posting<P extends IndexPredicate | undefined> {
  readonly candidate: Candidate;
  readonly predicate: P;
}

/** Has the search consider at least the indexed triggers that match the event. Postings are oldest rule first. */
export interface CandidateFilter {
  addCandidates(search: OldestMatch): void;
}

/** For each key the triggers indexed by it, in their order. */
export function candidatesBy<P extends IndexPredicate, Key>(
  postings: readonly Posting<P>[],
  keysOf: (predicate: P) => Iterable<Key>,
): ReadonlyMap<Key, readonly Candidate[]> {
  const byKey = new Map<Key, Candidate[]>();
  for (const { candidate, predicate } of postings) {
    for (const key of keysOf(predicate)) {
      const candidates = byKey.get(key);
      if (!candidates) byKey.set(key, [candidate]);
      // A predicate may contain a key twice.
      else if (candidates.at(-1) !== candidate) candidates.push(candidate);
    }
  }
  return byKey;
}

export class ChoiceFilter implements CandidateFilter {
  private readonly byChoice: ReadonlyMap<string, readonly Candidate[]>;

  constructor(
    private readonly dimension: Dimension,
    postings: readonly Posting<ChoicePredicate>[],
  ) {
    this.byChoice = candidatesBy(postings, ({ choices }) => choices);
  }

  addCandidates(search: OldestMatch): void {
    const text = search.event.text(this.dimension);
    const candidates = text === undefined ? undefined : this.byChoice.get(foldDrive(text));
    for (const candidate of candidates ?? []) search.consider(candidate);
  }
}

export class NumberFilter implements CandidateFilter {
  /** Ascending, parallel to `candidates`. */
  private readonly minima: Float64Array;
  private readonly candidates: readonly Candidate[];

  constructor(
    private readonly dimension: Dimension,
    postings: readonly Posting<NumberPredicate>[],
  ) {
    const ascending = postings.toSorted((a, b) => a.predicate.min - b.predicate.min);
    this.minima = Float64Array.from(ascending.map(({ predicate }) => predicate.min));
    this.candidates = ascending.map(({ candidate }) => candidate);
  }

  addCandidates(search: OldestMatch): void {
    const number = search.event.number(this.dimension);
    if (number === undefined) return;
    for (const [index, candidate] of this.candidates.entries()) {
      if ((this.minima[index] ?? 0) > number) return;
      search.consider(candidate);
    }
  }
}

/** Triggers without a predicate: each may match any event. */
export class UnindexedTriggers implements CandidateFilter {
  private readonly candidates: readonly Candidate[];

  constructor(postings: readonly Posting<undefined>[]) {
    this.candidates = postings.map(({ candidate }) => candidate);
  }

  addCandidates(search: OldestMatch): void {
    for (const candidate of this.candidates) search.consider(candidate);
  }
}
