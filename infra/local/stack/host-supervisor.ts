/** Keeps the Functions host running: started, killed on purpose, or started again after an unexpected end. */
import { type ManagedProcess } from './managed-process';

/** The first restart is too fast to be noticed; a host that keeps crashing is restarted with growing delays. */
const initialDelayMilliseconds = 250;
const maxDelayMilliseconds = 30_000;
/** A host that ran this long has recovered. */
const healthyMilliseconds = 60_000;

export class HostSupervisor {
  private wanted = false;
  /** Counts the starts, so that a late exit event of an earlier host is not taken for this one's. */
  private generation = 0;
  private startedAt = 0;
  private delayMilliseconds = initialDelayMilliseconds;
  private restartTimer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;

  /** `restarts`: whether an unexpected end is followed by a new start; it is reported to `log`. */
  constructor(
    private readonly host: ManagedProcess,
    private readonly restarts: boolean,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves when the host serves. */
  async start(): Promise<void> {
    clearTimeout(this.restartTimer);
    this.wanted = true;
    await this.launch();
  }

  /**
   * Ends the host, killing it after `stopSeconds`, and starts a new one.
   * @throws Error when the new one does not start; it stays down then.
   */
  async restart(stopSeconds: number): Promise<void> {
    this.cancelRestart();
    // A start that is under way: its exit must not be taken for that of the new one.
    await this.starting?.catch(() => undefined);
    await this.host.stop(stopSeconds);
    await this.launch();
    this.wanted = true;
  }

  async stop(): Promise<void> {
    this.cancelRestart();
    await this.host.stop();
  }

  /** Ends it like a crash; it stays down until `start`. */
  async kill(): Promise<void> {
    this.cancelRestart();
    await this.host.kill();
  }

  private async launch(): Promise<void> {
    this.startedAt = Date.now();
    this.generation += 1;
    const { generation } = this;
    this.starting = this.host.start(() => {
      if (generation === this.generation) {
        this.ended();
      }
    });
    await this.starting;
  }

  private cancelRestart(): void {
    this.wanted = false;
    clearTimeout(this.restartTimer);
  }

  private ended(): void {
    if (!this.wanted || !this.restarts) {
      return;
    }
    if (Date.now() - this.startedAt > healthyMilliseconds) {
      this.delayMilliseconds = initialDelayMilliseconds;
    }
    this.log(
      `The Functions host ended unexpectedly (${this.host.logFile}); it starts again in ${this.delayMilliseconds} ms.`,
    );
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => {
      this.start().catch((error: unknown) => this.log(String(error)));
    }, this.delayMilliseconds);
    this.delayMilliseconds = Math.min(this.delayMilliseconds * 2, maxDelayMilliseconds);
  }
}
