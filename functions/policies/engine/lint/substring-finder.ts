/** Finds which of some texts are contained in another. */
import type { Effort } from './step-budget';
import { Findings, LiteralFilter } from '../text/trigram-prefilter';
import { UnitPairs } from '../text/bigram-mask';

/** So few are quicker looked for one by one. */
const FEW = 64;
/** Of a filter for more of them. */
const EFFORT_OF_FILTER = 2_000;
/** So many units of a text are looked through in the time of one unit of effort. */
const UNITS_PER_EFFORT = 16;

export class PartFinder {
  private readonly filter: LiteralFilter | undefined;

  /** Takes folded texts, none empty. */
  constructor(
    private readonly parts: readonly string[],
    private readonly effort: Effort,
  ) {
    if (parts.length <= FEW) return;
    effort.spend(EFFORT_OF_FILTER);
    this.filter = new LiteralFilter(parts.map((text, id) => ({ text, id, pairs: UnitPairs.of(text) })));
  }

  /** Calls `found` with the position of each part that a folded text contains, perhaps several times. */
  find(text: string, found: (position: number) => void): void {
    this.effort.spend(1 + text.length / UNITS_PER_EFFORT);
    const look = (position: number) => {
      this.effort.spend(1);
      if (text.includes(this.parts[position] ?? '')) found(position);
    };
    if (!this.filter) return this.parts.forEach((_, position) => look(position));
    const findings = new Findings();
    this.filter.scan(text, findings);
    for (const position of findings.ids) look(position);
  }

  /** Whether a folded text contains a part, not counting the text itself. */
  hasWithin(text: string): boolean {
    let has = false;
    this.find(text, (position) => (has ||= this.parts[position] !== text));
    return has;
  }

  /** The parts that contain no other. */
  least(): string[] {
    return this.parts.filter((part) => !this.hasWithin(part));
  }
}
