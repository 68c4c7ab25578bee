/** The state machine of an action, from pending to its end, whichever worker dies in between. Pure. */
import type { Action } from '../policies/engine';
import {
  type ClaimedAction,
  type EventResponse,
  isFinished,
  type ResponseAction,
  searchTerms,
  waitsUntil,
} from './event-response';
import type { FinalOutcome, Progress } from './outcome';
import type { Reason } from './reason';

/** Longer than any action takes: pacing, connecting and sending a mail are bounded below it. */
const LEASE_SECONDS = 120;
/** A message that has not led to anything by then is considered lost. */
const LOST_MESSAGE_SECONDS = 60;
/** A queue that is behind must not get the same messages again each minute. */
const RESENT_MESSAGE_SECONDS = 300;
/** Commands that go first are queued within milliseconds. */
const BLOCKED_SECONDS = 1;
/** Pauses after each failed attempt; together about as long as mail servers greylist. */
const RETRY_DELAYS_SECONDS = [10, 30, 90, 270] as const;

/** After so many attempts an action has failed. */
export const MAX_ATTEMPTS = RETRY_DELAYS_SECONDS.length + 1;

/** What a worker may do with an action now. */
export type Claim =
  | { can: 'begin'; response: EventResponse; attempt: number }
  /** It waits for another action, or for its time. */
  | { can: 'wait'; seconds: number }
  /** Another worker has it; if that one dies, the sweep resumes the action. */
  | { can: 'leave' }
  | { can: 'giveUp' }
  /** The result of its command is overdue: look it up. */
  | { can: 'conclude'; response: EventResponse }
  /** It is finished, or the response has no such action. */
  | { can: 'nothing' };

/** Claims an action that waits, or one whose worker was lost. `claimId` identifies this claim among all. */
export function claim(response: EventResponse, kind: Action, now: Date, claimId: string): Claim {
  const action = actionOf(response, kind);
  if (!action || isFinished(action)) return { can: 'nothing' };
  const seconds = secondsUntil(waitsUntil(action), now);
  if (seconds > 0) return action.state === 'pending' ? { can: 'wait', seconds } : { can: 'leave' };
  if (action.state === 'sent') return { can: 'conclude', response };
  if (action.attempts >= MAX_ATTEMPTS) return { can: 'giveUp' };
  if (isBlocked(response, kind)) return { can: 'wait', seconds: BLOCKED_SECONDS };
  const attempt = action.attempts + 1;
  const claimed: ResponseAction = {
    ...factsOf(action),
    state: 'claimed',
    claimId,
    attempts: attempt,
    leasedUntil: after(now, LEASE_SECONDS),
  };
  return { can: 'begin', attempt, response: withAction(response, claimed, now) };
}

/**
 * Makes an action pending again whose attempt failed, without a delay when that was the last one. Undefined when
 * another worker has it.
 */
export function retryLater(
  response: EventResponse,
  kind: Action,
  attempt: number,
  { reason, reasonCode }: Reason,
  now: Date,
  progress: Progress = {},
): { response: EventResponse; delaySeconds: number | undefined } | undefined {
  const action = claimedAs(response, kind, attempt);
  const delaySeconds = RETRY_DELAYS_SECONDS[attempt - 1];
  if (!action) return undefined;
  const pending: ResponseAction = {
    ...factsOf(action),
    ...progress,
    state: 'pending',
    notBefore: delaySeconds === undefined ? undefined : after(now, delaySeconds),
    reason,
    reasonCode,
  };
  return { response: withAction(response, pending, now), delaySeconds };
}

/** Makes an action pending again that was claimed but not begun: the attempt does not count. */
export function defer(
  response: EventResponse,
  kind: Action,
  attempt: number,
  delaySeconds: number,
  now: Date,
): EventResponse | undefined {
  const action = claimedAs(response, kind, attempt);
  if (!action) return undefined;
  const pending: ResponseAction = {
    ...factsOf(action),
    state: 'pending',
    attempts: attempt - 1,
    notBefore: after(now, delaySeconds),
    hasWaited: true,
  };
  return withAction(response, pending, now);
}

/** Extends the lease of a claim, for an orchestration that goes on with it. */
export function extendLease(
  response: EventResponse,
  kind: Action,
  attempt: number,
  seconds: number,
  now: Date,
): EventResponse | undefined {
  const action = claimedAs(response, kind, attempt);
  return action && withAction(response, { ...action, leasedUntil: after(now, seconds) }, now);
}

