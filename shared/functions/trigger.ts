/** Triggers other than HTTP: timers, queues, Event Grid and Durable Functions, one row each. */
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { z } from 'zod';
import type { AnyQueueDefinition, QueueDefinition } from '../queues/queue';
import { poisonQueueName } from '../queues/queue-names';
import type { Services } from '../services';
import { watchSweep } from '../sweeps/overdue-sweeps';
import { runSweep, type Sweep, type SweepRun } from '../sweeps/run-sweep';
import { invocationLog, type Log } from '../telemetry/telemetry';

/** The name under which the host knows the app's own storage account. */
const STORAGE = 'AzureWebJobsStorage';

/** One function of the app. `source` names what triggers it, for documentation. */
export interface Trigger {
  readonly name: string;
  readonly kind: 'timer' | 'queue' | 'poisonQueue' | 'eventGrid' | 'orchestration' | 'activity';
  readonly source: string;
  /** Registers the function; `services` are opened by its first invocation. */
  register(services: () => Services): void;
}

/** Runs a handler and logs its failure; the host decides about retries. */
async function logged<T>(
  name: string,
  context: InvocationContext,
  handle: (log: Log) => Promise<T>,
): Promise<T> {
  const log = invocationLog(context);
  try {
    return await handle(log);
  } catch (error) {
    log.error('trigger.failed', error, { function: name });
    throw error;
  }
}

/** Registers every trigger of a table with the Functions runtime. */
export function registerTriggers(triggers: readonly Trigger[], services: () => Services): void {
  for (const trigger of triggers) trigger.register(services);
}

/** Runs on a timer; `schedule` is an NCRONTAB expression with seconds, in UTC. */
export function timer(
  name: string,
  schedule: string,
  handler: (services: Services, log: Log) => Promise<void>,
): Trigger {
  return {
    name,
    kind: 'timer',
    source: schedule,
    register: (services) =>
      app.timer(name, {
        schedule,
        handler: (_timer, context) => logged(name, context, (log) => handler(services(), log)),
      }),
  };
}

type SweepHandler = (services: Services, log: Log, run: SweepRun) => Promise<void>;

/** Runs every minute, at this second, and processes what is due; its runs are recorded. */
export function sweep(name: string, second: number, handler: SweepHandler): Trigger {
  return recorded({ name, periodSeconds: 60 }, `${second} * * * * *`, handler);
}

/** The same every hour, at this minute. */
export function hourlySweep(name: string, minute: number, handler: SweepHandler): Trigger {
  return recorded({ name, periodSeconds: 3_600 }, `0 ${minute} * * * *`, handler);
}

function recorded(sweeping: Sweep, schedule: string, handler: SweepHandler): Trigger {
  const trigger = timer(sweeping.name, schedule, (services, log) =>
    runSweep(services, log, sweeping, (run) => handler(services, log, run)),
  );
  return {
    ...trigger,
    register: (services) => {
      watchSweep(sweeping);
      trigger.register(services);
    },
  };
}

/** Processes the messages of a queue, one at a time, with the host's retries. */
export function queue<T>(
  name: string,
  definition: AnyQueueDefinition<T>,
  handler: (services: Services, message: T, log: Log) => Promise<void>,
): Trigger {
  return {
    name,
    kind: 'queue',
    source: definition.name,
    register: (services) =>
      app.storageQueue(name, {
        queueName: definition.name,
        connection: STORAGE,
        handler: (message, context) =>
          logged(name, context, (log) => handler(services(), definition.message.parse(message), log)),
      }),
  };
}

/** As `queue`, for work that starts or signals orchestrations. */
export function durableQueue<T>(
  name: string,
  definition: QueueDefinition<T>,
  handler: (services: Services, message: T, client: df.DurableClient, log: Log) => Promise<void>,
): Trigger {
  return {
    name,
    kind: 'queue',
    source: definition.name,
    register: (services) =>
      df.app.client.storageQueue(name, {
        queueName: definition.name,
        connection: STORAGE,
        handler: (message, client, context: InvocationContext) =>
          logged(name, context, (log) => handler(services(), definition.message.parse(message), client, log)),
      }),
  };
}

/** Handles messages that failed in every attempt of their queue. */
export function poisonQueue<T>(
  name: string,
  definition: QueueDefinition<T>,
  handler: (services: Services, message: T, log: Log) => Promise<void>,
): Trigger {
  const poison = { name: poisonQueueName(definition), message: definition.message };
  return { ...queue(name, poison, handler), kind: 'poisonQueue' };
}

/** Handles events from Event Grid; when the handler throws, the event is delivered again. */
export function eventGrid(
  name: string,
  handler: (services: Services, event: unknown, log: Log) => Promise<void>,
): Trigger {
  return {
    name,
    kind: 'eventGrid',
    source: 'Event Grid subscription',
    register: (services) =>
      app.eventGrid(name, {
        handler: (event: unknown, context) => logged(name, context, (log) => handler(services(), event, log)),
      }),
  };
}

/** A Durable Functions orchestrator: deterministic, and without access to the services. */
export function orchestration(name: string, orchestrator: df.OrchestrationHandler): Trigger {
  return {
    name,
    kind: 'orchestration',
    source: 'Durable Functions',
    register: () => {
      df.app.orchestration(name, orchestrator);
    },
  };
}

/** A step of an orchestration. It runs at least once, so its handler must be idempotent. */
export interface Activity<T> {
  readonly name: string;
  readonly input: z.ZodType<T>;
  readonly handler: (services: Services, input: T, log: Log) => Promise<unknown>;
}

/** Runs a step when an orchestration calls it. */
export function activity<T>({ name, input, handler }: Activity<T>): Trigger {
  return {
    name,
    kind: 'activity',
    source: 'Durable Functions',
    register: (services) => {
      df.app.activity(name, {
        handler: (given, context: InvocationContext) =>
          logged(name, context, async (log) => handler(services(), input.parse(given), log)),
      });
    },
  };
}
