/** Polls for commands while they are likely, executes each id once, and reports the result until the service has it. */
import { EventEmitter, once } from 'node:events';
import type { CommandData } from '../../functions/servers';
import { type Connection, RejectedError } from './connection';
import type { PersistentMap } from './persistent-map';

const MAX_POLL_SECONDS = 30;
/** The service delivers a command again when it hears nothing of it for a minute. */
const PROGRESS_EVERY_MS = 30_000;

const SESSION_KINDS = [
  'startScreenRecording',
  'lockSession',
  'logOffSession',
  'disconnectSession',
  'notifyUser',
] as const;
type SessionKind = (typeof SESSION_KINDS)[number];

export interface Command {
  id: string;
  /** One of the kinds of the protocol, or a newer one. */
  kind: string;
  sessionId?: string;
  parameters: Record<string, unknown>;
  expiresAt: string;
}

/** What can be done to the sessions of a machine. A rejected promise is reported to the service as the failure reason. */
export type SessionHost = Record<SessionKind, (command: Command) => Promise<void>>;

/** Says which step begins. @throws when nobody waits for the command any more */
export type ReportProgress = (step: string) => Promise<void>;

/** What else a machine can do; resolves with what the result says. */
export type MachineHost = (command: Command, report: ReportProgress) => Promise<CommandData> | undefined;

interface Result {
  status: 'succeeded' | 'failed';
  reason?: string;
  data?: CommandData;
}

export interface ExecutedCommand extends Result {
  id: string;
  kind: string;
  sessionId?: string | undefined;
  parameters: Record<string, unknown>;
}

interface RunnerOptions {
  connection: Connection;
  /** Results by command id: a command that comes again is answered from here. */
  results: PersistentMap<ExecutedCommand>;
  /** Commands that were begun: they go on after an interruption, also when they have expired meanwhile. */
  begun: PersistentMap<string>;
  host: SessionHost;
  machine?: MachineHost | undefined;
  /** Called when a result was reported. */
  onReported?: ((command: ExecutedCommand) => Promise<void>) | undefined;
}

export class CommandRunner {
  private readonly wakePolling = new EventEmitter();
  private readonly inProgress = new Set<string>();
  private pollUntil = 0;

  constructor(private readonly options: RunnerOptions) {}

  get executed(): readonly ExecutedCommand[] {
    return this.options.results.entries().map(([, result]) => result);
  }

  /** Polls for this many seconds, because commands are waiting or likely. */
  pollFor(seconds: number): void {
    this.pollUntil = Math.max(this.pollUntil, Date.now() + Math.max(seconds, 1) * 1000);
    this.wakePolling.emit('poll');
  }

  /**
   * Runs until the signal; an idle server does not poll. Commands on sessions are executed in order, and do not wait for
   * those on the machine, which may take an hour.
   */
  async run(serverId: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.poll(serverId, signal, reject).then(resolve, reject);
    });
  }

  private async poll(serverId: string, signal: AbortSignal, fail: (error: unknown) => void): Promise<void> {
    let [onSessions, onMachine] = [Promise.resolve(), Promise.resolve()];
    while (!signal.aborted) {
      const seconds = Math.min(MAX_POLL_SECONDS, Math.ceil((this.pollUntil - Date.now()) / 1000));
      if (seconds <= 0) {
        await once(this.wakePolling, 'poll', { signal }).catch(() => undefined);
        continue;
      }
      const path = `/servers/${serverId}/commands?waitSeconds=${seconds}`;
      const { body } = await this.options.connection.call<{ value: Command[] }>('GET', path, { signal });
      for (const command of body.value) {
        // Delivered again while it is executed.
        if (this.inProgress.has(command.id)) continue;
        this.inProgress.add(command.id);
        const handle = () => this.handle(serverId, command, signal);
        if (isSessionKind(command.kind)) onSessions = onSessions.then(handle);
        else onMachine = onMachine.then(handle);
        for (const lane of [onSessions, onMachine]) lane.catch(fail);
      }
    }
  }

  private async handle(serverId: string, command: Command, signal: AbortSignal): Promise<void> {
    const path = `/servers/${serverId}/commands/${command.id}/result`;
    const { connection, results, onReported } = this.options;
    const executed = results.get(command.id) ?? (await this.execute(command, path, signal));
    const { status, reason, data } = executed;
    try {
      const body = { status, ...(reason ? { reason } : {}), ...(data ? { data } : {}) };
      await connection.call('POST', path, { body, signal });
      await onReported?.(executed);
    } catch (error) {
      // Expired or already answered: there is nothing left to report.
      if (!(error instanceof RejectedError)) throw error;
    } finally {
      this.inProgress.delete(command.id);
    }
  }

  private async execute(command: Command, path: string, signal: AbortSignal): Promise<ExecutedCommand> {
    const { id, kind, sessionId, parameters } = command;
    const { connection, results, begun } = this.options;
    const isLate = Date.parse(command.expiresAt) <= connection.clock.serviceNow();
    const result: Result =
      isLate && begun.get(id) === undefined
        ? { status: 'failed', reason: 'the command had expired' }
        : await this.attempt(command, path, signal);
    // What is secret in parameters must not stay on this disk.
    const kept = isSessionKind(kind) ? parameters : {};
    const executed: ExecutedCommand = { id, kind, sessionId, parameters: kept, ...result };
    results.set(id, executed);
    return executed;
  }

  private async attempt(command: Command, path: string, signal: AbortSignal): Promise<Result> {
    this.options.begun.set(command.id, new Date().toISOString());
    const { host, machine } = this.options;
    const { kind } = command;
    const progress = new Progress(this.options.connection, path, signal);
    try {
      if (isSessionKind(kind)) await host[kind](command);
      const data = isSessionKind(kind) ? undefined : machine?.(command, (step) => progress.report(step));
      if (!isSessionKind(kind) && data === undefined)
        return { status: 'failed', reason: `this client cannot execute the command ${kind}` };
      return { status: 'succeeded', ...(data && { data: await data }) };
    } catch (error) {
      signal.throwIfAborted();
      return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      progress.end();
    }
  }
}

/** Reports the step of a command, again while it lasts. */
class Progress {
  private step = '';
  private timer: NodeJS.Timeout | undefined;
  private isUnwanted = false;

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
    private readonly signal: AbortSignal,
  ) {}

  async report(step: string): Promise<void> {
    this.step = step;
    this.timer ??= setInterval(() => void this.send().catch(() => undefined), PROGRESS_EVERY_MS);
    await this.send();
    if (this.isUnwanted) throw new Error('nobody waits for the command any more');
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async send(): Promise<void> {
    const body = { status: 'running', step: this.step };
    await this.connection.call('POST', this.path, { body, signal: this.signal }).catch((error: unknown) => {
      if (!(error instanceof RejectedError)) throw error;
      this.isUnwanted = true;
    });
  }
}

function isSessionKind(kind: string): kind is SessionKind {
  return SESSION_KINDS.some((known) => known === kind);
}
