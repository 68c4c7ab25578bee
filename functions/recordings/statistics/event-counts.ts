/** How many events of each type a recording has (RCD-6). Pure; the order of events does not matter. */
import { EVENT_TYPE_IDS, type EventTypeId, type SessionEvent } from '../../policies/engine';

export interface TypeCount {
  type: EventTypeId;
  count: number;
  /** Of all events, from 0 to 1. */
  share: number;
}

export class EventCounts {
  private readonly counts = new Map<EventTypeId, number>();

  add({ type }: SessionEvent): void {
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Types with events, the most frequent first. */
  byType(): TypeCount[] {
    const { total } = this;
    return EVENT_TYPE_IDS.map((type) => ({ type, count: this.counts.get(type) ?? 0 }))
      .filter(({ count }) => count > 0)
      .map((row) => ({ ...row, share: row.count / total }))
      .sort((a, b) => b.count - a.count);
  }
}
