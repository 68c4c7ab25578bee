/** Queues a command for a server. */
import { DocumentExists, DocumentGone } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import type { Services } from '../../../shared/services';
import { type CommandReplyTo, commandType } from './command';
import type { CommandKind, StoredParameters } from './command-kinds';
import { heartbeatType } from '../heartbeat';

/** A kind with its parameters. */
export type CommandContent = {
  [K in CommandKind]: { kind: K; parameters: StoredParameters<K> };
}[CommandKind];

type NewCommand = CommandContent & {
  /** Idempotency key, the same for every repetition; letters, digits and dashes. */
  id: string;
  customerId: string;
  serverId: string;
  sessionId?: string | undefined;
  /** The server must not execute it from then on. */
  expiresAt: Date;
  /** Name of the `CommandPurpose` that is called back, with `replyTo`. */
  purpose?: string | undefined;
  replyTo?: CommandReplyTo | undefined;
};

/**
 * Queues the command, and marks in the heartbeat of its server that there is one; has no effect when one with its id
 * exists.
 */
export async function queueCommand(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  { customerId, expiresAt, ...command }: NewCommand,
): Promise<'queued' | 'exists'> {
  const expiry = expiresAt.toISOString();
  const creation = change.create(commandType, {
    ...command,
    status: 'pending',
    createdAt: clock.now().toISOString(),
    expiresAt: expiry,
    deliveries: 0,
    dueAt: expiry,
  });
  const presence = database.presence(customerId, command.serverId);
  try {
    await presence.commit([creation, markCommands]).catch((error: unknown) => {
      // A server without a heartbeat asks for its commands at the first one.
      if (!(error instanceof DocumentGone)) throw error;
      return presence.commit([creation]);
    });
    return 'queued';
  } catch (error) {
    if (error instanceof DocumentExists) return 'exists';
    throw error;
  }
}

const markCommands = change.patch(heartbeatType, 'last', [
  { op: 'set', path: '/mayHaveCommands', value: true },
]);
