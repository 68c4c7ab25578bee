/** Polls for commands while they are likely, executes each id once, and reports the result until the service has it. */
import { EventEmitter, once } from 'node:events';
import { type Connection, RejectedError } from './connection';
import type { PersistentMap } from './persistent-map';

const MAX_POLL_SECONDS = 30;

export interface Command {
  id: string;
  kind: 'startScreenRecording' | 'lockSession' | 'logOffSession' | 'disconnectSession' | 'notifyUser';
  sessionId?: string;
  parameters: Record<string, unknown>;
  expiresAt: string;
}

/** What can be done to the sessions of a machine. A rejected promise is reported to the service as the failure reason. */
export type SessionHost = Record<Command['kind'], (command: Command) => Promise<void>>;

interface Result {
  status: 'succeeded' | 'failed';
  reason?: string;
}

export interface ExecutedCommand extends Result {
  id: string;
  kind: Command['kind'];
  sessionId?: string | undefined;
  parameters: Record<string, unknown>;
}

export class CommandRunner {
  private readonly wakePolling = new EventEmitter();
  private pollUntil = 0;

  constructor(
    private readonly connection: Connection,
    private readonly results: PersistentMap<ExecutedCommand>,
    private readonly host: SessionHost,
  ) {}

  get executed(): readonly ExecutedCommand[] {
    return this.results.entries().map(([, result]) => result);
  }

  /** Polls for this many seconds, because commands are waiting or likely. */
  pollFor(seconds: number): void {
    this.pollUntil = Math.max(this.pollUntil, Date.now() + Math.max(seconds, 1) * 1000);
    this.wakePolling.emit('poll');
  }

  /** Runs until the signal; an idle server does not poll. */
  async run(serverId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const seconds = Math.min(MAX_POLL_SECONDS, Math.ceil((this.pollUntil - Date.now()) / 1000));
      if (seconds <= 0) {
        await once(this.wakePolling, 'poll', { signal }).catch(() => undefined);
        continue;
      }
      const path = `/servers/${serverId}/commands?waitSeconds=${seconds}`;
      const { body } = await this.connection.call<{ value: Command[] }>('GET', path, { signal });
      for (const command of body.value) await this.handle(serverId, command, signal);
    }
  }

  private async handle(serverId: string, command: Command, signal: AbortSignal): Promise<void> {
    const { status, reason } = this.results.get(command.id) ?? (await this.execute(command));
    const path = `/servers/${serverId}/commands/${command.id}/result`;
    try {
      await this.connection.call('POST', path, { body: { status, ...(reason ? { reason } : {}) }, signal });
    } catch (error) {
      // Expired or already answered: there is nothing left to report.
      if (!(error instanceof RejectedError)) throw error;
    }
  }

  private async execute(command: Command): Promise<ExecutedCommand> {
    const { id, kind, sessionId, parameters } = command;
    const result: Result =
      Date.parse(command.expiresAt) <= this.connection.clock.serviceNow()
        ? { status: 'failed', reason: 'the command had expired' }
        : await this.host[kind](command).then(
            () => ({ status: 'succeeded' }) as const,
            (error: unknown) => ({
              status: 'failed',
              reason: error instanceof Error ? error.message : String(error),
            }),
          );
    const executed: ExecutedCommand = { id, kind, sessionId, parameters, ...result };
    this.results.set(id, executed);
    return executed;
  }
}
