/** Commands to servers: created once, leased to the server that executes them, completed once (CCL-4). */
import { z } from 'zod';
import { days, documentType } from '../../../shared/cosmos/document-type';
import type { QueueDefinition } from '../../../shared/queues/queue';
import { type CommandData, commandData, type CommandKind, kindSpec } from './command-kinds';

/** Possible outcomes of a command. */
const COMMAND_OUTCOMES = ['succeeded', 'failed', 'expired'] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

const commandReplyTo = z.record(z.string(), z.string());
/** Correlation data of the requester, returned unchanged with the outcome. */
export type CommandReplyTo = Readonly<z.output<typeof commandReplyTo>>;

const commandProgress = z.object({
  at: z.iso.datetime(),
  /** What the server is doing, such as `Step 1 of 3: Downloading …`. */
  step: z.string(),
  percent: z.number().optional(),
});
export type CommandProgress = z.output<typeof commandProgress>;

export interface Command {
  /** Chosen by the requester; a repeated request creates no second command. */
  id: string;
  serverId: string;
  kind: CommandKind;
  sessionId?: string | undefined;
  /** As queued: without what is secret or short-lived, see `deliverCommand`. */
  parameters: Readonly<Record<string, unknown>>;
  status: 'pending' | 'leased' | CommandOutcome;
  createdAt: string;
  /** It must not be executed from then on. */
  expiresAt: string;
  /** Until then the command is not delivered to another request. */
  leasedUntil?: string | undefined;
  /** Number of deliveries. */
  deliveries: number;
  /** By then it has ended, whatever progress it reports; absent before the first delivery, and in earlier versions. */
  endsBy?: string | undefined;
  /** The last progress report. */
  progress?: CommandProgress | undefined;
  /**
   * When the sweep processes it: to expire it, or to report its outcome if that is pending. Absent when done. An open
   * command is delivered until then: at the latest at its expiry, or, once it was begun, when its server is silent for
   * too long.
   */
  dueAt?: string | undefined;
  finishedAt?: string | undefined;
  reason?: string | undefined;
  /** Of a successful result, where its kind has any. */
  data?: CommandData | undefined;
  /** Name of what wants to know the outcome, see `CommandPurpose`; absent in commands of earlier versions. */
  purpose?: string | undefined;
  replyTo?: CommandReplyTo | undefined;
}

export const commandType = documentType<Command>('command', {
  // An open command is expired by the sweep, not by its TTL, so that its outcome is reported.
  ttlSeconds: (command) => (isFinished(command) ? days(30) : 'never'),
});

/** A delivered command is delivered again unless a progress report or its result arrives within this time … */
const LEASE_SECONDS = 60;
/** … and one that reports progress unless the next report arrives within this time: two of those that are due. */
export const RUNNING_LEASE_SECONDS = 120;

/** Whether the outcome is known. */
export function isFinished(command: Pick<Command, 'status'>): boolean {
  return command.status !== 'pending' && command.status !== 'leased';
}

/** Whether the command may be delivered: it is open, not leased, and not expired unless it was begun in time. */
export function isWaiting(command: Command, now: Date): boolean {
  const at = now.toISOString();
  if (command.dueAt === undefined || command.dueAt <= at) return false;
  return command.status === 'pending' || (command.status === 'leased' && (command.leasedUntil ?? '') <= at);
}

/** The command, leased to a server. */
export function leased<T extends Command>(command: T, now: Date): T {
  const endsBy = command.endsBy ?? after(now, kindSpec(command.kind).maxRunSeconds);
  return { ...withLease({ ...command, endsBy }, now, LEASE_SECONDS), deliveries: command.deliveries + 1 };
}

/**
 * The command while the server works on it: not delivered again while it reports. The lease is much shorter than the time
 * after which a silent server counts as interrupted, so that a client that was restarted can go on.
 */
export function inProgress<T extends Command>(
  command: T,
  progress: Omit<CommandProgress, 'at'>,
  now: Date,
): T {
  const reported = { ...command, progress: { ...progress, at: now.toISOString() } };
  return withLease(reported, now, RUNNING_LEASE_SECONDS);
}

function withLease<T extends Command>(command: T, now: Date, seconds: number): T {
  const leasedUntil = earlier(after(now, seconds), command.endsBy);
  // Its result may still arrive while the lease lasts: it was started in time.
  const dueAt = later(command.expiresAt, later(leasedUntil, silentFrom(command)));
  return { ...command, status: 'leased', leasedUntil, dueAt };
}

/** When a command that was begun counts as interrupted; empty for one that was not. */
function silentFrom({ kind, progress, endsBy }: Command): string {
  if (!progress) return '';
  return earlier(after(new Date(progress.at), kindSpec(kind).silenceSeconds), endsBy);
}

export interface CommandEnd {
  status: CommandOutcome;
  /** Why it failed or expired. */
  reason?: string | undefined;
  data?: CommandData | undefined;
}

/** The command with its outcome. `dueAt` stays set until the outcome is reported. */
export function finished<T extends Command>(command: T, { status, reason, data }: CommandEnd, now: Date): T {
  const at = now.toISOString();
  return {
    ...command,
    status,
    reason,
    data,
    finishedAt: at,
    leasedUntil: undefined,
    dueAt: command.replyTo ? at : undefined,
  };
}

const reported = { purpose: z.string().optional(), replyTo: commandReplyTo, commandId: z.string() };

const commandReport = z.discriminatedUnion('status', [
  z.object({ ...reported, status: z.literal('running'), ...commandProgress.shape }),
  z.object({
    ...reported,
    status: z.enum(COMMAND_OUTCOMES),
    reason: z.string().optional(),
    data: commandData.optional(),
  }),
]);

/** Queue of progress and outcomes of commands to report to the requester; at least once, in any order. */
export const commandResultsQueue: QueueDefinition<z.output<typeof commandReport>> = {
  name: 'command-results',
  message: commandReport,
};

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}

function earlier(at: string, limit: string | undefined): string {
  return limit !== undefined && limit < at ? limit : at;
}
