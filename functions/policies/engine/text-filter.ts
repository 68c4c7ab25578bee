/** The triggers of one type filed under texts and patterns of one dimension. */
import { type CandidateFilter, candidatesBy, type Filed } from './candidate-filters';
import type { Dimension } from './event-types';
import { Findings, type Literal, LiteralFilter } from './literal-filter';
import type { TextNeed } from './needs';
import type { Factor } from './required-factors';
import type { Candidate, OldestSearch } from './oldest-search';
import { UnitPairs } from './unit-pairs';

/** A test of the value that is made once for all triggers that need it. */
interface Probe {
  readonly holds: (text: string, folded: string) => boolean;
  /** Oldest rule first. */
  readonly candidates: readonly Candidate[];
  /** A value for which it holds has one text of each of these. */
  readonly factors: readonly Factor[];
  /** The one of them that the probe is called up by; none: by any value. */
  readonly calledBy: Factor;
  /** The last search that made the test. */
  madeBy: number;
}

/**
 * Each text and each pattern that triggers need is one probe. A pass over the value tells which probes are in question;
 * of these, those are made for which a rule in scope waits and whose pairs of units the value has. The rules and pairs
 * lie in flat arrays: almost all probes are ruled out without fetching any object.
 */
export class TextFilter implements CandidateFilter {
  private readonly probes: readonly Probe[];
  /** Of probe after probe, oldest first. */
  private readonly rules: Uint32Array;
  /** For each probe its first place in `rules`; last, the end of the last. */
  private readonly starts: Uint32Array;
  /** For each probe the two halves of the pairs that it needs. */
  private readonly pairs: Int32Array;
  private readonly literals: LiteralFilter;
  /** Probes that no text can be looked for instead of. */
  private readonly always: readonly number[];
  private readonly findings = new Findings();
  /** The pairs of the value. */
  private readonly found = new UnitPairs();

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<TextNeed>[],
  ) {
    this.probes = probesOf(files);
    const literals: Literal[] = [];
    const always: number[] = [];
    const rules: number[] = [];
    this.starts = new Uint32Array(this.probes.length + 1);
    this.pairs = new Int32Array(2 * this.probes.length);
    for (const [id, { calledBy, candidates, factors }] of this.probes.entries()) {
      for (const text of calledBy) literals.push({ text, id });
      if (calledBy.length === 0) always.push(id);
      for (const { rule } of candidates) rules.push(rule);
      this.starts[id + 1] = rules.length;
      const { low, high } = pairsOf(factors);
      this.pairs[2 * id] = low;
      this.pairs[2 * id + 1] = high;
    }
    this.literals = new LiteralFilter(literals);
    this.always = always;
    this.rules = Uint32Array.from(rules);
  }

  offer(search: OldestSearch): void {
    const { findings, literals, always } = this;
    const text = search.data.text(this.dimension);
    if (text === undefined) return;
    literals.scan(text, findings);
    if (!findings.isAscii) literals.scan(search.data.folded(this.dimension), findings);
    if (findings.count === 0 && always.length === 0) return;
    this.found.become(findings.isAscii ? text : search.data.folded(this.dimension));
    for (let index = 0; index < findings.count; index++) this.make(findings.ids[index] ?? 0, text, search);
    for (const id of always) this.make(id, text, search);
  }

  private make(id: number, text: string, search: OldestSearch): void {
    const { low, high } = this.found;
    if (((this.pairs[2 * id] ?? 0) & ~low) !== 0 || ((this.pairs[2 * id + 1] ?? 0) & ~high) !== 0) return;
    if (!search.isOpenToAny(this.rules, this.starts[id] ?? 0, this.starts[id + 1] ?? 0)) return;
    const probe = this.probes[id];
    if (!probe || probe.madeBy === search.number) return;
    probe.madeBy = search.number;
    if (!probe.holds(text, search.data.folded(this.dimension))) return;
    for (const candidate of probe.candidates) search.consider(candidate);
  }
}

function probesOf(files: readonly Filed<TextNeed>[]): Probe[] {
  const ofText = (text: string) => ({ factors: [[text]], calledBy: [text], madeBy: 0 });
  return [
    ...[...candidatesBy(files, ({ wholes }) => wholes)].map(([text, candidates]) => ({
      ...ofText(text),
      candidates,
      holds: (_: string, folded: string) => folded === text,
    })),
    ...[...candidatesBy(files, ({ parts }) => parts)].map(([text, candidates]) => ({
      ...ofText(text),
      candidates,
      holds: (_: string, folded: string) => folded.includes(text),
    })),
    ...[...candidatesBy(files, ({ patterns }) => patterns)].map(([pattern, candidates]) => ({
      candidates,
      factors: pattern.factors,
      calledBy: pattern.bestFactor ?? [],
      holds: (text: string, folded: string) => pattern.occursIn(text, folded),
      madeBy: 0,
    })),
  ];
}

/** The pairs of units that every text has which has one text of each factor. */
function pairsOf(factors: readonly Factor[]): UnitPairs {
  const pairs = new UnitPairs();
  for (const [first, ...others] of factors) {
    if (first === undefined) continue;
    const ofFactor = UnitPairs.of(first);
    for (const other of others) ofFactor.keepThoseOf(UnitPairs.of(other));
    pairs.addAll(ofFactor);
  }
  return pairs;
}
