/** Writes the steps of actions: each reads anew, decides and replaces by ETag, so that one worker wins. */
import { randomUUID } from 'node:crypto';
import { countActivity } from '../../shared/activity/report-activity';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import type { Action } from '../policies/engine';
import { type ActionRef, loggedAction, responsesOf } from './action-queue';
import { actionOf, claim, type Claim, finish } from './action-state';
import { type EventResponse, eventResponseType, isFinished } from './event-response';
import type { FinalOutcome } from './outcome';

type Storing = Pick<Services, 'database' | 'clock'>;

/** The response, or undefined when it is gone (they are kept for 90 days). */
export async function readResponse(services: Storing, ref: ActionRef): Promise<EventResponse | undefined> {
  return responsesOf(services, ref).read(eventResponseType, ref.eventId);
}

/** What the caller may do with the action; a claim is stored. */
export async function claimAction(services: Storing, ref: ActionRef): Promise<Claim> {
  const partition = responsesOf(services, ref);
  const claimId = randomUUID();
  return retryConflicts(async () => {
    const response = await partition.read(eventResponseType, ref.eventId);
    if (!response) return { can: 'nothing' };
    const step = claim(response, ref.action, services.clock.now(), claimId);
    if (step.can !== 'begin') return step;
    try {
      await partition.replace(eventResponseType, { ...step.response, etag: response.etag });
    } catch (error) {
      // Where only the answer was lost the claim stands, and no other worker would begin the action before its lease ends.
      const stored = await readResponse(services, ref);
      if (!stored || !isClaimedBy(stored, ref.action, claimId)) throw error;
    }
    return step;
  });
}

/** Stores the step that `next` takes, unless it takes none. Returns the response as stored. */
export async function stepAction(
  services: Storing,
  ref: ActionRef,
  next: (response: EventResponse, now: Date) => EventResponse | undefined,
): Promise<EventResponse | undefined> {
  const partition = responsesOf(services, ref);
  return retryConflicts(async () => {
    const response = await partition.read(eventResponseType, ref.eventId);
    const stepped = response && next(response, services.clock.now());
    return stepped && partition.replace(eventResponseType, { ...stepped, etag: response.etag });
  });
}

/** Finishes an action, and records a failure in log and activity feed. A repeat changes nothing. */
export async function finishAction(
  services: Storing,
  ref: ActionRef,
  outcome: FinalOutcome,
  log: Log,
): Promise<void> {
  const ended = await stepAction(services, ref, (known, now) => finish(known, ref.action, outcome, now));
  if (ended && outcome.state === 'failed')
    log.warn('action.given-up', { ...loggedAction(ref), reasonCode: outcome.reasonCode });
  const response = ended ?? (await readResponse(services, ref));
  await recordFailureInFeed(services, ref, response);
}

/**
 * Counts an action that failed, or was skipped for a missing setting, in the activity feed: one event per site, action,
 * reason and hour. A repeat changes nothing.
 */
export async function recordFailureInFeed(
  services: Storing,
  ref: ActionRef,
  response: EventResponse | undefined,
): Promise<void> {
  const action = response && actionOf(response, ref.action);
  if (!response || !action || !isFinished(action)) return;
  const { kind, state, reason = 'unknown reason', reasonCode, finishedAt } = action;
  const isNotConfigured = state === 'skipped' && reasonCode === 'mailNotConfigured';
  if (state !== 'failed' && !isNotConfigured) return;
  const { eventType: type, ruleName, ruleId, sessionId, serverId } = response;
  const happened = isNotConfigured ? 'was skipped' : 'has failed';
  const advice = isNotConfigured ? ': name an SMTP server in the settings of the site' : '';
  await countActivity(services, ref.customerId, {
    at: new Date(finishedAt),
    occurrence: occurrenceOf(ref),
    countedBy: [kind, reason],
    kind: `response.${state}`,
    severity: 'warning',
    message: `${LABELS[kind]} ${happened}: ${reason}${advice}.`,
    siteId: ref.siteId,
    serverId,
    sessionId,
    details: { eventId: ref.eventId, eventType: type, action: kind, ruleId, ruleName },
  });
}

/** Names the end of an action among the occurrences that the activity feed counts. */
export function occurrenceOf({ eventId, action }: Pick<ActionRef, 'eventId' | 'action'>): string {
  return `${eventId} ${action}`;
}

function isClaimedBy(response: EventResponse, kind: Action, claimId: string): boolean {
  const action = actionOf(response, kind);
  return action?.state === 'claimed' && action.claimId === claimId;
}

const LABELS: Record<Action, string> = {
  startScreenRecording: 'Starting the screen recording',
  sendEmail: 'Sending an alert mail',
  lockSession: 'Locking the session',
  disconnectSession: 'Disconnecting the session',
  logOffSession: 'Logging off the session',
};
