/** Queues a command for a server. */
import type { Services } from '../../shared/services';
import { type CommandKind, type CommandReplyTo, commandType } from './command';

interface NewCommand {
  /** Idempotency key, the same for every repetition; letters, digits and dashes. */
  id: string;
  customerId: string;
  serverId: string;
  kind: CommandKind;
  sessionId?: string | undefined;
  parameters: Readonly<Record<string, unknown>>;
  /** The server must not execute it from then on. */
  expiresAt: Date;
  replyTo?: CommandReplyTo | undefined;
}

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
