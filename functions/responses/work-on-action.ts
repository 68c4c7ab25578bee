/** Carries out one action of one response: claim, act under a fixed key, record. A crash in between repeats it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { MailNotSent } from '../../shared/mail/smtp';
import { findSession } from '../sessions';
import { actionPoisonQueue, actionQueue, type ActionRef, loggedAction } from './action-queue';
import { actionOf, defer, extendLease, markSent, MAX_ATTEMPTS, retryLater } from './action-state';
import { claimAction, finishAction, readResponse, recordFailureInFeed, stepAction } from './action-store';
import type { EventResponse } from './event-response';
import type { Outcome, Progress } from './outcome';
import type { Reason } from './reason';
import { sendAlert } from './send-alert';
import {
  COMMAND_LIFETIME_SECONDS,
  lookUpOutcome,
  operateSession,
  RESULT_SECONDS,
  startScreenRecording,
  whyNotLive,
  whyTooOld,
} from './session-commands';

export type Working = Pick<Services, 'config' | 'clock' | 'database' | 'queues' | 'secrets'>;

/** Starts the orchestration that carries out an operation after its notice; a running one is left alone. */
export type StartDelayedOperation = (ref: ActionRef) => Promise<void>;

/** Beyond the notice and the command's life: what an orchestration may take for its own steps. */
const ORCHESTRATION_SECONDS = 600;

/** Together well below the lease of a claim. */
const RECORD_PAUSES_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 16] as const;

/** @throws when not even the failure can be recorded: the queue then brings the message again */
export async function workOnAction(
  services: Working,
  ref: ActionRef,
  startDelayed: StartDelayedOperation,
  log: Log,
): Promise<void> {
  const step = await claimAction(services, ref);
  switch (step.can) {
    case 'leave':
      return;
    case 'wait':
      return services.queues.send(actionQueue(ref), ref, Math.ceil(step.seconds));
    case 'giveUp':
      return services.queues.send(actionPoisonQueue(ref), ref);
    case 'conclude':
      return finishAction(services, ref, await lookUpOutcome(services, ref, step.response), log);
    case 'nothing':
      return recordFailureInFeed(services, ref, await readResponse(services, ref));
    case 'begin':
      return attempt(services, ref, step.response, step.attempt, startDelayed, log);
  }
}

async function attempt(
  services: Working,
  ref: ActionRef,
  response: EventResponse,
  number: number,
  startDelayed: StartDelayedOperation,
  log: Log,
): Promise<void> {
  let outcome: Outcome;
  try {
    outcome = await act(services, ref, response, startDelayed);
  } catch (error) {
    log.error('action.failed', error, { ...loggedAction(ref), attempt: number });
    return retry(services, ref, number, reasonOf(error));
  }
  switch (outcome.state) {
    case 'delegated': {
      const { seconds } = outcome;
      await stepAction(services, ref, (known, now) => extendLease(known, ref.action, number, seconds, now));
      return;
    }
    case 'sent': {
      const { commandId } = outcome;
      await stepAction(services, ref, (known, now) =>
        markSent(known, ref.action, number, commandId, RESULT_SECONDS, now),
      );
      return;
    }
    case 'deferred': {
      const { delaySeconds } = outcome;
      await stepAction(services, ref, (known, now) => defer(known, ref.action, number, delaySeconds, now));
      return services.queues.send(actionQueue(ref), ref, delaySeconds);
    }
    case 'partial': {
      const { progress } = outcome;
      const reason = outcome;
      return untilRecorded(ref, log, () => retry(services, ref, number, reason, progress));
    }
    default: {
      const final = outcome;
      return untilRecorded(ref, log, () => finishAction(services, ref, final, log));
    }
  }
}

/** The outcome must be recorded before the lease ends, or the action would be repeated: a mail sent twice. */
async function untilRecorded(ref: ActionRef, log: Log, record: () => Promise<void>): Promise<void> {
  for (const pauseSeconds of RECORD_PAUSES_SECONDS) {
    try {
      return await record();
    } catch (error) {
      log.error('action.not-recorded', error, loggedAction(ref));
      await sleep(pauseSeconds * 1000);
    }
  }
  return record();
}

async function act(
  services: Working,
  ref: ActionRef,
  response: EventResponse,
  startDelayed: StartDelayedOperation,
): Promise<Outcome> {
  const { customerId, action } = ref;
  const session = await findSession(services, customerId, response.sessionId);
  if (session && action === 'sendEmail') return sendAlert(services, customerId, response, session);
  const reason = whyNotLive(session);
  if (!session || action === 'sendEmail' || reason) return { state: 'skipped', ...reason };
  const target = { customerId, response, session };
  if (action === 'startScreenRecording') return startScreenRecording(services, target);
  const tooOld = whyTooOld(session);
  if (tooOld) return { state: 'skipped', ...tooOld };
  if (response.operationDelaySeconds === 0) return operateSession(services, target, action);
  await startDelayed(ref);
  return {
    state: 'delegated',
    seconds: response.operationDelaySeconds + COMMAND_LIFETIME_SECONDS + ORCHESTRATION_SECONDS,
  };
}

async function retry(
  services: Working,
  ref: ActionRef,
  number: number,
  reason: Reason,
  progress?: Progress,
): Promise<void> {
  let delaySeconds: number | undefined;
  const stored = await stepAction(services, ref, (known, now) => {
    const later = retryLater(known, ref.action, number, reason, now, progress);
    delaySeconds = later?.delaySeconds;
    return later?.response;
  });
  if (!stored) return;
  if (delaySeconds === undefined) await services.queues.send(actionPoisonQueue(ref), ref);
  else await services.queues.send(actionQueue(ref), ref, delaySeconds);
}

/** What administrators may read of an error. */
function reasonOf(error: unknown): Reason {
  return error instanceof MailNotSent
    ? { reasonCode: 'mailNotSent', reason: error.reason }
    : {
        reasonCode: 'internalError',
        reason: 'an error within the service: search its log for the id of the event',
      };
}

/**
 * Ends an action that came to the poison queue. One that has attempts left came there because something else was down:
 * the sweep takes it up again.
 */
export async function giveUpAction(services: Working, ref: ActionRef, log: Log): Promise<void> {
  const response = await readResponse(services, ref);
  const action = response && actionOf(response, ref.action);
  if (!action || action.attempts < MAX_ATTEMPTS) return;
  const { reasonCode = 'internalError', reason = 'the service stopped during each attempt: see its log' } =
    action;
  await finishAction(services, ref, { state: 'failed', reasonCode, reason }, log);
}
