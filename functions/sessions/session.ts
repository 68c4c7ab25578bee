/** Sessions of users on recorded machines, with the recording decision. */
import { days, documentType } from '../../shared/cosmos/document-type';
import type { Author } from '../../shared/identity/caller';
import type { SessionDecision, SessionRollOver } from '../policies';
import type { SessionFacts } from '../policies/engine';

/** A session lasts 31 days at most: one that did not end by then never will. */
export const LONGEST_SESSION_MILLISECONDS = days(31) * 1000;

export interface Session {
  /** UUIDv7 of the corrected start; the month of the partition is derived from it. */
  id: string;
  customerId: string;
  siteId: string;
  serverId: string;
  /** The server's own key of the session; the same for every repetition of its start. */
  sessionKey: string;
  facts: SessionFacts;
  /** Device name of the user's Workspace app. */
  clientName?: string | undefined;
  /** Version of the server component at its start; absent in documents of earlier versions. */
  serverVersion?: string | undefined;
  /** RFC 3339 UTC, corrected by the skew of the server's clock. */
  startedAt: string;
  endedAt?: string | undefined;
  state: 'live' | 'ended';
  /** The policy decision at the start or the last roll-over. */
  decision: SessionDecision;
  /** The last roll-over: the part that began, when (RFC 3339 UTC), and how recording changed. */
  rollOver?: Omit<SessionRollOver, 'decision'> & { part: number; at: string };
  /** Restricts access to all of its recordings. Authoritative: its recordings have copies. */
  restriction?: Restriction | undefined;
  /** When a restriction was last placed or removed; RFC 3339 UTC. */
  restrictionChangedAt?: string | undefined;
  /** Keeps all of its recordings from being archived and deleted. Authoritative: its recordings have copies. */
  hold?: Hold | undefined;
  /** When a hold was last placed or released; RFC 3339 UTC. */
  holdChangedAt?: string | undefined;
  /** When one of its recordings last began to be archived; RFC 3339 UTC. */
  movedAt?: string | undefined;
  /** How many of its recordings are being deleted: meanwhile it cannot be held. */
  deletions?: number | undefined;
  /** When one of its recordings was last deleted: nothing is recorded for it any more. RFC 3339 UTC. */
  recordingsDeletedAt?: string | undefined;
  /** Its last recording was deleted, and what else belonged to it. */
  isEmptied?: boolean | undefined;
  /** When its events and samples are compacted; absent: not before its end, or again only when more come. */
  compactAt?: string | undefined;
  /** Events that came late, and are to be counted in their recordings: since when, and their times; RFC 3339 UTC. */
  lateEvents?: { at: string; from: string; to: string } | undefined;
  /** When the sweep copies restriction and hold to all recordings, or sees whether any is left; absent when all is done. */
  dueAt?: string | undefined;
}

/** A legal hold: who placed it, when (RFC 3339 UTC), and why. */
export interface Hold extends Restriction {
  reason: string;
}

/** Who restricted access, and when (RFC 3339 UTC). */
export interface Restriction {
  by: Author;
  at: string;
}

/** The part of the recording that contains a time (RFC 3339 UTC); undefined when nothing was recorded then. */
export function partAt(
  { decision, rollOver }: Pick<Session, 'decision' | 'rollOver'>,
  time: string,
): number | undefined {
  if (rollOver && time < rollOver.at)
    return rollOver.outcome === 'notRecorded' ? undefined : rollOver.part - 1;
  return decision.record === 'none' ? undefined : (rollOver?.part ?? 1);
}

/** Without recordings it only keeps its server from recording anything for it again. */
export const sessionType = documentType<Session>('session', {
  ttlSeconds: ({ isEmptied }) => (isEmptied ? days(90) : 'never'),
});
