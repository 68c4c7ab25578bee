/** Commands to servers: made once, leased to the server that carries them out, answered once (CCL-4). */
import { z } from 'zod';
import { days, documentType } from '../../shared/cosmos/document-type';
import type { QueueDefinition } from '../../shared/queues/queue';

export const COMMAND_KINDS = [
  'startScreenRecording',
  'lockSession',
  'logOffSession',
  'disconnectSession',
  'notifyUser',
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/** What can become of a command. */
const COMMAND_OUTCOMES = ['succeeded', 'failed', 'expired'] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

const commandReplyTo = z.record(z.string(), z.string());
/** Whom to tell of the outcome, in the words of whoever asked: it comes back as it was given. */
export type CommandReplyTo = Readonly<z.output<typeof commandReplyTo>>;

export interface Command {
  /** Given by whoever wants it done: asking twice makes one command. */
  id: string;
  serverId: string;
  kind: CommandKind;
  sessionId?: string | undefined;
  parameters: Readonly<Record<string, unknown>>;
  status: 'pending' | 'leased' | CommandOutcome;
  createdAt: string;
  /** It must not be carried out from then on. */
  expiresAt: string;
  /** Until then no other request is given the command. */
  leasedUntil?: string | undefined;
  /** How often it was handed out. */
  deliveries: number;
  /** When the sweep has to look at it: to expire it, or to tell an outcome that nobody was told. Absent when done. */
  dueAt?: string | undefined;
  finishedAt?: string | undefined;
  reason?: string | undefined;
  replyTo?: CommandReplyTo | undefined;
}

export const commandType = documentType<Command>('command', {
  // An open one is ended by the sweep, not by its age: whoever waits for its outcome has to hear of it.
  ttlSeconds: (command) => (isFinished(command) ? days(30) : 'never'),
});

/** A command that was handed out is handed out again unless its result comes within this time. */
const LEASE_SECONDS = 60;

/** Whether the outcome is known. */
export function isFinished(command: Pick<Command, 'status'>): boolean {
  return command.status !== 'pending' && command.status !== 'leased';
}

/** Whether the command may be handed out: nobody works on it, and its time has not passed. */
export function isWaiting(command: Command, now: Date): boolean {
  const at = now.toISOString();
  if (command.expiresAt <= at) return false;
  return command.status === 'pending' || (command.status === 'leased' && (command.leasedUntil ?? '') <= at);
}

/** The command as it is while a server works on it. */
export function leased<T extends Command>(command: T, now: Date): T {
  const leasedUntil = new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString();
  // Its result may still come while the lease runs: it was begun in time.
  const dueAt = leasedUntil > command.expiresAt ? leasedUntil : command.expiresAt;
  return { ...command, status: 'leased', leasedUntil, dueAt, deliveries: command.deliveries + 1 };
}

/** The command with its outcome. Who asked to be told is told by what `dueAt` keeps alive. */
export function finished<T extends Command>(
  command: T,
  status: CommandOutcome,
  reason: string | undefined,
  now: Date,
): T {
  const at = now.toISOString();
  return {
    ...command,
    status,
    reason,
    finishedAt: at,
    leasedUntil: undefined,
    dueAt: command.replyTo ? at : undefined,
  };
}

const commandResult = z.object({
  replyTo: commandReplyTo,
  commandId: z.string(),
  status: z.enum(COMMAND_OUTCOMES),
  reason: z.string().optional(),
});

/** Outcomes of commands on their way to whoever asked to be told. */
export const commandResultsQueue: QueueDefinition<z.output<typeof commandResult>> = {
  name: 'command-results',
  message: commandResult,
};
