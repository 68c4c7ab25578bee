/** Tracks which events duplicate which, while events are released in several steps. */
import { mergeActors, personOf } from './actor';
import { type PendingLogEvent } from './pending-event';
import { findDuplicates, type DuplicateCandidate } from './pair-duplicates';

/** Released events that may still have a duplicate among later ones. */
const MAX_REMEMBERED = 20_000;

type Candidate = DuplicateCandidate & { readonly event: PendingLogEvent };

/** The machine under its one name, and the time, of an event. */
type PlaceOf = (event: PendingLogEvent) => { readonly host: string; readonly time: number };

export class DuplicateTracker {
  /** Released and not paired yet. */
  private released: Candidate[] = [];
  /** Those that have been paired. */
  private readonly paired = new WeakSet<PendingLogEvent>();

  /**
   * The events given, without those that duplicate another one of them or one released earlier. Of a pair, the one that is
   * kept has what the other one knows.
   */
  withoutDuplicates(
    events: readonly PendingLogEvent[],
    placeOf: PlaceOf,
  ): { kept: PendingLogEvent[]; duplicates: PendingLogEvent[] } {
    const candidates = events
      .filter((event) => !this.paired.has(event))
      .flatMap((event) => candidateOf(event, placeOf) ?? []);
    const sent = new Set(this.released.map(({ event }) => event));
    const merged = new Map<PendingLogEvent, PendingLogEvent>();
    const duplicates = new Set<PendingLogEvent>();
    for (const [follower, lead] of findDuplicates([...this.released, ...candidates])) {
      this.paired.add(lead.event).add(follower.event);
      const isFollowerKept =
        sent.has(follower.event) || (!sent.has(lead.event) && isBetter(follower.event, lead.event));
      const [winner, loser] = isFollowerKept ? [follower.event, lead.event] : [lead.event, follower.event];
      duplicates.add(loser);
      if (!sent.has(winner)) merged.set(winner, mergedOf(merged.get(winner) ?? winner, loser));
    }
    for (const event of merged.values()) this.paired.add(event);
    this.released = this.released.filter(({ event }) => !this.paired.has(event));
    return {
      kept: events.filter((event) => !duplicates.has(event)).map((event) => merged.get(event) ?? event),
      duplicates: events.filter((event) => duplicates.has(event)),
    };
  }

  /** Records that events have been released. */
  markReleased(events: readonly PendingLogEvent[], placeOf: PlaceOf): void {
    const unpaired = events.filter((event) => !this.paired.has(event));
    this.released = [
      ...this.released,
      ...unpaired.flatMap((event) => candidateOf(event, placeOf) ?? []),
    ].slice(-MAX_REMEMBERED);
  }
}

/**
 * Whether the follower's record is the better one: Sysmon may lack the program of a process, and a connection does not say
 * who logs on with it.
 */
function isBetter(follower: PendingLogEvent, lead: PendingLogEvent): boolean {
  const hasMoreData = Object.keys(follower.data).length > Object.keys(lead.data).length;
  const isConnection = lead.duplicateKey?.family === 'remoteDesktop';
  const isNamed = personOf(follower.actor) !== undefined && personOf(lead.actor) === undefined;
  return hasMoreData || (isConnection && isNamed);
}

function mergedOf(winner: PendingLogEvent, loser: PendingLogEvent): PendingLogEvent {
  return {
    ...winner,
    data: { ...loser.data, ...winner.data },
    actor: mergeActors(winner.actor, loser.actor),
  };
}

function candidateOf(event: PendingLogEvent, placeOf: PlaceOf): Candidate | undefined {
  const { duplicateKey, actor, number, timestamp } = event;
  return (
    duplicateKey && { duplicateKey, actor, number, sequence: timestamp.sequence, ...placeOf(event), event }
  );
}
