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
  private restart: NodeJS.Timeout | undefined;

  /** `restarts`: whether an unexpected end is followed by a new start; it is reported to `log`. */
  constructor(
    private readonly host: ManagedProcess,
    private readonly restarts: boolean,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves when the host serves. */
  async start(): Promise<void> {
    clearTimeout(this.restart);
    this.wanted = true;
    this.startedAt = Date.now();
    this.generation += 1;
    const { generation } = this;
    await this.host.start(() => {
      if (generation === this.generation) {
        this.ended();
      }
    });
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

  private cancelRestart(): void {
    this.wanted = false;
    clearTimeout(this.restart);
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
    clearTimeout(this.restart);
    this.restart = setTimeout(() => {
      this.start().catch((error: unknown) => this.log(String(error)));
    }, this.delayMilliseconds);
    this.delayMilliseconds = Math.min(this.delayMilliseconds * 2, maxDelayMilliseconds);
  }
}
