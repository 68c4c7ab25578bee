/** Keeps the Functions host running: started, killed on purpose, or started again after an unexpected end. */
import { type ManagedProcess } from './managed-process';

/** The first restart comes at once enough for a developer not to notice; a host that keeps dying is left alone longer. */
const firstDelayMilliseconds = 250;
const longestDelayMilliseconds = 30_000;
/** A host that lived this long has recovered. */
const healthyMilliseconds = 60_000;

export class HostSupervisor {
  private wanted = false;
  /** Counts the starts, so that the late news of an earlier host's end is told from that of this one. */
  private generation = 0;
  private startedAt = 0;
  private delayMilliseconds = firstDelayMilliseconds;
  private restartTimer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;

  /** `restarts`: whether an unexpected end is followed by a new start; `log` hears of it. */
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
   * Ends the host, after so many seconds at the latest, and starts it afresh.
   * @throws Error when the new one does not come up; it stays down then.
   */
  async restart(stopSeconds: number): Promise<void> {
    this.dismiss();
    // One that a restart of our own has begun: its end must not be taken for that of the new one.
    await this.starting?.catch(() => undefined);
    await this.host.stop(stopSeconds);
    await this.launch();
    this.wanted = true;
  }

  async stop(): Promise<void> {
    this.dismiss();
    await this.host.stop();
  }

  /** As a crash of the machine would end it; it stays down until `start`. */
  async kill(): Promise<void> {
    this.dismiss();
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

  private dismiss(): void {
    this.wanted = false;
    clearTimeout(this.restartTimer);
  }

  private ended(): void {
    if (!this.wanted || !this.restarts) {
      return;
    }
    if (Date.now() - this.startedAt > healthyMilliseconds) {
      this.delayMilliseconds = firstDelayMilliseconds;
    }
    this.log(
      `The Functions host ended unexpectedly (${this.host.logFile}); it starts again in ${this.delayMilliseconds} ms.`,
    );
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => {
      this.start().catch((error: unknown) => this.log(String(error)));
    }, this.delayMilliseconds);
    this.delayMilliseconds = Math.min(this.delayMilliseconds * 2, longestDelayMilliseconds);
  }
}
