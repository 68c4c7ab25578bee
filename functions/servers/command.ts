/** Commands to servers: made once, leased to the server that carries them out, answered once (CCL-4). */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
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
export const COMMAND_OUTCOMES = ['succeeded', 'failed', 'expired'] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

/** Whom to tell of the outcome: an orchestration that waits for an external event. */
export interface CommandReplyTo {
  instanceId: string;
  eventName: string;
}

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
  /** When it has expired without an answer; absent once the outcome is known. */
  dueAt?: string | undefined;
  finishedAt?: string | undefined;
  reason?: string | undefined;
  replyTo?: CommandReplyTo | undefined;
}

export const commandType = documentType<Command>('command');

const commandResult = z.object({
  instanceId: z.string(),
  eventName: z.string(),
  commandId: z.string(),
  status: z.enum(COMMAND_OUTCOMES),
  reason: z.string().optional(),
});

/** Outcomes of commands on their way to the orchestrations that wait for them. */
export const commandResultsQueue: QueueDefinition<z.output<typeof commandResult>> = {
  name: 'command-results',
  message: commandResult,
};
