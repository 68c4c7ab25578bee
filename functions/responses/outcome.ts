/** The outcome of an attempt to carry out an action. */
import type { FinalState, ResponseAction } from './event-response';
import type { Reason } from './reason';

/** How an action ended. */
export interface FinalOutcome extends Partial<Reason> {
  state: FinalState;
  commandId?: string | undefined;
}

/** What an attempt has achieved that is to be repeated. */
export type Progress = Pick<ResponseAction, 'remaining' | 'refused'>;

export type Outcome =
  | FinalOutcome
  /** The rate limit of its account was reached: it was not begun. */
  | { state: 'deferred'; delaySeconds: number }
  /** The recording server carries it out and reports the result. */
  | { state: 'sent'; commandId: string }
  /** The attempt achieved a part: the rest is tried again. */
  | ({ state: 'partial'; progress: Progress } & Reason)
  /** An orchestration carries it out and records its end. */
  | { state: 'delegated'; seconds: number };
