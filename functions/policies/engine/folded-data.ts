/** The data of one event, ready for many tests: each text is folded once, when it is first needed. */
import type { EventData } from './event';
import { foldText } from './text';

export class FoldedData {
  private readonly texts: Record<string, string> = {};

  constructor(private readonly data: EventData) {}

  /** The folded text of a field; undefined when the event lacks it. */
  folded(field: string): string | undefined {
    const known = this.texts[field];
    if (known !== undefined) return known;
    const text = this.data[field];
    if (typeof text !== 'string') return undefined;
    const folded = foldText(text);
    return (this.texts[field] = folded);
  }

  /** The text of a field as it came; undefined when the event lacks it. */
  text(field: string): string | undefined {
    const text = this.data[field];
    return typeof text === 'string' ? text : undefined;
  }

  /** The number of a field; undefined when the event lacks it. */
  number(field: string): number | undefined {
    const number = this.data[field];
    return typeof number === 'number' ? number : undefined;
  }
}
