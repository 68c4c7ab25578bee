/** Sessions of users on recorded machines, with what was decided about their recording. */
import { documentType } from '../../shared/cosmos/document-type';
import type { Author } from '../../shared/identity/caller';
import type { SessionDecision, SessionRollOver } from '../policies';
import type { SessionFacts } from '../policies/engine';

export interface Session {
  /** UUIDv7 made at the corrected start: it tells the month of its partition. */
  id: string;
  customerId: string;
  siteId: string;
  serverId: string;
  /** The server's own name of the session; the same for every repetition of its start. */
  sessionKey: string;
  facts: SessionFacts;
  /** Device name of the user's Workspace app. */
  clientName?: string | undefined;
  /** RFC 3339 UTC, corrected by the skew of the server's clock. */
  startedAt: string;
  endedAt?: string | undefined;
  state: 'live' | 'ended';
  /** What the policies said at its start, and at the last roll-over since. */
  decision: SessionDecision;
  /** The last roll-over: the part that began, when (RFC 3339 UTC), and what became of the recording. */
  rollOver?: Omit<SessionRollOver, 'decision'> & { part: number; at: string };
  /** Access to all of its recordings is restricted. The gate that decides: its recordings carry copies. */
  restriction?: Restriction | undefined;
  /** When a restriction was last placed or removed; RFC 3339 UTC. */
  restrictionChangedAt?: string | undefined;
  /** When the sweep has to see that all recordings carry the gate; absent when they do. */
  dueAt?: string | undefined;
}

/** Who restricted access, and when (RFC 3339 UTC). */
export interface Restriction {
  by: Author;
  at: string;
}

/** The part of the recording that a time (RFC 3339 UTC) lies in; undefined when nothing was recorded then. */
export function partAt(
  { decision, rollOver }: Pick<Session, 'decision' | 'rollOver'>,
  time: string,
): number | undefined {
  if (rollOver && time < rollOver.at)
    return rollOver.outcome === 'notRecorded' ? undefined : rollOver.part - 1;
  return decision.record === 'none' ? undefined : (rollOver?.part ?? 1);
}

export const sessionType = documentType<Session>('session', { ttlSeconds: 'never' });
