/** Keeps one process of the stack running: started, killed on purpose, or started again after an unexpected end. */
import { type ManagedProcess } from './managed-process';

/** What is needed of a process. */
export type Supervised = Pick<ManagedProcess, 'logFile' | 'start' | 'adoptOrStart' | 'stop' | 'kill'> & {
  readonly spec: Pick<ManagedProcess['spec'], 'name'>;
};

/** The first restart is too fast to be noticed; a process that keeps crashing is restarted with growing delays. */
const initialDelayMilliseconds = 250;
const maxDelayMilliseconds = 5_000;
/** A process that ran this long has recovered. */
const healthyMilliseconds = 60_000;

export class ProcessSupervisor {
  private wanted = false;
  /** Counts the starts, so that a late exit event of an earlier process is not taken for this one's. */
  private generation = 0;
  private startedAt = 0;
  private delayMilliseconds = initialDelayMilliseconds;
  private restartTimer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;

  /** `restarts`: whether an unexpected end is followed by a new start; both are reported to `log`. */
  constructor(
    private readonly process: Supervised,
    private readonly restarts: boolean,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves when the process serves. */
  start(): Promise<void> {
    this.wanted = true;
    return this.launch((onExit) => this.process.start(onExit));
  }

  /** As `start`, but reuses the process that an earlier supervisor left, where its build is still the same. */
  adoptOrStart(): Promise<void> {
    this.wanted = true;
    return this.launch((onExit) => this.process.adoptOrStart(onExit));
  }

  /**
   * Ends the process, killing it after `stopSeconds`, and starts a new one.
   * @throws Error when the new one does not start; it stays down then.
   */
  async restart(stopSeconds: number): Promise<void> {
    this.cancelRestart();
    // A start that is under way: its exit must not be taken for that of the new one.
    await this.starting?.catch(() => undefined);
    await this.process.stop(stopSeconds);
    await this.launch((onExit) => this.process.start(onExit));
    this.wanted = true;
  }

  async stop(): Promise<void> {
    this.cancelRestart();
    await this.process.stop();
  }

  /** Ends it like a crash; it stays down until `start`. */
  async kill(): Promise<void> {
    this.cancelRestart();
    await this.process.kill();
  }

  private async launch(begin: (onExit: () => void) => Promise<void>): Promise<void> {
    this.clearTimer();
    this.startedAt = Date.now();
    this.generation += 1;
    const { generation } = this;
    this.starting = begin(() => {
      if (generation === this.generation) this.ended();
    });
    await this.starting;
  }

  private cancelRestart(): void {
    this.wanted = false;
    this.clearTimer();
  }

  private clearTimer(): void {
    clearTimeout(this.restartTimer);
    this.restartTimer = undefined;
  }

  private ended(): void {
    if (!this.wanted || !this.restarts || this.restartTimer !== undefined) return;
    if (Date.now() - this.startedAt > healthyMilliseconds) this.delayMilliseconds = initialDelayMilliseconds;
    const { spec, logFile } = this.process;
    this.log(
      `${spec.name} ended unexpectedly (${logFile}); it starts again in ${this.delayMilliseconds} ms.`,
    );
    this.restartTimer = setTimeout(() => void this.startAgain(), this.delayMilliseconds);
    this.delayMilliseconds = Math.min(this.delayMilliseconds * 2, maxDelayMilliseconds);
  }

  private async startAgain(): Promise<void> {
    try {
      await this.start();
      this.log(`${this.process.spec.name} runs again.`);
    } catch (error) {
      this.log(error instanceof Error ? error.message : String(error));
      // Also when nothing was started, as when the port was taken: then nothing ends either.
      this.ended();
    }
  }
}
