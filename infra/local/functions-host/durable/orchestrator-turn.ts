/** One turn of an orchestration: new events in, the orchestrator function run over its history, new actions out. */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../host-log';
import { type Invoker } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { failedOutcome, type OrchestratorOutcome, readOutcome, REPLAY_SCHEMA_V3 } from './actions';
import { eventJson } from './event-json';
import { EventType, type HistoryEvent, type HistoryEventOf } from './history';
import { type HistoryCache } from './history-cache';
import { replay } from './replay';
import { type Completion, type NewAction, type ReplayResult, type TimerLimits } from './replay-result';
import { type DurableStore, type InboxEvent, type Instance } from './store';

export interface TurnServices {
  readonly store: DurableStore;
  readonly cache: HistoryCache;
  readonly invoker: Invoker;
  /** By name, in any letter case. */
  readonly orchestrators: ReadonlyMap<string, FunctionMetadata>;
  readonly activities: ReadonlyMap<string, FunctionMetadata>;
  readonly timers: TimerLimits;
}

/** Runs a claimed orchestration over the events in its inbox. Changes nothing when the claim was lost meanwhile. */
export async function runTurn(services: TurnServices, instanceId: string): Promise<void> {
  const { store, cache } = services;
  const instance = store.instance(instanceId);
  if (!instance) return;
  const inbox = store.inbox(instanceId);
  if (inbox.length === 0) return;
  const past = cache.load(instance);
  const arrived = [
    { EventType: EventType.OrchestratorStarted, Timestamp: timestamp() },
    ...inbox.map(({ event }) => event),
  ];
  const history = [...past.events, ...arrived];
  const outcome = await runOrchestrator(services, instance, past.playedJson, arrived, past.events.length > 0);
  const result = replay(history, outcome, {
    name: instance.name,
    executionId: instance.executionId,
    hasActivity: (name) => services.activities.has(name.toLowerCase()),
    hasOrchestrator: (name) => services.orchestrators.has(name.toLowerCase()),
    timers: services.timers,
  });
  store.transaction(() => commit(services, instance, inbox, arrived, outcome, result));
}

