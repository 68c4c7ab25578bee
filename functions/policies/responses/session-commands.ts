/** Actions that the recording server of the session carries out: each is one command under a fixed id. */
import { derivedId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import type { Session } from '../../recordings';
import { type CommandKind, queueCommand } from '../../servers';
import type { Action } from '../engine/event-types';
import type { EventResponse } from './event-response';
import type { Outcome } from './outcome';

export type SessionOperation = Extract<Action, 'lockSession' | 'disconnectSession' | 'logOffSession'>;

/** A command that a server has not fetched by then would hit the user out of the blue. */
export const COMMAND_LIFETIME_SECONDS = 300;
/** The external event with which an orchestration learns what became of its command. */
export const COMMAND_RESULT = 'commandResult';

const SESSION_ENDED = 'the session has ended';

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
    parameters: { message: `Your session will be ${NOTICES[operation]} in ${seconds} seconds.`, seconds },
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
    ...(instanceId === undefined ? {} : { replyTo: { instanceId, eventName: COMMAND_RESULT } }),
  });
  return { state: 'done', commandId };
}

function after({ clock }: Commanding, seconds: number): Date {
  return new Date(clock.now().getTime() + seconds * 1000);
}
