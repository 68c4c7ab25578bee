/**
 * Replays an orchestrator's list of actions against its history, as the Durable extension does for other languages
 * (OutOfProcOrchestrationShim.ProcessAsyncActionsV2) on top of the Durable Task Framework's TaskOrchestrationContext:
 * ids are given in the order in which actions come up, which yields the SDK's own numbering and shows non-determinism.
 */
import {
  type Action,
  ActionType,
  nameOfAction,
  type OrchestratorOutcome,
  type RetryOptions,
  type SubCall,
} from './actions';
import { EventType, type HistoryEvent, type HistoryEventOf } from './history';
import { ExternalEvents } from './external-events';
import { type NewAction, type Completion, type ReplayOptions, type ReplayResult } from './replay-result';
import { type Routine, settled, start, Task, whenAll, whenAny } from './routine';

/** `history` is all of it, the events of this turn included. */
export function replay(
  history: readonly HistoryEvent[],
  outcome: OrchestratorOutcome,
  options: ReplayOptions,
): ReplayResult {
  return new Replay(outcome, options).run(history);
}

class NonDeterminism extends Error {}

class Replay {
  private nextId = 0;
  private nowMs = 0;
  private readonly openTasks = new Map<number, Task>();
  private pending = new Map<number, NewAction>();
  private heldBack = new Map<number, NewAction>();
  private readonly externalEvents = new ExternalEvents();
  private isSuspended = false;
  private readonly whileSuspended: HistoryEvent[] = [];
  private continueAsNew: { readonly result: string | null; readonly carriedOver: HistoryEvent[] } | undefined;
  private terminated: Completion | undefined;
  private refusal: string | undefined;
  private orchestration: Task = new Task();

  constructor(
    private readonly outcome: OrchestratorOutcome,
    private readonly options: ReplayOptions,
  ) {}

  run(history: readonly HistoryEvent[]): ReplayResult {
    try {
      for (const event of history) {
        if (event.EventType === EventType.OrchestratorStarted) this.nowMs = Date.parse(event.Timestamp);
        else this.process(event);
      }
    } catch (error) {
      if (!(error instanceof NonDeterminism)) throw error;
      const message = `Non-Deterministic workflow detected: ${error.message}`;
      return {
        newActions: [],
        completion: { status: 'Failed', result: message, details: message },
        isSuspended: false,
      };
    }
    return {
      newActions: [...this.pending.values()],
      completion: this.completion(),
      isSuspended: this.isSuspended,
    };
  }

  /** An orchestration ends only when everything that it started has finished, except waits for external events. */
  private completion(): Completion | undefined {
    if (this.terminated) return this.terminated;
    if (this.openTasks.size > 0 || !this.orchestration.isSettled) return undefined;
    const { name } = this.options;
    const error = this.refusal ?? this.outcome.error;
    if (error !== undefined) {
      const details = `Message: ${error}, StackTrace: ${this.outcome.stackTrace}`;
      return { status: 'Failed', result: `Orchestrator function '${name}' failed: ${error}`, details };
    }
    if (this.continueAsNew) return { status: 'ContinuedAsNew', ...this.continueAsNew };
    return { status: 'Completed', result: serialize(this.outcome.output) };
  }

  private process(event: HistoryEvent): void {
    if (
      this.isSuspended &&
      event.EventType !== EventType.ExecutionResumed &&
      event.EventType !== EventType.ExecutionTerminated
    ) {
      if (event.EventType !== EventType.ExecutionSuspended) this.whileSuspended.push(event);
      return;
    }
    switch (event.EventType) {
      case EventType.ExecutionStarted:
        this.orchestration = start(this.runActions());
        return;
      case EventType.TaskScheduled:
        return this.confirm(event.EventId, 'activity', event.Name);
      case EventType.SubOrchestrationInstanceCreated:
        return this.confirm(event.EventId, 'subOrchestration', event.Name);
      case EventType.TimerCreated:
        return this.confirm(event.EventId, 'timer');
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        return this.settle(event.TaskScheduledId, 'succeeded');
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        return this.settle(event.TaskScheduledId, 'failed');
      case EventType.TimerFired:
        return this.settle(event.TimerId, 'succeeded');
      case EventType.EventRaised:
        return this.raise(event);
      case EventType.ExecutionSuspended:
        return this.suspend();
      case EventType.ExecutionResumed:
        return this.resume();
      case EventType.ExecutionTerminated:
        this.terminated = { status: 'Terminated', result: event.Input };
        return;
      default:
        return;
    }
  }

