/** Finds which of a set of texts are substrings of another text. */
import { BigramMask } from '../text/bigram-mask';
import { ScanResult, TrigramPrefilter } from '../text/trigram-prefilter';
import type { StepBudget } from './step-budget';

/** Up to this many texts, searching for them one by one is faster. */
const MAX_WITHOUT_PREFILTER = 64;
/** The cost of building a prefilter. */
const STEPS_PER_PREFILTER = 2_000;
/** How many units of a text one step scans. */
const UNITS_PER_STEP = 16;

export class SubstringFinder {
  private readonly prefilter: TrigramPrefilter | undefined;

  /** Takes case-folded, non-empty texts. */
  constructor(
    private readonly substrings: readonly string[],
    private readonly budget: StepBudget,
  ) {
    if (substrings.length <= MAX_WITHOUT_PREFILTER) return;
    budget.spend(STEPS_PER_PREFILTER);
    this.prefilter = new TrigramPrefilter(
      substrings.map((text, id) => ({ text, id, bigrams: BigramMask.of(text) })),
    );
  }

  /** Calls `found` with the position of each substring of a case-folded text, possibly several times. */
  find(text: string, found: (position: number) => void): void {
    this.budget.spend(1 + text.length / UNITS_PER_STEP);
    const test = (position: number) => {
      this.budget.spend(1);
      if (text.includes(this.substrings[position] ?? '')) found(position);
    };
    if (!this.prefilter) return this.substrings.forEach((_, position) => test(position));
    const result = new ScanResult();
    this.prefilter.scan(text, result);
    for (const position of result.ids) test(position);
  }

  /** The texts that contain none of the others. */
  minimal(): string[] {
    return this.substrings.filter((text) => !this.containsOther(text));
  }

  private containsOther(text: string): boolean {
    let contains = false;
    this.find(text, (position) => (contains ||= this.substrings[position] !== text));
    return contains;
  }
}
