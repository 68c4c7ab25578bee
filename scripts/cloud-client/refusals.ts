/** Collects what the service refused. */
import type { RejectedDelivery } from './delivery';
import type { RefusedEvents } from './event-log/outcomes';

export class Refusals {
  /** Sessions that the service did not take. */
  readonly sessionKeys = new Set<string>();
  readonly events: RefusedEvents[] = [];
  /** All deliveries that were refused. */
  count = 0;

  add({ kind, sessionKey, events }: RejectedDelivery, reason: Error): void {
    this.count += 1;
    if (kind === 'sessionStart') this.sessionKeys.add(sessionKey);
    if (events.length > 0) this.events.push({ events, reason: reason.message });
  }
}
