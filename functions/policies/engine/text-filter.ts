/** The triggers of one type filed under texts and patterns of one dimension. */
import { type CandidateFilter, candidatesBy, type Filed } from './candidate-filters';
import type { Dimension } from './event-types';
import { LiteralFilter } from './literal-filter';
import type { TextNeed } from './needs';
import type { Candidate, OldestSearch } from './oldest-search';

/** A test of the value that is made once for all triggers that need it. */
interface Probe {
  readonly holds: (text: string, folded: string) => boolean;
  /** Oldest rule first. */
  readonly candidates: readonly Candidate[];
  /** The last search that made the test. */
  madeBy: number;
}

/**
 * Each text and each pattern that triggers need is one probe. A pass over the value tells which probes are in question;
 * of these, those are made for which a rule in scope waits. The rules lie in flat arrays, so that to see that none is in
 * scope no object has to be fetched.
 */
export class TextFilter implements CandidateFilter {
  private readonly probes: readonly Probe[];
  /** Of probe after probe, oldest first. */
  private readonly rules: Uint32Array;
  /** For each probe its first place in `rules`; last, the end of the last. */
  private readonly starts: Uint32Array;
  private readonly literals: LiteralFilter;
  /** Probes with patterns that no text can be looked for instead of. */
  private readonly always: readonly number[];

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<TextNeed>[],
  ) {
    const wholes = [...candidatesBy(files, (need) => need.wholes)];
    const parts = [...candidatesBy(files, (need) => need.parts)];
    const patterns = [...candidatesBy(files, (need) => need.patterns)];
    const asked = [
      ...wholes.map(([text, candidates]) => ({
        texts: [text],
        probe: probe(candidates, (_, folded) => folded === text),
      })),
      ...parts.map(([text, candidates]) => ({
        texts: [text],
        probe: probe(candidates, (_, folded) => folded.includes(text)),
      })),
      ...patterns.map(([pattern, candidates]) => ({
        texts: pattern.bestFactor ?? [],
        probe: probe(candidates, (text, folded) => pattern.occursIn(text, folded)),
      })),
    ];
    this.probes = asked.map(({ probe }) => probe);
    this.literals = new LiteralFilter(asked.flatMap(({ texts }, id) => texts.map((text) => ({ text, id }))));
    this.always = [...asked.keys()].filter((id) => asked[id]?.texts.length === 0);
    this.rules = Uint32Array.from(
      this.probes.flatMap(({ candidates }) => candidates.map(({ rule }) => rule)),
    );
    this.starts = new Uint32Array(asked.length + 1);
    for (const [id, { candidates }] of this.probes.entries()) {
      this.starts[id + 1] = (this.starts[id] ?? 0) + candidates.length;
    }
  }

  offer(search: OldestSearch): void {
    const value = search.data.text(this.dimension);
    if (value === undefined) return;
    const isAscii = this.literals.scan(value, this.make, search);
    if (!isAscii) this.literals.scan(search.data.folded(this.dimension), this.make, search);
    for (const id of this.always) this.make(id, search);
  }

  private readonly make = (id: number, search: OldestSearch): void => {
    if (!search.isOpenToAny(this.rules, this.starts[id] ?? 0, this.starts[id + 1] ?? 0)) return;
    const probe = this.probes[id];
    if (!probe || probe.madeBy === search.number) return;
    probe.madeBy = search.number;
    const { data } = search;
    if (!probe.holds(data.text(this.dimension) ?? '', data.folded(this.dimension))) return;
    for (const candidate of probe.candidates) search.consider(candidate);
  };
}

function probe(candidates: readonly Candidate[], holds: Probe['holds']): Probe {
  return { candidates, holds, madeBy: 0 };
}
