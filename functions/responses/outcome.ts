/** The outcome of an attempt to carry out an action. */
import type { FinalState, ResponseAction } from './event-response';

/** Why an action was skipped, failed, or is tried again: a closed list, part of the API. */
export const REASON_CODES = [
  /** The site has no SMTP server. */
  'mailNotConfigured',
  /** The mail server refused some or all recipients. */
  'recipientsRefused',
  /** The mail server could not be reached, or refused the mail. */
  'mailNotSent',
  'sessionNotFound',
  'sessionEnded',
  /** Starting a recording: the screen is recorded already. */
  'alreadyRecorded',
  /** Starting a recording: the policy decided not to record the session. */
  'sessionNotRecorded',
  /** The recording server reported a failure. */
  'serverFailed',
  /** The recording server did not answer in time. */
  'serverSilent',
  /** An error within the service: its log has the details. */
  'internalError',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A reason for programs and for administrators. */
export interface Reason {
  reasonCode: ReasonCode;
  reason: string;
}

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
