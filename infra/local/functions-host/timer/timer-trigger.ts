/** Timer triggers: runs a function on its NCRONTAB schedule, once over all host processes that share the storage. */
import { type HostLog, messageOf } from '../host-log';
import { type Invoker, triggerOf } from '../invoker';
import { type Membership } from '../membership';
import { runWithRetries } from '../retry';
import { type FunctionMetadata } from '../worker/rpc';
import { Ncrontab } from './ncrontab';
import { type ScheduleStatus, type ScheduleStore } from './schedule-store';

export interface TimerTriggerServices {
  readonly schedules: ScheduleStore;
  readonly membership: Membership;
  readonly invoker: Invoker;
  readonly log: HostLog;
}

/** setTimeout takes 24.8 days at most: a longer wait consists of several. */
const MAX_WAIT_MS = 24 * 86_400_000;
/** How often a process that does not listen checks whether the listening one has ended. */
const RECHECK_MS = 1000;
const MINUTE_MS = 60_000;

/**
 * Of the processes that share the storage one listens (`[Singleton(Mode = Listener)]` of the real TimerListener); when it
 * ends, another one takes over and runs what was missed meanwhile.
 */
export class TimerTrigger {
  private readonly name: string;
  private readonly leaseName: string;
  private readonly schedule: Ncrontab;
  private readonly useMonitor: boolean;
  private readonly runOnStartup: boolean;
  private readonly stopping = new AbortController();
  private timeout: NodeJS.Timeout | undefined;
  private isRunning = false;
  private status: ScheduleStatus = { lastMs: 0, nextMs: 0, lastUpdatedMs: 0 };

  /** Throws when the schedule cannot be read. */
  constructor(
    private readonly target: FunctionMetadata,
    private readonly services: TimerTriggerServices,
  ) {
    const trigger = triggerOf(target);
    this.name = target.name;
    this.leaseName = `timer/${target.name}`;
    this.schedule = Ncrontab.parse(String(trigger.schedule));
    this.useMonitor = trigger.useMonitor !== false && !this.isSubMinute();
    this.runOnStartup = trigger.runOnStartup === true;
  }

  /** Listens, or waits until the process that does is gone. */
  start(): void {
    try {
      if (this.services.membership.acquireLease(this.leaseName)) return this.listen();
    } catch (error) {
      this.log('error', `The timer cannot be started yet: ${messageOf(error)}`);
    }
    this.after(RECHECK_MS, () => this.start());
  }

  /** Starts no more occurrences. The invoker waits for a running one; until then no other process may listen. */
  stop(): void {
    this.stopping.abort();
    clearTimeout(this.timeout);
    if (!this.isRunning) this.services.membership.releaseLease(this.leaseName);
  }

  private listen(): void {
    const now = Date.now();
    this.status = this.initialStatus(now);
    if (this.useMonitor && now > this.status.nextMs) {
      this.log('information', `Function '${this.name}' is past due on startup. Executing now.`);
      this.after(0, () => void this.run(true, true));
    } else if (this.runOnStartup) {
      this.log('information', `Function '${this.name}' is configured to run on startup. Executing now.`);
      this.after(0, () => void this.run(false, true));
    } else {
      this.waitForNext();
    }
  }

  /**
   * The real host does not keep the status of schedules with more than one occurrence in the next minute
   * (TimerSchedule.Create).
   */
  private isSubMinute(): boolean {
    const firstMs = this.nextAfter(Date.now());
    return this.nextAfter(firstMs) < Date.now() + MINUTE_MS;
  }

  /** The stored status; recalculated when the schedule has changed since, so that this does not count as past due. */
  private initialStatus(now: number): ScheduleStatus {
    const stored = this.useMonitor ? this.services.schedules.read(this.name) : undefined;
    const basis = stored && (stored.lastMs || stored.lastUpdatedMs);
    const expectedMs = this.nextAfter(basis ?? now);
    if (stored && stored.nextMs === expectedMs) return stored;
    const nextMs = now > expectedMs ? this.nextAfter(now) : expectedMs;
    const status = { lastMs: 0, nextMs, lastUpdatedMs: now };
    if (this.useMonitor) this.services.schedules.write(this.name, status);
    return status;
  }

  private nextAfter(timeMs: number): number {
    const next = this.schedule.next(new Date(timeMs));
    if (!next) throw new Error(`Function '${this.name}': its schedule never occurs`);
    return next.getTime();
  }

  private waitForNext(): void {
    const waitMs = Math.max(0, this.status.nextMs - Date.now());
    if (waitMs > MAX_WAIT_MS) this.after(MAX_WAIT_MS, () => this.waitForNext());
    else this.after(waitMs, () => void this.run(false, false));
  }

  private async run(isPastDue: boolean, isStartup: boolean): Promise<void> {
    const { membership } = this.services;
    this.isRunning = true;
    try {
      // A process without a heartbeat for too long has lost the listener to another one.
      if (!membership.acquireLease(this.leaseName)) return this.after(0, () => this.start());
      await this.runOccurrence(isPastDue, isStartup);
      if (this.stopping.signal.aborted) membership.releaseLease(this.leaseName);
      this.waitForNext();
    } catch (error) {
      this.log('error', `The status of the timer cannot be stored: ${messageOf(error)}`);
      this.after(RECHECK_MS, () => this.start());
    } finally {
      this.isRunning = false;
    }
  }

  private async runOccurrence(isPastDue: boolean, isStartup: boolean): Promise<void> {
    const startedMs = Date.now();
    const call = {
      data: { json: JSON.stringify(this.timerInfo(isPastDue)) },
      metadata: { TimerTrigger: { string: new Date(startedMs).toISOString() } },
      reason: `Timer fired at ${new Date(startedMs).toISOString()}`,
    };
    await runWithRetries(this.services.invoker, this.target, call, this.stopping.signal);
    // A timer that fired a little early must not find the same occurrence again.
    const lastMs = isStartup ? startedMs : Math.max(startedMs, this.status.nextMs);
    this.status = { lastMs, nextMs: this.nextAfter(lastMs), lastUpdatedMs: lastMs };
    if (this.useMonitor) this.services.schedules.write(this.name, this.status);
  }

  private timerInfo(isPastDue: boolean): object {
    const time = (ms: number) => new Date(ms === 0 ? '0001-01-01T00:00:00Z' : ms).toISOString();
    return {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: this.useMonitor
        ? {
            Last: time(this.status.lastMs),
            Next: time(this.status.nextMs),
            LastUpdated: time(this.status.lastUpdatedMs),
          }
        : null,
      IsPastDue: isPastDue,
    };
  }

  private after(delayMs: number, act: () => void): void {
    if (this.stopping.signal.aborted) return;
    this.timeout = setTimeout(act, delayMs);
  }

  private log(level: 'information' | 'error', message: string): void {
    this.services.log.write(level, `Function.${this.name}`, message);
  }
}
