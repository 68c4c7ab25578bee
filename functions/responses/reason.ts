/** Why an action did not succeed, for programs and for administrators. */

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
  /** The recording server is too old for the action. */
  'serverTooOld',
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
