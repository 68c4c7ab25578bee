/** How an action of a response goes from pending to its end, whoever is killed in between. Pure. */
import type { Action } from '../policies/engine';
import { type EventResponse, type FinalState, type ResponseAction, searchedBy } from './event-response';
import type { Progress } from './outcome';

/** Longer than any action takes: pacing, connecting and sending a mail are bounded below it. */
const LEASE_SECONDS = 120;
/** A message that has not led to anything by then is taken for lost. */
const LOST_MESSAGE_SECONDS = 60;
/** A queue that is behind must not get the same messages again each minute. */
const RESENT_MESSAGE_SECONDS = 300;
/** Commands that go first are queued within milliseconds. */
const BLOCKED_SECONDS = 1;
/** Pauses after each attempt that failed; together about as long as mail servers put off strangers. */
const RETRY_DELAYS_SECONDS = [10, 30, 90, 270] as const;

/** After so many attempts an action has failed. */
export const MAX_ATTEMPTS = RETRY_DELAYS_SECONDS.length + 1;

/** What one may do with an action now. */
export type Claim =
  | { can: 'begin'; response: EventResponse; attempt: number }
  /** It waits for another action, or for its time. */
  | { can: 'wait'; seconds: number }
  /** Somebody else is at it; if they die, the sweep comes back to it. */
  | { can: 'leave' }
  | { can: 'giveUp' }
  /** What became of its command was not told in time: look. */
  | { can: 'conclude'; response: EventResponse }
  /** It has ended, or there is no such action. */
  | { can: 'nothing' };

/** Begins an action that waits, or one whose worker was lost. `claimId` tells this claim from every other. */
export function claim(response: EventResponse, kind: Action, now: Date, claimId: string): Claim {
  const action = actionOf(response, kind);
  if (!action || isFinal(action)) return { can: 'nothing' };
  const seconds = action.until === undefined ? 0 : (Date.parse(action.until) - now.getTime()) / 1000;
  if (seconds > 0) return action.state === 'pending' ? { can: 'wait', seconds } : { can: 'leave' };
  if (action.state === 'sent') return { can: 'conclude', response };
  if (action.attempts >= MAX_ATTEMPTS) return { can: 'giveUp' };
  if (isBlocked(response, kind)) return { can: 'wait', seconds: BLOCKED_SECONDS };
  const attempt = action.attempts + 1;
  const claimed: ResponseAction = {
    ...action,
    state: 'claimed',
    claimId,
    attempts: attempt,
    until: after(now, LEASE_SECONDS),
  };
  return { can: 'begin', attempt, response: withAction(response, claimed, now) };
}

/** Puts an action off whose attempt failed, without a delay when that was the last one; undefined when others are at it. */
export function retryLater(
  response: EventResponse,
  kind: Action,
  attempt: number,
  reason: string,
  now: Date,
  progress: Progress = {},
): { response: EventResponse; delaySeconds: number | undefined } | undefined {
  const action = claimedAs(response, kind, attempt);
  const delaySeconds = RETRY_DELAYS_SECONDS[attempt - 1];
  if (!action) return undefined;
  const pending: ResponseAction = {
    ...action,
    ...progress,
    state: 'pending',
    until: delaySeconds === undefined ? undefined : after(now, delaySeconds),
    reason,
  };
  return { response: withAction(response, pending, now), delaySeconds };
}

/** Gives an action back that was claimed but not begun: the attempt does not count. */
export function putOff(
  response: EventResponse,
  kind: Action,
  attempt: number,
  delaySeconds: number,
  now: Date,
): EventResponse | undefined {
  const action = claimedAs(response, kind, attempt);
  return (
    action &&
    withAction(
      response,
      {
        ...action,
        state: 'pending',
        attempts: attempt - 1,
        until: after(now, delaySeconds),
        hasWaited: true,
      },
      now,
    )
  );
}

/** Keeps a claim for as long as an orchestration needs for the rest. */
export function keepClaim(
  response: EventResponse,
  kind: Action,
  attempt: number,
  seconds: number,
  now: Date,
): EventResponse | undefined {
  const action = claimedAs(response, kind, attempt);
  return action && withAction(response, { ...action, until: after(now, seconds) }, now);
}

/** Notes that the command of an action was queued, and by when it must have come to an end. */
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
  return withAction(
    response,
    { kind, state: 'sent', attempts, commandId, sentAt, until: after(now, seconds) },
    now,
  );
}

/** Ends an action; undefined when it has ended already. */
export function finish(
  response: EventResponse,
  kind: Action,
  end: { state: FinalState; reason?: string | undefined; commandId?: string | undefined },
  now: Date,
): EventResponse | undefined {
  const action = actionOf(response, kind);
  if (!action || isFinal(action)) return undefined;
  const { attempts, sentAt } = action;
  return withAction(response, { kind, attempts, sentAt, ...end, finishedAt: now.toISOString() }, now);
}

/** The actions to send again, and the response with the time at which to look again. */
export function resend(response: EventResponse, now: Date): { response: EventResponse; kinds: Action[] } {
  const kinds = response.actions
    .filter((action) => !isFinal(action) && (action.until ?? '') <= now.toISOString())
    .map(({ kind }) => kind);
  const dueAt = after(now, RESENT_MESSAGE_SECONDS);
  return { kinds, response: { ...response, dueAt } };
}

/** When to look after a response whose messages were sent now. */
export function firstDueAt(now: Date): string {
  return after(now, LOST_MESSAGE_SECONDS);
}

/** Pending actions whose time has come, in order. */
export function waitingActions({ actions }: EventResponse, now: Date): Action[] {
  return actions
    .filter(({ state, until }) => state === 'pending' && (until ?? '') <= now.toISOString())
    .map(({ kind }) => kind);
}

/** The action of a kind, if the response has one. */
export function actionOf(response: EventResponse, kind: Action): ResponseAction | undefined {
  return response.actions.find((action) => action.kind === kind);
}

function isFinal({ state }: ResponseAction): boolean {
  return state === 'done' || state === 'skipped' || state === 'failed';
}

/** Nothing is left to be done for it here. */
function isOutOfHand(action: ResponseAction): boolean {
  return action.state === 'sent' || isFinal(action);
}

/** The attempt still stands: nobody has taken the action over. */
function claimedAs(response: EventResponse, kind: Action, attempt: number): ResponseAction | undefined {
  const action = actionOf(response, kind);
  return action?.state === 'claimed' && action.attempts === attempt ? action : undefined;
}

/**
 * Commands to a session reach it in their order: a log-off must not overtake the recording's start. A mail holds nothing
 * up, and an operation with a notice runs on a clock of its own.
 */
function isBlocked(response: EventResponse, kind: Action): boolean {
  if (kind === 'sendEmail') return false;
  const position = response.actions.findIndex((action) => action.kind === kind);
  return response.actions
    .slice(0, position)
    .some(
      (earlier) =>
        earlier.kind !== 'sendEmail' &&
        !isOutOfHand(earlier) &&
        (earlier.kind === 'startScreenRecording' || response.operationDelaySeconds === 0),
    );
}

function withAction(response: EventResponse, changed: ResponseAction, now: Date): EventResponse {
  const actions = response.actions.map((action) => (action.kind === changed.kind ? changed : action));
  const due = actions
    .filter((action) => !isFinal(action))
    .map(({ until }) => later(until, after(now, LOST_MESSAGE_SECONDS)));
  return { ...response, actions, searchedBy: searchedBy(actions), dueAt: due.sort()[0] };
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
