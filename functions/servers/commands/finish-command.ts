/** Records the outcome of a command, once, and reports it to the requester. */
import { isDeepStrictEqual } from 'node:util';
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { notFound, Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { checkResult } from './check-result';
import {
  type Command,
  type CommandEnd,
  type CommandOutcome,
  type CommandProgress,
  commandResultsQueue,
  commandType,
  finished,
  inProgress,
  isFinished,
} from './command';

type Finishing = Pick<Services, 'database' | 'clock' | 'queues'>;

interface CommandResult extends CommandEnd {
  customerId: string;
  serverId: string;
  commandId: string;
  status: Exclude<CommandOutcome, 'expired'>;
}

/** The outcome of a command, or undefined when it is open or was deleted after 30 days. */
export async function findCommandEnd(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
  commandId: string,
): Promise<CommandEnd | undefined> {
  const command = await database.presence(customerId, serverId).read(commandType, commandId);
  if (!command || command.status === 'pending' || command.status === 'leased') return undefined;
  const { status, reason, data } = command;
  return { status, reason, data };
}

/**
 * Records a server's result. Repeating the same result is not an error.
 * @throws Problem `not-found`, `validation-failed` for the result of something else, or `conflict` when another result is
 * recorded, it has expired, or was never delivered
 */
export async function finishCommand(services: Finishing, result: CommandResult): Promise<void> {
  const presence = services.database.presence(result.customerId, result.serverId);
  const command = await retryConflicts(async () => {
    const known = await presence.read(commandType, result.commandId);
    if (!known) throw notFound('command');
    if (isFinished(known)) return sameResult(known, result);
    checkDelivered(known);
    checkResult(known, result);
    return presence.replace(commandType, finished(known, result, services.clock.now()));
  });
  await reportOutcome(services, result.customerId, command);
}

/**
 * Records what the server is doing, extends its lease, and reports the progress to the requester.
 * @throws Problem `not-found`, or `conflict` when the command has ended, was never delivered, or has run for too long
 */
export async function reportProgress(
  services: Finishing,
  { customerId, serverId, commandId }: Pick<CommandResult, 'customerId' | 'serverId' | 'commandId'>,
  progress: Omit<CommandProgress, 'at'>,
): Promise<void> {
  const presence = services.database.presence(customerId, serverId);
  const {
    purpose,
    replyTo,
    progress: stored,
  } = await retryConflicts(async () => {
    const known = await presence.read(commandType, commandId);
    if (!known) throw notFound('command');
    const now = services.clock.now();
    checkDelivered(known);
    checkOpen(known, now);
    return presence.replace(commandType, inProgress(known, progress, now));
  });
  if (!replyTo || !stored) return;
  await services.queues.send(commandResultsQueue, {
    purpose,
    replyTo,
    commandId,
    status: 'running',
    ...stored,
  });
}

function checkDelivered({ deliveries }: Command): void {
  if (deliveries > 0) return;
  throw new Problem(
    'conflict',
    'The command has not been delivered yet: fetch the commands of the server first.',
  );
}

function checkOpen(command: Command, now: Date): void {
  if (command.endsBy !== undefined && command.endsBy <= now.toISOString())
    throw new Problem('conflict', 'The command has run for too long: stop it.');
  if (isFinished(command))
    throw new Problem(
      'conflict',
      `The command has ended already: ${command.status}. Stop it if it still runs.`,
    );
}

function sameResult(command: Stored<Command>, { status, reason, data }: CommandResult): Stored<Command> {
  if (command.status === status && command.reason === reason && isDeepStrictEqual(command.data, data))
    return command;
  throw new Problem(
    'conflict',
    command.status === 'expired'
      ? 'The command has expired: it must not be carried out any more.'
      : `The command has another result already: ${command.status}.`,
  );
}

/**
 * Expires commands without a result in time, and reports outcomes whose recording process crashed before reporting
 * them.
 */
export async function expireCommands(services: Finishing, log: Log): Promise<void> {
  const due = services.database.sweep<{ customerId: string; serverId: string; commandId: string }>(
    'presence',
    `SELECT c.customerId, c.serverId, c.id AS commandId FROM c WHERE c.type = 'command' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, serverId, commandId } of due) {
    const id = commandId.slice(`${commandType.name}:`.length);
    try {
      await expireCommand(services, customerId, serverId, id);
    } catch (error) {
      log.error('command.not-expired', error, { customerId, serverId, commandId: id });
    }
  }
}

async function expireCommand(services: Finishing, customerId: string, serverId: string, id: string) {
  const presence = services.database.presence(customerId, serverId);
  const now = services.clock.now();
  const command = await presence.read(commandType, id);
  if (!command?.dueAt || command.dueAt > now.toISOString()) return;
  if (isFinished(command)) return reportOutcome(services, customerId, command);
  try {
    const expired = finished(command, { status: 'expired', reason: whyExpired(command) }, now);
    await reportOutcome(services, customerId, await presence.replace(commandType, expired));
  } catch (error) {
    if (!isLostRace(error)) throw error; // Otherwise its result has just arrived.
  }
}

function whyExpired({ deliveries, progress }: Command): string {
  if (deliveries === 0)
    return 'the recording server did not fetch it in time: see whether the server is online';
  if (!progress)
    return 'the recording server fetched it but did not say what became of it: see the log of its cloud client';
  return `the recording server stopped reporting, the last time at "${progress.step}" (${progress.at}): see the log of its cloud client`;
}

/** Reports the outcome, then records that; after a crash in between it is reported twice. */
async function reportOutcome(
  services: Finishing,
  customerId: string,
  command: Stored<Command>,
): Promise<void> {
  const { id: commandId, serverId, status, reason, data, purpose, replyTo, dueAt } = command;
  if (!replyTo || dueAt === undefined || status === 'pending' || status === 'leased') return;
  await services.queues.send(commandResultsQueue, { purpose, replyTo, commandId, status, reason, data });
  try {
    const presence = services.database.presence(customerId, serverId);
    await presence.replace(commandType, { ...command, dueAt: undefined });
  } catch (error) {
    if (!isLostRace(error)) throw error; // Otherwise a concurrent repetition has reported it as well.
  }
}

function isLostRace(error: unknown): boolean {
  return error instanceof DocumentStale || error instanceof DocumentGone;
}