  /** The actions one after the other; a failed one is handled by the SDK, which has already continued from there. */
  private *runActions(): Routine {
    for (const action of this.outcome.actions) {
      let task: Task;
      try {
        task = this.invoke(action);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.refusal = error.message;
        return false;
      }
      if (!task.isSettled) yield task;
    }
    // Neither done nor failed: it waits, for instance for a long timer that was cancelled.
    if (this.outcome.error === undefined && !this.outcome.isDone) yield new Task();
    return true;
  }

  private invoke(action: Action): Task {
    switch (action.actionType) {
      case ActionType.CallActivity:
        return this.callActivity(action.functionName, action.input);
      case ActionType.CallActivityWithRetry:
        return start(
          this.withRetries(action.retryOptions, () => this.callActivity(action.functionName, action.input)),
        );
      case ActionType.CallSubOrchestrator:
        return this.callSubOrchestrator(action);
      case ActionType.CallSubOrchestratorWithRetry:
        return start(this.withRetries(action.retryOptions, () => this.callSubOrchestrator(action)));
      case ActionType.CreateTimer:
        return this.createTimer(Date.parse(action.fireAt), action.isCanceled);
      case ActionType.WaitForExternalEvent:
        return this.externalEvents.wait(action.externalEventName);
      case ActionType.ContinueAsNew:
        this.continueAsNew = { result: serialize(action.input), carriedOver: [] };
        return settled();
      case ActionType.WhenAll:
        return whenAll(action.compoundActions.map((child) => this.invoke(child)));
      case ActionType.WhenAny:
        return whenAny(action.compoundActions.map((child) => this.invoke(child)));
      default: {
        const { actionType } = action as { actionType: number };
        throw new Error(
          `action ${nameOfAction(actionType)} (${actionType}) is not implemented by the local Functions host`,
        );
      }
    }
  }

  private callActivity(name: string, input: unknown): Task {
    if (!this.options.hasActivity(name)) throw unknownFunction(name, 'activity');
    return this.schedule((id) => ({ kind: 'activity', id, name, input: serialize(input) }));
  }

  private callSubOrchestrator({ functionName: name, input, instanceId, version }: SubCall): Task {
    if (!this.options.hasOrchestrator(name)) throw unknownFunction(name, 'orchestrator');
    return this.schedule((id) => ({
      kind: 'subOrchestration',
      id,
      name,
      input: serialize(input),
      instanceId: instanceId || `${this.options.executionId}:${id}`,
      version: version ?? '',
    }));
  }

  /**
   * RetryInterceptor of the Durable Task Framework: the last attempt is followed by a timer as well, which fires at
   * once.
   */
  private *withRetries(options: RetryOptions, call: () => Task): Routine {
    const firstAttemptMs = this.nowMs;
    for (let attempt = 1; ; attempt += 1) {
      const task = call();
      if (!task.isSettled) yield task;
      if (!task.isFailed) return true;
      const isLast = attempt >= options.maxNumberOfAttempts;
      const delayMs = isLast ? 0 : this.retryDelayMs(options, attempt, firstAttemptMs);
      if (delayMs === undefined) return false;
      yield this.createShortTimer(this.nowMs + delayMs);
      if (isLast) return false;
    }
  }

