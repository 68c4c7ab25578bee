/** Filters: each knows, for one field, which triggers an event with a certain value may meet at all. */
import { type Bitset, meet } from './bitset';
import { groupBy } from './group-by';
import { LiteralFilter } from './literal-filter';
import type { ChoiceNeed, Need, NumberNeed, TextNeed } from './needs';
import { type Candidate, type OldestSearch, rulesOf } from './oldest-search';
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

export class TextFilter implements CandidateFilter {
  private readonly literals: LiteralFilter<Candidate>;
  private readonly patterns: readonly FiledPattern[];

  constructor(
    private readonly field: string,
    files: readonly Filed<TextNeed>[],
    ruleCount: number,
  ) {
    this.literals = new LiteralFilter(
      files.flatMap(({ candidate, need }) => need.texts.map((text) => ({ text, stands: candidate }))),
    );
    const byPattern = groupBy(
      files.flatMap(({ candidate, need }) => need.patterns.map((pattern) => ({ pattern, candidate }))),
      ({ pattern }) => pattern,
    );
    this.patterns = [...byPattern].map(([pattern, group]) => {
      const candidates = group.map(({ candidate }) => candidate);
      return { pattern, candidates, rules: rulesOf(candidates, ruleCount) };
    });
  }

  offer(search: OldestSearch): void {
    const folded = search.data.folded(this.field);
    const text = search.data.text(this.field);
    if (folded === undefined || text === undefined) return;
    for (const candidates of this.literals.find(folded)) search.consider(candidates);
    for (const { pattern, candidates, rules } of this.patterns) {
      if (meet(rules, search.inScope) && pattern.occursIn(text, folded)) search.consider(candidates);
    }
  }
}

/** A pattern without required texts, tested once for all triggers that have it. */
interface FiledPattern {
  readonly pattern: LazyPattern;
  readonly candidates: readonly Candidate[];
  readonly rules: Bitset;
}

export class ChoiceFilter implements CandidateFilter {
  private readonly byChoice: ReadonlyMap<string, readonly { candidate: Candidate }[]>;

  constructor(
    private readonly field: string,
    files: readonly Filed<ChoiceNeed>[],
  ) {
    const pairs = files.flatMap(({ candidate, need }) =>
      [...need.choices].map((choice) => ({ choice, candidate })),
    );
    this.byChoice = groupBy(pairs, ({ choice }) => choice);
  }

  offer(search: OldestSearch): void {
    const text = search.data.text(this.field);
    const found = text === undefined ? undefined : this.byChoice.get(foldDrive(text));
    if (found) search.consider(found.map(({ candidate }) => candidate));
  }
}

export class NumberFilter implements CandidateFilter {
  private readonly ascending: readonly Filed<NumberNeed>[];

  constructor(
    private readonly field: string,
    files: readonly Filed<NumberNeed>[],
  ) {
    this.ascending = files.toSorted((a, b) => a.need.least - b.need.least);
  }

  offer(search: OldestSearch): void {
    const number = search.data.number(this.field);
    if (number === undefined) return;
    for (const { candidate, need } of this.ascending) {
      if (need.least > number) return;
      search.considerOne(candidate);
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
    search.consider(this.candidates);
  }
}
