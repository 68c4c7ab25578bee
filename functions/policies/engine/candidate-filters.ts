/** Filters: each knows, for one field, which triggers an event with a certain value may meet at all. */
import type { Dimension } from './event-types';
import { groupBy } from './group-by';
import { LiteralFilter } from './literal-filter';
import type { ChoiceNeed, Need, NumberNeed, TextNeed } from './needs';
import type { Candidate, OldestSearch } from './oldest-search';
import type { LazyPattern } from './patterns';
import { foldDrive } from './text';

/** A trigger filed under what it needs. */
export interface Filed<N extends Need | undefined> {
  readonly candidate: Candidate;
  readonly need: N;
}

/** Has the search consider at least those triggers filed here that the event meets. Files are oldest rule first. */
export interface CandidateFilter {
  offer(search: OldestSearch): void;
}

/** A pattern without required texts, tested once for all triggers that have it. */
interface FiledPattern {
  readonly pattern: LazyPattern;
  readonly candidates: readonly Candidate[];
}

export class TextFilter implements CandidateFilter {
  private readonly literals: LiteralFilter;
  private readonly patterns: readonly FiledPattern[];

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<TextNeed>[],
  ) {
    const texts = files.flatMap(({ candidate, need: { wholes, parts } }) => [
      ...wholes.map((text) => ({ text, isWhole: true, candidate })),
      ...parts.map((text) => ({ text, isWhole: false, candidate })),
    ]);
    this.literals = new LiteralFilter(dimension, texts);
    this.patterns = [...candidatesBy(files, ({ patterns }) => patterns)].map(([pattern, candidates]) => ({
      pattern,
      candidates,
    }));
  }

  offer(search: OldestSearch): void {
    this.literals.offer(search);
    for (const { pattern, candidates } of this.patterns) {
      if (!candidates.some(({ rule }) => search.isOpenTo(rule))) continue;
      const value = search.data.text(this.dimension);
      if (value !== undefined && pattern.occursIn(value, search.data.folded(this.dimension)))
        for (const candidate of candidates) search.consider(candidate);
    }
  }
}

/** Under each key the triggers filed there, in their order. */
function candidatesBy<N extends Need, Key>(
  files: readonly Filed<N>[],
  keysOf: (need: N) => Iterable<Key>,
): Map<Key, readonly Candidate[]> {
  const pairs = files.flatMap(({ candidate, need }) =>
    [...new Set(keysOf(need))].map((key) => ({ key, candidate })),
  );
  const groups = groupBy(pairs, ({ key }) => key);
  return new Map([...groups].map(([key, group]) => [key, group.map(({ candidate }) => candidate)]));
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
  private readonly ascending: readonly Filed<NumberNeed>[];

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<NumberNeed>[],
  ) {
    this.ascending = files.toSorted((a, b) => a.need.least - b.need.least);
  }

  offer(search: OldestSearch): void {
    const number = search.data.number(this.dimension);
    if (number === undefined) return;
    for (const { candidate, need } of this.ascending) {
      if (need.least > number) return;
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
