/** History events as the SDK reads them. */
import { type HistoryEvent } from './history';

/** Events without a number have -1. `isPlayed` is true for what the orchestrator has seen in an earlier turn. */
export function eventJson(event: HistoryEvent, isPlayed: boolean): string {
  return JSON.stringify({ EventId: -1, IsPlayed: isPlayed, ...event });
}
