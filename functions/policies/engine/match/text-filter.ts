/** The triggers of one type filed under texts and patterns of one dimension. */
import { type CandidateFilter, candidatesBy, type Filed } from './candidate-filters';
import type { Dimension } from '../model/event-types';
import { Findings, type Literal, LiteralFilter } from '../text/trigram-prefilter';
import type { TextNeed } from './index-predicates';
import type { Factor } from '../text/required-literals';
import type { Candidate, OldestSearch } from './oldest-match';
import { UnitPairs } from '../text/bigram-mask';

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
 * of these, those are made for which a rule in scope waits. The rules lie in a flat array, so that to see that none is in
 * scope no object has to be fetched.
 */
export class TextFilter implements CandidateFilter {
  private readonly probes: readonly Probe[];
  /** Of probe after probe, oldest first. */
  private readonly rules: Uint32Array;
  /** For each probe its first place in `rules`; last, the end of the last. */
  private readonly starts: Uint32Array;
  private readonly literals: LiteralFilter;
  /** Probes that no text can be looked for instead of. */
  private readonly always: readonly number[];
  private readonly findings = new Findings();

  constructor(
    private readonly dimension: Dimension,
    files: readonly Filed<TextNeed>[],
  ) {
    this.probes = probesOf(files);
    const literals: Literal[] = [];
    const always: number[] = [];
    const rules: number[] = [];
    this.starts = new Uint32Array(this.probes.length + 1);
    for (const [id, { calledBy, candidates, factors }] of this.probes.entries()) {
      const pairs = pairsOf(factors);
      for (const text of calledBy) literals.push({ text, id, pairs });
      if (calledBy.length === 0) always.push(id);
      for (const { rule } of candidates) rules.push(rule);
      this.starts[id + 1] = rules.length;
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
    for (let index = 0; index < findings.count; index++) this.make(findings.ids[index] ?? 0, text, search);
    for (const id of always) this.make(id, text, search);
  }

  private make(id: number, text: string, search: OldestSearch): void {
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