/** Records that the command of an action was queued, and within how many seconds its result is due. */
export function markSent(
  response: EventResponse,
  kind: Action,
  attempt: number,
  commandId: string,
  seconds: number,
  now: Date,
): EventResponse | undefined {
  const action = claimedAs(response, kind, attempt);
  if (!action) return undefined;
  const { attempts } = action;
  const sentAt = now.toISOString();
  const sent: ResponseAction = {
    kind,
    state: 'sent',
    attempts,
    commandId,
    sentAt,
    resultDueAt: after(now, seconds),
  };
  return withAction(response, sent, now);
}

/** Finishes an action; undefined when it is finished already. */
export function finish(
  response: EventResponse,
  kind: Action,
  outcome: FinalOutcome,
  now: Date,
): EventResponse | undefined {
  const action = actionOf(response, kind);
  if (!action || isFinished(action)) return undefined;
  const { attempts, sentAt } = action;
  return withAction(response, { kind, attempts, sentAt, ...outcome, finishedAt: now.toISOString() }, now);
}

/** The actions to send again, and the response with the instant at which the sweep looks again. */
export function resend(response: EventResponse, now: Date): { response: EventResponse; kinds: Action[] } {
  const kinds = response.actions
    .filter((action) => !isFinished(action) && secondsUntil(waitsUntil(action), now) <= 0)
    .map(({ kind }) => kind);
  const dueAt = after(now, RESENT_MESSAGE_SECONDS);
  return { kinds, response: { ...response, dueAt } };
}

/** When the sweep looks first at a response whose messages were sent now. */
export function firstDueAt(now: Date): string {
  return after(now, LOST_MESSAGE_SECONDS);
}

/** Pending actions whose time has come, in order. */
export function waitingActions({ actions }: EventResponse, now: Date): Action[] {
  return actions
    .filter((action) => action.state === 'pending' && secondsUntil(action.notBefore, now) <= 0)
    .map(({ kind }) => kind);
}

/** The action of a kind, if the response has one. */
export function actionOf(response: EventResponse, kind: Action): ResponseAction | undefined {
  return response.actions.find((action) => action.kind === kind);
}

/** What every state of an action has. */
function factsOf(action: ResponseAction) {
  const { kind, attempts, reason, reasonCode, hasWaited, remaining, refused, sentAt, commandId } = action;
  return { kind, attempts, reason, reasonCode, hasWaited, remaining, refused, sentAt, commandId };
}

/** Nothing is left to do for it here. */
function isDelivered(action: ResponseAction): boolean {
  return action.state === 'sent' || isFinished(action);
}

/** The claim still stands: no other worker has taken the action over. */
function claimedAs(response: EventResponse, kind: Action, attempt: number): ClaimedAction | undefined {
  const action = actionOf(response, kind);
  return action?.state === 'claimed' && action.attempts === attempt ? action : undefined;
}

/**
 * Commands to a session reach it in their order: a log-off must not overtake the recording's start. A mail blocks
 * nothing, and an operation with a notice has a delay of its own.
 */
function isBlocked(response: EventResponse, kind: Action): boolean {
  if (kind === 'sendEmail') return false;
  const position = response.actions.findIndex((action) => action.kind === kind);
  return response.actions
    .slice(0, position)
    .some(
      (earlier) =>
        earlier.kind !== 'sendEmail' &&
        !isDelivered(earlier) &&
        (earlier.kind === 'startScreenRecording' || response.operationDelaySeconds === 0),
    );
}

function withAction(response: EventResponse, changed: ResponseAction, now: Date): EventResponse {
  const actions = response.actions.map((action) => (action.kind === changed.kind ? changed : action));
  const due = actions
    .filter((action) => !isFinished(action))
    .map((action) => later(waitsUntil(action), after(now, LOST_MESSAGE_SECONDS)));
  return { ...response, actions, searchedBy: searchTerms(actions), dueAt: due.sort()[0] };
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

/** Negative or 0 once the instant has come; 0 for none. */
function secondsUntil(instant: string | undefined, now: Date): number {
  return instant === undefined || instant === '' ? 0 : (Date.parse(instant) - now.getTime()) / 1000;
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
