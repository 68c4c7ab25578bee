/** Actions that the recording server of the session carries out: each is one command under a fixed id. */
import { missingFeature } from '../../shared/feature-gate';
import { derivedId } from '../../shared/ids';
import { FEATURES } from '../../shared/pure/versions';
import type { Services } from '../../shared/services';
import type { Session } from '../sessions';
import { type CommandContent, type CommandOutcome, findCommandEnd, queueCommand } from '../servers';
import type { Action } from '../policies/engine';
import { type ActionRef, actionRefOf } from './action-queue';
import type { EventResponse } from './event-response';
import type { FinalOutcome, Outcome } from './outcome';
import type { Reason } from './reason';

export const SESSION_OPERATIONS = [
  'lockSession',
  'disconnectSession',
  'logOffSession',
] as const satisfies readonly Action[];
export type SessionOperation = (typeof SESSION_OPERATIONS)[number];

/** Whether an action affects the user of the session, who may get a notice beforehand. */
export function isSessionOperation(action: Action): action is SessionOperation {
  return SESSION_OPERATIONS.some((operation) => operation === action);
}

/** A command that a server fetches later would surprise the user long after the event. */
export const COMMAND_LIFETIME_SECONDS = 300;
/** The sweep of commands reports an expiry within a minute, after the lease of the last delivery; no result comes later. */
export const RESULT_SECONDS = COMMAND_LIFETIME_SECONDS + 180;
/** The purpose of the commands of actions. */
export const RESPONSE_COMMANDS = 'response';
/** The external event that brings an orchestration the result of its command. */
export const COMMAND_RESULT = 'commandResult';

const FAILURES: Record<Exclude<CommandOutcome, 'succeeded'>, Reason> = {
  failed: {
    reasonCode: 'serverFailed',
    reason: 'the recording server could not do it and gave no reason: see the log of its cloud client',
  },
  expired: {
    reasonCode: 'serverSilent',
    reason: 'the recording server did not answer in time: check that the server is online',
  },
};

const NOTICES: Record<SessionOperation, string> = {
  lockSession: 'locked',
  disconnectSession: 'disconnected',
  logOffSession: 'logged off',
};

type Commanding = Pick<Services, 'database' | 'clock'>;

interface Target {
  customerId: string;
  response: EventResponse;
  session: Session;
}

/** Why no operation on the session is possible any more, or undefined while it is live. */
export function whyNotLive(session: Session | undefined): Reason | undefined {
  if (!session) return { reasonCode: 'sessionNotFound', reason: 'the session was not found' };
  if (session.state === 'ended') return { reasonCode: 'sessionEnded', reason: 'the session has ended' };
  return undefined;
}

/** Why the server of the session cannot operate on it, or undefined when it can, or its version is not known (SRV-6). */
export function whyTooOld({ serverVersion }: Session): Reason | undefined {
  const missing = missingFeature('sessionOperations', { server: serverVersion });
  return (
    missing && {
      reasonCode: 'serverTooOld',
      reason: `${FEATURES.sessionOperations.label} needs version ${missing.needed}, and the recording server has ${missing.found}: upgrade it`,
    }
  );
}

/** Starts the recording of a session's screen, which so far has only its events recorded. */
export async function startScreenRecording(services: Commanding, target: Target): Promise<Outcome> {
  const { record } = target.session.decision;
  if (record !== 'eventsOnly') {
    return record === 'full'
      ? { state: 'skipped', reasonCode: 'alreadyRecorded', reason: 'its screen is recorded already' }
      : { state: 'skipped', reasonCode: 'sessionNotRecorded', reason: 'the session is not recorded' };
  }
  const { minutesAfter, secondsBefore, lossy } = target.response.recordingOptions;
  const parameters = { minutesAfter, secondsBefore, lossy };
  return command(services, target, { kind: 'startScreenRecording', parameters });
}

/** Locks, disconnects or logs off the session at once. `instanceId`: the orchestration that waits for the result. */
export async function operateSession(
  services: Commanding,
  target: Target,
  operation: SessionOperation,
  instanceId?: string,
): Promise<Outcome> {
  return command(services, target, { kind: operation, parameters: {} }, instanceId);
}

/** The outcome of an action whose command has finished. */
export function outcomeOfCommand({
  commandId,
  status,
  reason,
}: {
  commandId: string;
  status: CommandOutcome;
  reason?: string | undefined;
}): FinalOutcome {
  if (status === 'succeeded') return { state: 'done', commandId };
  const failure = FAILURES[status];
  return { ...failure, ...(reason === undefined ? {} : { reason }), state: 'failed', commandId };
}

/** The outcome of an action whose command result is overdue: what the command says now, else expired. */
export async function lookUpOutcome(
  services: Commanding,
  { customerId, action }: Pick<ActionRef, 'customerId' | 'action'>,
  response: EventResponse,
): Promise<FinalOutcome> {
  const commandId = commandIdOf(response, action);
  const end = await findCommandEnd(services, customerId, response.serverId, commandId);
  return outcomeOfCommand({ commandId, ...(end ?? { status: 'expired' }) });
}

/** Notifies the user of what will happen to the session, and when. */
export async function announceOperation(
  services: Commanding,
  { customerId, response, session }: Target,
  operation: SessionOperation,
): Promise<void> {
  const seconds = response.operationDelaySeconds;
  await queueCommand(services, {
    id: derivedId(response.id, response.ruleId, operation, 'notice'),
    customerId,
    serverId: session.serverId,
    kind: 'notifyUser',
    sessionId: session.id,
    parameters: {
      message: `Your session will be ${NOTICES[operation]} in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
      seconds,
    },
    expiresAt: after(services, seconds),
  });
}

/** The same for every attempt: the server carries out an id once. */
export function commandIdOf(response: EventResponse, action: Action): string {
  return derivedId(response.id, response.ruleId, action);
}

async function command(
  services: Commanding,
  { customerId, response, session }: Target,
  content: Extract<CommandContent, { kind: Action }>,
  instanceId?: string,
): Promise<Outcome> {
  const commandId = commandIdOf(response, content.kind);
  await queueCommand(services, {
    id: commandId,
    customerId,
    serverId: session.serverId,
    ...content,
    sessionId: session.id,
    expiresAt: after(services, COMMAND_LIFETIME_SECONDS),
    purpose: RESPONSE_COMMANDS,
    replyTo:
      instanceId === undefined
        ? await actionRefOf(services, customerId, response, content.kind)
        : { instanceId, eventName: COMMAND_RESULT },
  });
  return { state: 'sent', commandId };
}

function after({ clock }: Commanding, seconds: number): Date {
  return new Date(clock.now().getTime() + seconds * 1000);
}
