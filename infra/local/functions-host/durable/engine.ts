/** Dispatches durable work: claims orchestrations and activities from the store, runs them, wakes up when timers are due. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type HostLog, messageOf } from '../host-log';
import { type DurableSettings } from '../host-settings';
import { type InvocationResult, type Invoker } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { activityCall, activityEvent } from './activity';
import { HistoryCache } from './history-cache';
import { runTurn, type TurnServices } from './orchestrator-turn';
import { type ActivityWork, type DurableStore } from './store';

export interface DurableEngineOptions {
  readonly store: DurableStore;
  readonly invoker: Invoker;
  readonly orchestrators: readonly FunctionMetadata[];
  readonly activities: readonly FunctionMetadata[];
  readonly settings: DurableSettings;
  readonly log: HostLog;
}

/** The limits of the Azure Storage provider: a timer beyond six days consists of several of three. */
const AZURE_STORAGE_TIMERS = { maxMs: 6 * 86_400_000, intervalMs: 3 * 86_400_000 };
/** How often the store is polled for work that another process has added. */
const POLL_MS = 500;

/** The retry interval after the store has refused an operation. */
const RETRY_MS = 1000;
const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 250;

export class DurableEngine {
  private readonly services: TurnServices;
  private readonly turns = new Set<Promise<void>>();
  private readonly activities = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isWoken = false;
  private isRunning = false;

  constructor(private readonly options: DurableEngineOptions) {
    const { store, invoker } = options;
    this.services = {
      store,
      cache: new HistoryCache(store),
      invoker,
      orchestrators: byName(options.orchestrators),
      activities: byName(options.activities),
      timers: AZURE_STORAGE_TIMERS,
    };
  }

  start(): void {
    this.isRunning = true;
    this.wake();
  }

  /** Claims nothing more. */
  stop(): void {
    this.isRunning = false;
    clearTimeout(this.timer);
  }

  /** Resolves when the results of all claimed work have been stored. */
  async finished(): Promise<void> {
    await Promise.all([...this.turns, ...this.activities]);
  }

  /** There may be work: polls the store in this turn of the event loop. */
  wake(): void {
    if (this.isWoken) return;
    this.isWoken = true;
    setImmediate(() => {
      this.isWoken = false;
      if (this.isRunning) this.dispatch();
    });
  }

  private dispatch(): void {
    const { store, settings } = this.options;
    clearTimeout(this.timer);
    let waitMs = POLL_MS;
    try {
      const freeTurns = settings.maxConcurrentOrchestratorFunctions - this.turns.size;
      const freeActivities = settings.maxConcurrentActivityFunctions - this.activities.size;
      if (freeTurns > 0)
        for (const id of store.claimOrchestrations(freeTurns)) this.run(this.turns, this.turn(id));
      if (freeActivities > 0)
        for (const work of store.claimActivities(freeActivities))
          this.run(this.activities, this.activity(work));
      const dueMs = store.nextDueMs();
      if (dueMs !== undefined) waitMs = Math.min(waitMs, Math.max(0, dueMs - Date.now()));
    } catch (error) {
      this.logError('Work could not be claimed', error);
    }
    this.timer = setTimeout(() => this.wake(), waitMs);
  }

  private run(running: Set<Promise<void>>, work: Promise<void>): void {
    const tracked = work.finally(() => {
      running.delete(tracked);
      this.wake();
    });
    running.add(tracked);
  }

  private async turn(instanceId: string): Promise<void> {
    const { store } = this.options;
    const beganMs = performance.now();
    try {
      await runTurn(this.services, instanceId);
    } catch (error) {
      this.logError(`Orchestration '${instanceId}'`, error);
      await sleep(RETRY_MS);
    }
    // A turn replays all of the history. While a long one pauses, answers accumulate, so that a wide fan-out takes dozens of
    // turns, not one for each of its activities.
    const restMs = Math.min(2 * (performance.now() - beganMs), MAX_PAUSE_MS);
    if (restMs > MIN_PAUSE_MS) await sleep(restMs);
    await this.persist(`Orchestration '${instanceId}'`, () => store.releaseOrchestration(instanceId));
  }

  private async activity(work: ActivityWork): Promise<void> {
    const { store, invoker } = this.options;
    const target = this.services.activities.get(work.name.toLowerCase());
    const result = target ? await invoker.run(target, activityCall(work)) : noSuchActivity(work.name);
    await this.persist(`Activity '${work.name}'`, () =>
      store.finishActivity(work, activityEvent(work, result)),
    );
  }

  /** Retries a write that must not be lost until it succeeds: another process may lock the file for long. */
  private async persist(what: string, write: () => unknown): Promise<void> {
    for (;;) {
      try {
        write();
        return;
      } catch (error) {
        this.logError(what, error);
        await sleep(RETRY_MS);
      }
    }
  }

  private logError(what: string, error: unknown): void {
    this.options.log.write('error', 'Host.DurableTask', `${what}: ${messageOf(error)}`);
  }
}

function noSuchActivity(name: string): InvocationResult {
  const message = `The function '${name}' doesn't exist, is disabled, or is not an activity function.`;
  return { ok: false, exception: { message, stackTrace: '' } };
}

/** The extension ignores the letter case of function names. */
function byName(functions: readonly FunctionMetadata[]): Map<string, FunctionMetadata> {
  return new Map(functions.map((target) => [target.name.toLowerCase(), target]));
}