async function runOrchestrator(
  { invoker, orchestrators, timers }: TurnServices,
  instance: Instance,
  playedJson: string,
  arrived: readonly HistoryEvent[],
  isReplaying: boolean,
): Promise<OrchestratorOutcome> {
  const target = orchestrators.get(instance.name.toLowerCase());
  if (!target) {
    return failedOutcome(
      `The function '${instance.name}' doesn't exist, is disabled, or is not an orchestrator function.`,
    );
  }
  const settings = {
    instanceId: instance.instanceId,
    isReplaying,
    parentInstanceId: instance.parent?.instanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: REPLAY_SCHEMA_V3,
    longRunningTimerIntervalDuration: timeSpan(timers.intervalMs),
    maximumShortTimerDuration: timeSpan(timers.maxMs),
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
  const newJson = arrived.map((event) => eventJson(event, false)).join(',');
  const history = playedJson === '' ? newJson : `${playedJson},${newJson}`;
  const input = `{"history":[${history}],"input":${instance.input ?? 'null'},${JSON.stringify(settings).slice(1)}`;
  const result = await invoker.run(target, { data: { string: input }, metadata: {}, reason: '(null)' });
  try {
    return readOutcome(result);
  } catch (error) {
    return failedOutcome(messageOf(error));
  }
}

function commit(
  services: TurnServices,
  instance: Instance,
  inbox: readonly InboxEvent[],
  arrived: readonly HistoryEvent[],
  outcome: OrchestratorOutcome,
  { newActions, completion, isSuspended }: ReplayResult,
): void {
  const { store, cache } = services;
  const { instanceId } = instance;
  if (!store.owns(instance)) return;
  store.removeFromInbox(inbox);
  if (completion?.status === 'ContinuedAsNew') {
    cache.forget(instanceId);
    store.update(instanceId, 'Running', customStatusJson(outcome), 0);
    continueAsNew(store, instance, completion);
    return;
  }
  const scheduled = completion ? [] : newActions;
  const events = [...arrived, ...scheduled.map(scheduledEvent)];
  if (completion) events.push(completedEvent(completion));
  events.push({ EventType: EventType.OrchestratorCompleted, Timestamp: timestamp() });
  store.appendHistory(
    instanceId,
    instance.historyLength,
    events.map((event) => JSON.stringify(event)),
  );
  store.update(
    instanceId,
    isSuspended ? 'Suspended' : 'Running',
    customStatusJson(outcome),
    instance.historyLength + events.length,
  );
  cache.append(instance, events);
  for (const action of scheduled) carryOut(store, instance, action);
  if (completion) end(store, cache, instance, completion);
}

function carryOut(store: DurableStore, instance: Instance, action: NewAction): void {
  const { instanceId, executionId } = instance;
  switch (action.kind) {
    case 'activity':
      return store.scheduleActivity({
        instanceId,
        executionId,
        taskId: action.id,
        name: action.name,
        input: action.input,
      });
    case 'timer':
      return store.deliver(
        instanceId,
        executionId,
        {
          EventType: EventType.TimerFired,
          Timestamp: action.fireAt,
          TimerId: action.id,
          FireAt: action.fireAt,
        },
        Date.parse(action.fireAt),
      );
    case 'subOrchestration':
      return startChild(store, instance, action);
  }
}

function startChild(
  store: DurableStore,
  parent: Instance,
  action: Extract<NewAction, { kind: 'subOrchestration' }>,
): void {
  const child = {
    instanceId: action.instanceId,
    executionId: randomUUID().replaceAll('-', ''),
    name: action.name,
    version: action.version,
    input: action.input,
    parent: { instanceId: parent.instanceId, executionId: parent.executionId, taskId: action.id },
  };
  const obstacle = store.create(child, startedEvent(child.name, child.version, child.input));
  if (obstacle === undefined) return;
  store.deliver(parent.instanceId, parent.executionId, {
    EventType: EventType.SubOrchestrationInstanceFailed,
    Timestamp: timestamp(),
    TaskScheduledId: action.id,
    Reason: `An Orchestration instance with the status ${obstacle} already exists.`,
    Details: '',
  });
}

function continueAsNew(
  store: DurableStore,
  { instanceId, name, version }: Instance,
  { result, carriedOver }: Extract<Completion, { status: 'ContinuedAsNew' }>,
): void {
  const events = [startedEvent(name, version, result), ...carriedOver];
  store.continueAsNew(instanceId, randomUUID().replaceAll('-', ''), result, events);
}

function end(
  store: DurableStore,
  cache: HistoryCache,
  { instanceId, parent }: Instance,
  completion: Exclude<Completion, { status: 'ContinuedAsNew' }>,
): void {
  cache.forget(instanceId);
  store.end(instanceId, completion.status, completion.result);
  if (!parent) return;
  const answer = { Timestamp: timestamp(), TaskScheduledId: parent.taskId };
  if (completion.status === 'Completed') {
    const event = {
      ...answer,
      EventType: EventType.SubOrchestrationInstanceCompleted,
      Result: completion.result ?? 'null',
    };
    store.deliver(parent.instanceId, parent.executionId, event);
  } else {
    const failure = {
      Reason: completion.result ?? '',
      Details: completion.status === 'Failed' ? completion.details : '',
    };
    const event = { ...answer, EventType: EventType.SubOrchestrationInstanceFailed, ...failure };
    store.deliver(parent.instanceId, parent.executionId, event);
  }
}

export function startedEvent(
  name: string,
  version: string,
  input: string | null,
): HistoryEventOf<'ExecutionStarted'> {
  return {
    EventType: EventType.ExecutionStarted,
    Timestamp: timestamp(),
    Name: name,
    Version: version,
    Input: input,
  };
}

function scheduledEvent(action: NewAction): HistoryEvent {
  const scheduled = { EventId: action.id, Timestamp: timestamp() };
  switch (action.kind) {
    case 'activity':
      return { ...scheduled, EventType: EventType.TaskScheduled, Name: action.name, Input: action.input };
    case 'timer':
      return { ...scheduled, EventType: EventType.TimerCreated, FireAt: action.fireAt };
    case 'subOrchestration': {
      const { name, instanceId, input } = action;
      return {
        ...scheduled,
        EventType: EventType.SubOrchestrationInstanceCreated,
        Name: name,
        InstanceId: instanceId,
        Input: input,
      };
    }
  }
}

function completedEvent({ status, result }: Completion): HistoryEvent {
  return {
    EventType: EventType.ExecutionCompleted,
    Timestamp: timestamp(),
    OrchestrationStatus: status,
    Result: result,
  };
}

function customStatusJson({ customStatus }: OrchestratorOutcome): string | null {
  return customStatus === undefined || customStatus === null ? null : JSON.stringify(customStatus);
}

function timestamp(): string {
  return new Date().toISOString();
}

/** .NET's TimeSpan: `d.hh:mm:ss.fff`. */
function timeSpan(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  return `${days}.${new Date(milliseconds % 86_400_000).toISOString().slice(11, 23)}`;
}
