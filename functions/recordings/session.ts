/** Sessions of users on recorded machines, with what was decided about their recording. */
import { documentType } from '../../shared/cosmos/document-type';
import type { DetectionDecision } from '../policies/engine/detection';
import type { RecordingDecision } from '../policies/engine/recording';
import type { SessionFacts } from '../policies/engine/session';

/** What the policies that were active say of a session (CCL-5, POL-5). */
export interface SessionDecision {
  recording: RecordingDecision;
  /** The types of events to log. */
  detection: DetectionDecision;
  /** How much of the screen the server keeps in memory, so that a recording can begin before its event. */
  preEventSeconds: number;
}

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
  decision: SessionDecision;
}

export const sessionType = documentType<Session>('session');
