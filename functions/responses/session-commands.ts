/** Actions that the recording server of the session carries out: each is one command under a fixed id. */
import { derivedId } from '../../shared/ids';
import type { Services } from '../../shared/services';
import type { Session } from '../sessions';
import { type CommandKind, type CommandOutcome, findCommandEnd, queueCommand } from '../servers';
import type { Action } from '../policies/engine';
import { type ActionRef, actionRefOf } from './action-queue';
import type { EventResponse, FinalState } from './event-response';
import type { Outcome } from './outcome';

export const SESSION_OPERATIONS = [
  'lockSession',
  'disconnectSession',
  'logOffSession',
] as const satisfies readonly Action[];
export type SessionOperation = (typeof SESSION_OPERATIONS)[number];

/** Whether an action is done to the session, so that its user may be told beforehand. */
export function isSessionOperation(action: Action): action is SessionOperation {
  return SESSION_OPERATIONS.some((operation) => operation === action);
}

/** A command that a server has not fetched by then would hit the user out of the blue. */
export const COMMAND_LIFETIME_SECONDS = 300;
/** The sweep of commands tells of an expiry within a minute, after the lease of the last delivery; then nobody else would. */
export const RESULT_SECONDS = COMMAND_LIFETIME_SECONDS + 180;
/** The external event with which an orchestration learns what became of its command. */
export const COMMAND_RESULT = 'commandResult';

const SESSION_ENDED = 'the session has ended';

const NO_REASON: Record<Exclude<CommandOutcome, 'succeeded'>, string> = {
  failed: 'the recording server could not do it, and did not say why: see the log of its cloud client',
  expired: 'the recording server did not answer in time: see whether the server is online',
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

/** Why nothing can be done to a session any more, or undefined while it lives. */
export function whyTooLate(session: Session | undefined): string | undefined {
  if (!session) return 'the session is gone';
  return session.state === 'ended' ? SESSION_ENDED : undefined;
}

/** Starts the recording of a session's screen, which so far has only its events recorded. */
export async function startScreenRecording(services: Commanding, target: Target): Promise<Outcome> {
  const { record } = target.session.decision;
  if (record !== 'eventsOnly') {
    const reason = record === 'full' ? 'its screen is recorded already' : 'the session is not recorded';
    return { state: 'skipped', reason };
  }
  const { minutesAfter, secondsBefore, lossy } = target.response.recordingOptions;
  return command(services, target, 'startScreenRecording', { minutesAfter, secondsBefore, lossy });
}

/** Locks, disconnects or logs off the session at once. `instanceId`: the orchestration that waits for the result. */
export async function operateSession(
  services: Commanding,
  target: Target,
  operation: SessionOperation,
  instanceId?: string,
): Promise<Outcome> {
  return command(services, target, operation, {}, instanceId);
}

/** How an action ended whose command came to an end. */
export function endOf({
  commandId,
  status,
  reason,
}: {
  commandId: string;
  status: CommandOutcome;
  reason?: string | undefined;
}): { state: FinalState; commandId: string; reason?: string } {
  if (status === 'succeeded') return { state: 'done', commandId };
  return { state: 'failed', commandId, reason: reason ?? NO_REASON[status] };
}

/** How an action ended of whose command nobody told what became of it. */
export async function lookUpEnd(
  services: Commanding,
  { customerId, action }: Pick<ActionRef, 'customerId' | 'action'>,
  response: EventResponse,
): Promise<ReturnType<typeof endOf>> {
  const commandId = commandIdOf(response, action);
  const end = await findCommandEnd(services, customerId, response.serverId, commandId);
  return endOf({ commandId, ...(end ?? { status: 'expired' }) });
}

/** Tells the user what will happen to the session, and when. */
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
  kind: Extract<Action, CommandKind>,
  parameters: Record<string, unknown>,
  instanceId?: string,
): Promise<Outcome> {
  const commandId = commandIdOf(response, kind);
  await queueCommand(services, {
    id: commandId,
    customerId,
    serverId: session.serverId,
    kind,
    sessionId: session.id,
    parameters,
    expiresAt: after(services, COMMAND_LIFETIME_SECONDS),
    replyTo:
      instanceId === undefined
        ? await actionRefOf(services, customerId, response, kind)
        : { instanceId, eventName: COMMAND_RESULT },
  });
  return { state: 'sent', commandId };
}

function after({ clock }: Commanding, seconds: number): Date {
  return new Date(clock.now().getTime() + seconds * 1000);
}
