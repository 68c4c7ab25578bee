/** Filters: each knows, for one field, which triggers an event with a certain value may meet at all. */
import { groupBy } from './group-by';
import { LiteralFilter } from './literal-filter';
import type { ChoiceNeed, Need, NumberNeed, TextNeed } from './needs';
import type { Candidate, OldestSearch } from './oldest-search';
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

  constructor(
    private readonly field: string,
    files: readonly Filed<TextNeed>[],
  ) {
    this.literals = new LiteralFilter(
      files.flatMap(({ candidate, need }) => need.texts.map((text) => ({ text, stands: candidate }))),
    );
  }

  offer(search: OldestSearch): void {
    const text = search.data.folded(this.field);
    if (text === undefined) return;
    for (const candidates of this.literals.find(text)) search.consider(candidates);
  }
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
