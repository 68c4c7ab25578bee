/** Queues a command for a server. */
import type { Services } from '../../../shared/services';
import { type CommandReplyTo, commandType } from './command';
import type { CommandKind, StoredParameters } from './command-kinds';

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

/** Queues the command; has no effect when one with its id exists. */
export async function queueCommand(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  { customerId, expiresAt, ...command }: NewCommand,
): Promise<'queued' | 'exists'> {
  const expiry = expiresAt.toISOString();
  const created = await database.presence(customerId, command.serverId).createIfAbsent(commandType, {
    ...command,
    status: 'pending',
    createdAt: clock.now().toISOString(),
    expiresAt: expiry,
    deliveries: 0,
    dueAt: expiry,
  });
  return created ? 'queued' : 'exists';
}