  /** Undefined when the retry time-out has passed. */
  private retryDelayMs(options: RetryOptions, attempt: number, firstAttemptMs: number): number | undefined {
    const { retryTimeoutInMilliseconds, backoffCoefficient = 1, maxRetryIntervalInMilliseconds } = options;
    if (this.nowMs >= firstAttemptMs + (retryTimeoutInMilliseconds ?? Number.POSITIVE_INFINITY))
      return undefined;
    const delayMs = options.firstRetryIntervalInMilliseconds * backoffCoefficient ** (attempt - 1);
    return Math.min(delayMs, maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
  }

  private createTimer(fireAtMs: number, isCanceled: boolean): Task {
    const { maxMs: maxMs } = this.options.timers;
    if (fireAtMs - this.nowMs > maxMs) return start(this.longTimer(fireAtMs, isCanceled));
    return this.createShortTimer(fireAtMs, isCanceled);
  }

  private *longTimer(fireAtMs: number, isCanceled: boolean): Routine {
    const { intervalMs } = this.options.timers;
    while (this.nowMs < fireAtMs) {
      const timer = this.createShortTimer(Math.min(fireAtMs, this.nowMs + intervalMs), isCanceled);
      if (!timer.isSettled) yield timer;
      if (isCanceled) return false;
    }
    return true;
  }

  private createShortTimer(fireAtMs: number, isCanceled = false): Task {
    const id = this.nextId;
    const task = this.schedule(() => ({ kind: 'timer', id, fireAt: new Date(fireAtMs).toISOString() }));
    if (!isCanceled) return task;
    this.openTasks.delete(id);
    task.settle('failed');
    return task;
  }

  private schedule(make: (id: number) => NewAction): Task {
    const id = this.nextId;
    this.nextId += 1;
    this.pending.set(id, make(id));
    const task = new Task();
    this.openTasks.set(id, task);
    return task;
  }

  /** An answer that nothing waits for is a duplicate, or that of a cancelled timer. */
  private settle(id: number, outcome: 'succeeded' | 'failed'): void {
    const task = this.openTasks.get(id);
    this.openTasks.delete(id);
    task?.settle(outcome);
  }

  /** The history contains the action: the replay must have produced the same one. */
  private confirm(id: number, kind: NewAction['kind'], name?: string): void {
    const action = this.pending.get(id);
    const before = `A previous execution of this orchestration scheduled ${describe(kind, name)} with sequence number ${id}`;
    if (!action) {
      throw new NonDeterminism(
        `${before}, but the current replay execution hasn't (yet?) scheduled this task.`,
      );
    }
    const actionName = 'name' in action ? action.name : undefined;
    if (action.kind !== kind || actionName?.toLowerCase() !== name?.toLowerCase()) {
      throw new NonDeterminism(
        `${before}, but the current replay instead scheduled ${describe(action.kind, actionName)}.`,
      );
    }
    this.pending.delete(id);
  }

  /** Events that come after continue-as-new are for the next execution. */
  private raise(event: HistoryEventOf<'EventRaised'>): void {
    if (this.continueAsNew) this.continueAsNew.carriedOver.push(event);
    else this.externalEvents.raise(event.Name);
  }

  private suspend(): void {
    this.isSuspended = true;
    this.heldBack = this.pending;
    this.pending = new Map();
  }

  private resume(): void {
    this.isSuspended = false;
    for (const [id, action] of this.heldBack) this.pending.set(id, action);
    this.heldBack = new Map();
    for (const event of this.whileSuspended.splice(0)) this.process(event);
  }
}

/** JSON text, or null for nothing. */
function serialize(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function unknownFunction(name: string, kind: 'activity' | 'orchestrator'): Error {
  return new Error(`The function '${name}' doesn't exist, is disabled, or is not an ${kind} function.`);
}

function describe(kind: NewAction['kind'], name: string | undefined): string {
  const noun = { activity: 'an activity', timer: 'a timer', subOrchestration: 'a sub-orchestration' }[kind];
  return name === undefined ? noun : `${noun} named '${name}'`;
}
