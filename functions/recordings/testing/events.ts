/** For tests: session events with made-up ids. */
import type { EventData, EventTypeId, SessionEvent } from '../../policies/engine';

let made = 0;

/** An event at an instant (milliseconds since 1970). */
export function eventAt(milliseconds: number, type: EventTypeId, data: EventData = {}): SessionEvent {
  const id = `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
  return { id, type, time: new Date(milliseconds).toISOString(), data };
}
