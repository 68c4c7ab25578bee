/** Sessions of users on recorded machines, with what was decided about their recording. */
import { documentType } from '../../shared/cosmos/document-type';
import type { SessionDecision, SessionFacts, SessionRollOver } from '../policies';

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
  /** The last roll-over: the part that began, and what became of the recording. */
  rollOver?: Omit<SessionRollOver, 'decision'> & { part: number };
}

export const sessionType = documentType<Session>('session');
