/** The index of the triggers of one event type by texts and patterns of one dimension. */
import type { Dimension } from '../model/event-types';
import { BigramMask } from '../text/bigram-mask';
import type { RequiredLiterals } from '../text/required-literals';
import type { PatternSteps } from '../text/pattern-steps';
import { type Literal, ScanResult, TrigramPrefilter } from '../text/trigram-prefilter';
import { type CandidateFilter, candidatesBy, type Posting } from './candidate-filters';
import type { TextPredicate } from './index-predicates';
import type { Candidate, OldestMatch } from './oldest-match';

/** A test of the value that is run once for all triggers that share it. */
interface Probe {
  readonly holds: (text: string, folded: string, steps: PatternSteps) => boolean;
  /** Oldest rule first. */
  readonly candidates: readonly Candidate[];
  /** A value that passes contains one literal of each of these sets. */
  readonly required: readonly RequiredLiterals[];
  /** The set by which the prefilter finds the probe; empty: it is run for every value. */
  readonly indexedBy: RequiredLiterals;
  /** The number of the last search that ran it. */
  lastSearch: number;
}

/**
 * Each text and each pattern is one probe. One pass over the value finds the probes that may hold; of these, only those
 * are run that have a relevant rule. The rules are in a flat array, so that no object is accessed to see that none is.
 */
export class TextFilter implements CandidateFilter {
  private readonly probes: readonly Probe[];
  /** Those of probe after probe, each oldest first. */
  private readonly rules: Uint32Array;
  /** For each probe its first index in `rules`; finally the length of `rules`. */
  private readonly starts: Uint32Array;
  private readonly prefilter: TrigramPrefilter;
  /** Probes without literals to find them by. */
  private readonly unfiltered: readonly number[];
  private readonly result = new ScanResult();

  constructor(
    private readonly dimension: Dimension,
    postings: readonly Posting<TextPredicate>[],
  ) {
    this.probes = probesOf(postings);
    const literals: Literal[] = [];
    const unfiltered: number[] = [];
    const rules: number[] = [];
    this.starts = new Uint32Array(this.probes.length + 1);
    let postingsLeft = MAX_SHORT_POSTINGS;
    for (const [id, { indexedBy, candidates, required }] of this.probes.entries()) {
      const bigrams = requiredBigrams(required);
      const shortPostings = shortPostingsOf(indexedBy);
      if (indexedBy.length > 0 && (shortPostings === 0 || shortPostings <= postingsLeft)) {
        postingsLeft -= shortPostings;
        for (const text of indexedBy) literals.push({ text, id, bigrams });
      } else unfiltered.push(id);
      for (const { rule } of candidates) rules.push(rule);
      this.starts[id + 1] = rules.length;
    }
    this.prefilter = new TrigramPrefilter(literals);
    this.unfiltered = unfiltered;
    this.rules = Uint32Array.from(rules);
  }

  addCandidates(search: OldestMatch): void {
    const { result, prefilter, unfiltered } = this;
    const text = search.event.text(this.dimension);
    if (text === undefined) return;
    prefilter.scan(text, result);
    if (!result.isAscii) prefilter.scan(search.event.folded(this.dimension), result);
    for (let index = 0; index < result.count; index++) this.run(result.ids[index] ?? 0, text, search);
    for (const id of unfiltered) this.run(id, text, search);
  }

  private run(id: number, text: string, search: OldestMatch): void {
    if (!search.isAnyRelevant(this.rules, this.starts[id] ?? 0, this.starts[id + 1] ?? 0)) return;
    const probe = this.probes[id];
    if (!probe || probe.lastSearch === search.number) return;
    probe.lastSearch = search.number;
    if (!probe.holds(text, search.event.folded(this.dimension), search.event.patternSteps)) return;
    for (const candidate of probe.candidates) search.consider(candidate);
  }
}

/**
 * A literal of one or two units is posted under every trigram that may end in it. Thousands of them would take seconds to
 * index and hundreds of megabytes: the probes beyond this limit are run for every value instead.
 */
const MAX_SHORT_POSTINGS = 2 ** 15;

function shortPostingsOf(literals: RequiredLiterals): number {
  return literals.reduce((sum, { length }) => sum + (length === 1 ? 2_048 : length === 2 ? 64 : 0), 0);
}

function probesOf(postings: readonly Posting<TextPredicate>[]): Probe[] {
  const ofText = (text: string) => ({ required: [[text]], indexedBy: [text], lastSearch: 0 });
  return [
    ...[...candidatesBy(postings, ({ exactTexts }) => exactTexts)].map(([text, candidates]) => ({
      ...ofText(text),
      candidates,
      holds: (_: string, folded: string) => folded === text,
    })),
    ...[...candidatesBy(postings, ({ substrings }) => substrings)].map(([text, candidates]) => ({
      ...ofText(text),
      candidates,
      holds: (_: string, folded: string) => folded.includes(text),
    })),
    ...[...candidatesBy(postings, ({ patterns }) => patterns)].map(([pattern, candidates]) => ({
      candidates,
      required: pattern.prefilters,
      indexedBy: pattern.indexLiterals ?? [],
      holds: (text: string, folded: string, steps: PatternSteps) => pattern.occursIn(text, folded, steps),
      lastSearch: 0,
    })),
  ];
}

/** The bigrams of every text that contains one literal of each set. */
function requiredBigrams(sets: readonly RequiredLiterals[]): BigramMask {
  const bigrams = new BigramMask();
  for (const [first, ...others] of sets) {
    if (first === undefined) continue;
    const common = BigramMask.of(first);
    for (const other of others) common.intersect(BigramMask.of(other));
    bigrams.add(common);
  }
  return bigrams;
}
