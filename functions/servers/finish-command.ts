/** Records the outcome of a command, once, and reports it to the requester. */
import type { Stored } from '../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../shared/cosmos/errors';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import {
  type Command,
  type CommandOutcome,
  commandResultsQueue,
  commandType,
  finished,
  isFinished,
} from './command';

type Finishing = Pick<Services, 'database' | 'clock' | 'queues'>;

interface CommandResult {
  customerId: string;
  serverId: string;
  commandId: string;
  status: Exclude<CommandOutcome, 'expired'>;
  reason?: string | undefined;
}

/** The outcome of a command, or undefined when it is open or was deleted after 30 days. */
export async function findCommandEnd(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
  commandId: string,
): Promise<{ status: CommandOutcome; reason: string | undefined } | undefined> {
  const command = await database.presence(customerId, serverId).read(commandType, commandId);
  if (!command || command.status === 'pending' || command.status === 'leased') return undefined;
  return { status: command.status, reason: command.reason };
}

/**
 * Records a server's result. Repeating the same result is not an error.
 * @throws Problem `not-found`, or `conflict` when another result is recorded, it has expired, or was never delivered
 */
export async function finishCommand(services: Finishing, result: CommandResult): Promise<void> {
  const presence = services.database.presence(result.customerId, result.serverId);
  const command = await retryConflicts(async () => {
    const known = await presence.read(commandType, result.commandId);
    if (!known) throw notFound('command');
    if (isFinished(known)) return sameResult(known, result);
    if (known.deliveries === 0)
      throw new Problem(
        'conflict',
        'The command has not been delivered yet: fetch the commands of the server first.',
      );
    const { status, reason } = result;
    return presence.replace(commandType, finished(known, status, reason, services.clock.now()));
  });
  await reportOutcome(services, result.customerId, command);
}

function sameResult(command: Stored<Command>, { status, reason }: CommandResult): Stored<Command> {
  if (command.status === status && command.reason === reason) return command;
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
  const reason =
    command.deliveries === 0
      ? 'the recording server did not fetch it in time: see whether the server is online'
      : 'the recording server fetched it but did not say what became of it: see the log of its cloud client';
  try {
    const expired = finished(command, 'expired', reason, now);
    await reportOutcome(services, customerId, await presence.replace(commandType, expired));
  } catch (error) {
    if (!isLostRace(error)) throw error; // Otherwise its result has just arrived.
  }
}

/** Reports the outcome, then records that; after a crash in between it is reported twice. */
async function reportOutcome(
  services: Finishing,
  customerId: string,
  command: Stored<Command>,
): Promise<void> {
  const { id, serverId, status, reason, replyTo, dueAt } = command;
  if (!replyTo || dueAt === undefined || status === 'pending' || status === 'leased') return;
  await services.queues.send(commandResultsQueue, { replyTo, commandId: id, status, reason });
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
