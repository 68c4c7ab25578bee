/** The data of one event, prepared for many tests: each text is case-folded once, when it is first needed. */
import type { EventData } from '../model/event';
import type { Dimension } from '../model/event-types';
import { foldText } from '../text/case-folding';
import { PatternSteps } from '../text/pattern-steps';

type Field = Pick<Dimension, 'field' | 'slot'>;

export class NormalizedEvent {
  /** By slot. */
  private texts: (string | undefined)[] | undefined;

  /** What the patterns may still cost. */
  readonly patternSteps = new PatternSteps();

  constructor(private readonly data: EventData) {}

  /** The case-folded text of a dimension; empty when the event lacks it. */
  folded({ field, slot }: Field): string {
    const texts = (this.texts ??= []);
    const known = texts[slot];
    if (known !== undefined) return known;
    const text = this.data[field];
    return (texts[slot] = typeof text === 'string' ? foldText(text) : '');
  }

  /** The text of a dimension as reported; undefined when the event lacks it. */
  text({ field }: Field): string | undefined {
    const text = this.data[field];
    return typeof text === 'string' ? text : undefined;
  }

  /** The number of a dimension; undefined when the event lacks it. */
  number({ field }: Field): number | undefined {
    const number = this.data[field];
    return typeof number === 'number' ? number : undefined;
  }
}
