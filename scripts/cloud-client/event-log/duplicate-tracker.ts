/** Tracks which events duplicate which, while events are released in several steps. */
import { type PendingLogEvent } from './pending-event';
import { findDuplicates, type DuplicateCandidate } from './pair-duplicates';

/** Released events that may still have a duplicate among later ones. */
const MAX_REMEMBERED = 20_000;

type Candidate = DuplicateCandidate & { readonly event: PendingLogEvent };

export class DuplicateTracker {
  /** Released and not paired yet. */
  private released: Candidate[] = [];
  /** Those that have been paired. */
  private readonly paired = new WeakSet<PendingLogEvent>();

  /** Of the events given, those that duplicate another one of them or one released earlier. */
  duplicatesAmong(
    events: readonly PendingLogEvent[],
    timeOf: (event: PendingLogEvent) => number,
  ): Set<PendingLogEvent> {
    const candidates = events
      .filter((event) => !this.paired.has(event))
      .flatMap((event) => candidateOf(event, timeOf) ?? []);
    const sent = new Set(this.released.map(({ event }) => event));
    const duplicates = new Set<PendingLogEvent>();
    for (const [duplicate, original] of findDuplicates([...this.released, ...candidates])) {
      this.paired.add(original.event).add(duplicate.event);
      const isLess = hasMoreData(duplicate.event, original.event) && !sent.has(original.event);
      // The released one is kept, whichever of the two it is.
      duplicates.add(sent.has(duplicate.event) || isLess ? original.event : duplicate.event);
    }
    this.released = this.released.filter(({ event }) => !this.paired.has(event));
    return duplicates;
  }

  /** Records that events have been released. */
  markReleased(events: readonly PendingLogEvent[], timeOf: (event: PendingLogEvent) => number): void {
    const unpaired = events.filter((event) => !this.paired.has(event));
    this.released = [
      ...this.released,
      ...unpaired.flatMap((event) => candidateOf(event, timeOf) ?? []),
    ].slice(-MAX_REMEMBERED);
  }
}

/** Sysmon may lack the program of a process that the Security log has. */
function hasMoreData(left: PendingLogEvent, right: PendingLogEvent): boolean {
  return Object.keys(left.data).length > Object.keys(right.data).length;
}

function candidateOf(
  event: PendingLogEvent,
  timeOf: (event: PendingLogEvent) => number,
): Candidate | undefined {
  const { duplicateKey, host, timestamp } = event;
  return duplicateKey && { duplicateKey, host, sequence: timestamp.sequence, time: timeOf(event), event };
}
