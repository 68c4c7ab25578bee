/** Queues a command for a server. */
import type { Services } from '../../shared/services';
import { type CommandKind, type CommandReplyTo, commandType } from './command';

interface NewCommand {
  /** The same for every repetition; letters, digits and dashes. */
  id: string;
  customerId: string;
  serverId: string;
  kind: CommandKind;
  sessionId?: string | undefined;
  parameters: Readonly<Record<string, unknown>>;
  /** The server must not carry it out from then on. */
  expiresAt: Date;
  replyTo?: CommandReplyTo | undefined;
}

/** Queues the command, unless one with its id exists: then nothing changes. */
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
