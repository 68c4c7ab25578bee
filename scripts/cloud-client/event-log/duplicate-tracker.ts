/** Keeps track of which events repeat which, while events go out a few at a time. */
import { type PendingLogEvent } from './pending-event';
import { findDuplicates, type DuplicateCandidate } from './pair-duplicates';

/** Events gone out that may still find a twin among those to come. */
const MAX_REMEMBERED = 20_000;

type Candidate = DuplicateCandidate & { readonly event: PendingLogEvent };

export class DuplicateTracker {
  /** Gone out without a twin. */
  private released: Candidate[] = [];
  /** Those that have found theirs. */
  private readonly paired = new WeakSet<PendingLogEvent>();

  /** Of the events given, those that repeat another, be it one of them or one gone out before. */
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
      // The one that has gone out stands, whichever of the two it is.
      duplicates.add(sent.has(duplicate.event) || isLess ? original.event : duplicate.event);
    }
    this.released = this.released.filter(({ event }) => !this.paired.has(event));
    return duplicates;
  }

  /** Notes that events have gone out. */
  markReleased(events: readonly PendingLogEvent[], timeOf: (event: PendingLogEvent) => number): void {
    const unpaired = events.filter((event) => !this.paired.has(event));
    this.released = [
      ...this.released,
      ...unpaired.flatMap((event) => candidateOf(event, timeOf) ?? []),
    ].slice(-MAX_REMEMBERED);
  }
}

/** Sysmon may not know the program of a process that the Security log does know. */
function hasMoreData(left: PendingLogEvent, right: PendingLogEvent): boolean {
  return Object.keys(left.data).length > Object.keys(right.data).length;
}

function candidateOf(
  event: PendingLogEvent,
  timeOf: (event: PendingLogEvent) => number,
): Candidate | undefined {
  const { duplicateKey: twin, host, timestamp } = event;
  return twin && { duplicateKey: twin, host, sequence: timestamp.sequence, time: timeOf(event), event };
}
