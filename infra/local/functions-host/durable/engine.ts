/** Dispatches durable work: claims orchestrations and activities from the store, runs them, wakes when timers are due. */
import { type HostLog, messageOf } from '../host-log';
import { type DurableSettings } from '../host-settings';
import { type Invoker } from '../invoker';
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

/** The limits of the Azure Storage provider: a timer beyond six days is made of several of three. */
const AZURE_STORAGE_TIMERS = { longestMs: 6 * 86_400_000, intervalMs: 3 * 86_400_000 };
/** How often the store is looked at for work that another process has left there. */
const POLL_MS = 500;

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

  /** Resolves when what was claimed has been written down. */
  async finished(): Promise<void> {
    await Promise.all([...this.turns, ...this.activities]);
  }

  /** There may be work: looks at the store in this turn of the event loop. */
  wake(): void {
    if (this.isWoken) return;
    this.isWoken = true;
    setImmediate(() => {
      this.isWoken = false;
      if (this.isRunning) this.dispatch();
    });
  }

  private dispatch(): void {
    const { store, settings, log } = this.options;
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
      log.write('error', 'Host.DurableTask', `Work could not be claimed: ${messageOf(error)}`);
    }
    this.timer = setTimeout(() => this.wake(), waitMs);
  }

  private run(running: Set<Promise<void>>, work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.options.log.write('error', 'Host.DurableTask', messageOf(error)))
      .finally(() => {
        running.delete(tracked);
        this.wake();
      });
    running.add(tracked);
  }

  private async turn(instanceId: string): Promise<void> {
    try {
      await runTurn(this.services, instanceId);
    } finally {
      this.options.store.releaseOrchestration(instanceId);
    }
  }

  private async activity(work: ActivityWork): Promise<void> {
    const { store, invoker } = this.options;
    const target = this.services.activities.get(work.name.toLowerCase());
    if (!target) throw new Error(`Activity '${work.name}' of '${work.instanceId}' is no longer there`);
    const result = await invoker.run(target, activityCall(work));
    store.finishActivity(work, activityEvent(work, result));
  }
}

/** The extension does not mind the letter case of function names. */
function byName(functions: readonly FunctionMetadata[]): Map<string, FunctionMetadata> {
  return new Map(functions.map((target) => [target.name.toLowerCase(), target]));
}
