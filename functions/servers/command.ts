/** Commands to servers: created once, leased to the server that executes them, completed once (CCL-4). */
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

/** Possible outcomes of a command. */
const COMMAND_OUTCOMES = ['succeeded', 'failed', 'expired'] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

const commandReplyTo = z.record(z.string(), z.string());
/** Correlation data of the requester, returned unchanged with the outcome. */
export type CommandReplyTo = Readonly<z.output<typeof commandReplyTo>>;

export interface Command {
  /** Chosen by the requester; a repeated request creates no second command. */
  id: string;
  serverId: string;
  kind: CommandKind;
  sessionId?: string | undefined;
  parameters: Readonly<Record<string, unknown>>;
  status: 'pending' | 'leased' | CommandOutcome;
  createdAt: string;
  /** It must not be executed from then on. */
  expiresAt: string;
  /** Until then the command is not delivered to another request. */
  leasedUntil?: string | undefined;
  /** Number of deliveries. */
  deliveries: number;
  /** When the sweep processes it: to expire it, or to report its outcome if that is pending. Absent when done. */
  dueAt?: string | undefined;
  finishedAt?: string | undefined;
  reason?: string | undefined;
  replyTo?: CommandReplyTo | undefined;
}

export const commandType = documentType<Command>('command', {
  // An open command is expired by the sweep, not by its TTL, so that its outcome is reported.
  ttlSeconds: (command) => (isFinished(command) ? days(30) : 'never'),
});

/** A delivered command is delivered again unless its result arrives within this time. */
const LEASE_SECONDS = 60;

/** Whether the outcome is known. */
export function isFinished(command: Pick<Command, 'status'>): boolean {
  return command.status !== 'pending' && command.status !== 'leased';
}

/** Whether the command may be delivered: it is open, not leased and not expired. */
export function isWaiting(command: Command, now: Date): boolean {
  const at = now.toISOString();
  if (command.expiresAt <= at) return false;
  return command.status === 'pending' || (command.status === 'leased' && (command.leasedUntil ?? '') <= at);
}

/** The command, leased to a server. */
export function leased<T extends Command>(command: T, now: Date): T {
  const leasedUntil = new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString();
  // Its result may still arrive while the lease lasts: it was started in time.
  const dueAt = leasedUntil > command.expiresAt ? leasedUntil : command.expiresAt;
  return { ...command, status: 'leased', leasedUntil, dueAt, deliveries: command.deliveries + 1 };
}

/** The command with its outcome. `dueAt` stays set until the outcome is reported. */
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

/** Queue of command outcomes to report to the requester. */
export const commandResultsQueue: QueueDefinition<z.output<typeof commandResult>> = {
  name: 'command-results',
  message: commandResult,
};
