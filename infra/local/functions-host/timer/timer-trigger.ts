/** Timer triggers: runs a function on its NCRONTAB schedule, once over all host processes that share the storage. */
import { type HostLog } from '../host-log';
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

/** setTimeout takes 24.8 days at most: a longer wait is made of several. */
const LONGEST_WAIT_MS = 24 * 86_400_000;
/** How soon it is looked again whether the process that runs an occurrence has done it or died over it. */
const RECHECK_MS = 1000;

export class TimerTrigger {
  private readonly name: string;
  private readonly schedule: Ncrontab;
  private readonly useMonitor: boolean;
  private readonly runOnStartup: boolean;
  private readonly stopping = new AbortController();
  private timeout: NodeJS.Timeout | undefined;
  private status: ScheduleStatus = { lastMs: 0, nextMs: 0, lastUpdatedMs: 0 };

  /** Throws when the schedule cannot be read. */
  constructor(
    private readonly target: FunctionMetadata,
    private readonly services: TimerTriggerServices,
  ) {
    const trigger = triggerOf(target);
    this.name = target.name;
    this.schedule = Ncrontab.parse(String(trigger.schedule));
    this.useMonitor = trigger.useMonitor !== false;
    this.runOnStartup = trigger.runOnStartup === true;
  }

  start(): void {
    const now = Date.now();
    this.status = this.initialStatus(now);
    const isPastDue = this.useMonitor && now > this.status.nextMs;
    if (isPastDue) {
      this.services.log.write(
        'information',
        `Function.${this.name}`,
        `Function '${this.name}' is past due on startup. Executing now.`,
      );
      this.runSoon(true);
    } else if (this.runOnStartup) {
      this.services.log.write(
        'information',
        `Function.${this.name}`,
        `Function '${this.name}' is configured to run on startup. Executing now.`,
      );
      this.runSoon(false);
    } else {
      this.waitForNext();
    }
  }

  stop(): void {
    this.stopping.abort();
    clearTimeout(this.timeout);
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

  private runSoon(isPastDue: boolean): void {
    this.timeout = setTimeout(() => void this.run(isPastDue, true), 0);
  }

  private waitForNext(): void {
    if (this.stopping.signal.aborted) return;
    const waitMs = Math.max(0, this.status.nextMs - Date.now());
    this.timeout = setTimeout(
      () => (waitMs > LONGEST_WAIT_MS ? this.waitForNext() : void this.run(false, false)),
      Math.min(waitMs, LONGEST_WAIT_MS),
    );
  }

  private async run(isPastDue: boolean, isStartup: boolean): Promise<void> {
    const { membership, schedules } = this.services;
    const leaseName = `timer/${this.name}`;
    if (!membership.acquireLease(leaseName)) {
      // Another process is at it; when it dies in the middle, this one makes up for the occurrence.
      this.timeout = setTimeout(() => void this.run(isPastDue, isStartup), RECHECK_MS);
      return;
    }
    try {
      const stored = this.useMonitor ? schedules.read(this.name) : undefined;
      const doneElsewhere = stored !== undefined && stored.nextMs > Math.max(Date.now(), this.status.nextMs);
      if (stored && doneElsewhere) this.status = stored;
      else await this.runOccurrence(isPastDue, isStartup);
    } finally {
      membership.releaseLease(leaseName);
      this.waitForNext();
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
}
