/** The orchestration of a session operation with a notice to the user. It holds ids only. */
import type { OrchestrationContext } from 'durable-functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { type OrchestrationStarter, startOrchestration } from '../../shared/functions/start-orchestration';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { findSession } from '../sessions';
import type { CommandOutcome } from '../servers';
import { actionRef, type ActionRef } from './action-queue';
import { finishAction, readResponse } from './action-store';
import type { EventResponse } from './event-response';
import {
  announceOperation,
  COMMAND_RESULT,
  commandIdOf,
  lookUpOutcome,
  operateSession,
  outcomeOfCommand,
  RESULT_SECONDS,
  SESSION_OPERATIONS,
  type SessionOperation,
  isSessionOperation,
  whyNotLive,
} from './session-commands';

export const DELAYED_OPERATION = 'delayedSessionOperation';
const ANNOUNCE = 'announceSessionOperation';
const CARRY_OUT = 'carryOutSessionOperation';
const RECORD = 'recordSessionOperation';

const operationRef = actionRef.extend({
  action: z.enum(SESSION_OPERATIONS),
});
const result = z.object({
  status: z.enum(['succeeded', 'failed', 'expired'] satisfies CommandOutcome[]),
  reason: z.string().optional(),
});
type OperationRef = z.output<typeof operationRef>;
type Result = z.output<typeof result>;

type Operating = Pick<Services, 'database' | 'clock'>;

/** Notice, delay, command, result. */
export function* delayedOperation(context: OrchestrationContext): Generator<df.Task, void, unknown> {
  const ref = operationRef.parse(context.df.getInput());
  const retries = new df.RetryOptions(5_000, 5);
  retries.backoffCoefficient = 2;

  const { delaySeconds } = (yield context.df.callActivityWithRetry(ANNOUNCE, retries, ref)) as {
    delaySeconds: number | null;
  };
  if (delaySeconds === null) return;
  yield context.df.createTimer(later(context, delaySeconds));

  const { queued } = (yield context.df.callActivityWithRetry(CARRY_OUT, retries, ref)) as { queued: boolean };
  if (!queued) return;
  const answer = context.df.waitForExternalEvent(COMMAND_RESULT);
  const timeout = context.df.createTimer(later(context, RESULT_SECONDS));
  const first = yield context.df.Task.any([answer, timeout]);
  if (first === answer) timeout.cancel();
  const commandResult = first === answer ? result.safeParse(answer.result).data : undefined;
  yield context.df.callActivityWithRetry(RECORD, retries, { ref, result: commandResult ?? null });
}

/** The activities of the orchestration. */
export const delayedOperationSteps = {
  announce: { name: ANNOUNCE, input: operationRef, handler: announce },
  carryOut: { name: CARRY_OUT, input: operationRef, handler: carryOut },
  record: {
    name: RECORD,
    input: z.object({ ref: operationRef, result: result.nullable() }),
    handler: record,
  },
} as const;

/** Starts the orchestration of an operation under the id of its command; one that runs already is left alone. */
export async function startDelayedOperation(
  client: OrchestrationStarter,
  services: Operating,
  ref: ActionRef,
): Promise<void> {
  const response = await readResponse(services, ref);
  if (!response) return;
  const instanceId = commandIdOf(response, ref.action);
  await startOrchestration(client, DELAYED_OPERATION, instanceId, ref);
}

/** Notifies the user; null when the session is no longer live. */
async function announce(
  services: Operating,
  ref: OperationRef,
  log: Log,
): Promise<{ delaySeconds: number | null }> {
  const target = await findTarget(services, ref, log);
  if (!target) return { delaySeconds: null };
  await announceOperation(services, target, ref.action);
  return { delaySeconds: target.response.operationDelaySeconds };
}

/** Earlier operations are sent first, in case their orchestrations are behind: their command ids are the same. */
async function carryOut(services: Operating, ref: OperationRef, log: Log): Promise<{ queued: boolean }> {
  const target = await findTarget(services, ref, log);
  if (!target) return { queued: false };
  for (const operation of operationsUpTo(target.response, ref.action))
    await operateSession(services, target, operation, commandIdOf(target.response, operation));
  return { queued: true };
}

/** The operation, behind those of its response that come before it and have not ended, in their order. */
function operationsUpTo({ actions }: EventResponse, last: SessionOperation): SessionOperation[] {
  const before = actions.slice(
    0,
    actions.findIndex(({ kind }) => kind === last),
  );
  const open = before.filter(({ state }) => state === 'pending' || state === 'claimed');
  return [...open.map(({ kind }) => kind).filter(isSessionOperation), last];
}

/** Without a result the command is looked up: the result may have been lost. */
async function record(
  services: Operating,
  { ref, result: commandResult }: { ref: OperationRef; result: Result | null },
  log: Log,
): Promise<void> {
  const response = await readResponse(services, ref);
  if (!response) return;
  const outcome = commandResult
    ? outcomeOfCommand({ commandId: commandIdOf(response, ref.action), ...commandResult })
    : await lookUpOutcome(services, ref, response);
  await finishAction(services, ref, outcome, log);
}

/** Response and session of the operation; undefined, and the action skipped, when the session is no longer live. */
async function findTarget(services: Operating, ref: OperationRef, log: Log) {
  const response = await readResponse(services, ref);
  if (!response) return undefined;
  const session = await findSession(services, ref.customerId, response.sessionId);
  const reason = whyNotLive(session);
  if (session && !reason) return { customerId: ref.customerId, response, session };
  await finishAction(services, ref, { state: 'skipped', ...reason }, log);
  return undefined;
}

function later(context: OrchestrationContext, seconds: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
}
