/** Keeps track of which events repeat which, while events go out a few at a time. */
import { type HeldLogEvent } from './held-event';
import { findDuplicates, type Twinned } from './pair-duplicates';

/** Events gone out that may still find a twin among those to come. */
const MAX_REMEMBERED = 20_000;

type Candidate = Twinned & { readonly event: HeldLogEvent };

export class Twins {
  /** Gone out without a twin. */
  private sent: Candidate[] = [];
  /** Those that have found theirs. */
  private readonly paired = new WeakSet<HeldLogEvent>();

  /** Of the events given, those that repeat another, be it one of them or one gone out before. */
  repeatsAmong(events: readonly HeldLogEvent[], timeOf: (event: HeldLogEvent) => number): Set<HeldLogEvent> {
    const candidates = events
      .filter((event) => !this.paired.has(event))
      .flatMap((event) => candidateOf(event, timeOf) ?? []);
    const sent = new Set(this.sent.map(({ event }) => event));
    const repeats = new Set<HeldLogEvent>();
    for (const [duplicate, original] of findDuplicates([...this.sent, ...candidates])) {
      this.paired.add(original.event).add(duplicate.event);
      const isLess = knowsMore(duplicate.event, original.event) && !sent.has(original.event);
      // The one that has gone out stands, whichever of the two it is.
      repeats.add(sent.has(duplicate.event) || isLess ? original.event : duplicate.event);
    }
    this.sent = this.sent.filter(({ event }) => !this.paired.has(event));
    return repeats;
  }

  /** Notes that events have gone out. */
  noteSent(events: readonly HeldLogEvent[], timeOf: (event: HeldLogEvent) => number): void {
    const unpaired = events.filter((event) => !this.paired.has(event));
    this.sent = [...this.sent, ...unpaired.flatMap((event) => candidateOf(event, timeOf) ?? [])].slice(
      -MAX_REMEMBERED,
    );
  }
}

/** Sysmon may not know the program of a process that the Security log does know. */
function knowsMore(left: HeldLogEvent, right: HeldLogEvent): boolean {
  return Object.keys(left.data).length > Object.keys(right.data).length;
}

function candidateOf(event: HeldLogEvent, timeOf: (event: HeldLogEvent) => number): Candidate | undefined {
  const { twin, host, moment } = event;
  return twin && { twin, host, sequence: moment.sequence, time: timeOf(event), event };
}
