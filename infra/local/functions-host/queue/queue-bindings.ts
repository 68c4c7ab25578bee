/** Builds the queue listeners of an app and its queue output binding from the functions' metadata. */
import { type HostLog } from '../host-log';
import { type QueueSettings } from '../host-settings';
import { type Invoker, triggerOf } from '../invoker';
import { type FunctionMetadata, type RpcBinding, type TypedData } from '../worker/rpc';
import { encodeMessage, outputMessages } from './message-text';
import { type QueueClients } from './queue-clients';
import { QueueListener } from './queue-listener';

const POISON_SUFFIX = '-poison';

export interface QueueServices {
  readonly clients: QueueClients;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  readonly invoker: Invoker;
  readonly log: HostLog;
}

/** Listens for all queue triggers of an app. */
export class QueueTriggers {
  private readonly listeners = new Map<string, QueueListener[]>();

  constructor(functions: readonly FunctionMetadata[], services: QueueServices) {
    for (const target of functions) this.add(target, services);
    // A function may have sent messages to one of the queues. Only this host moves messages to poison queues.
    services.invoker.onEnded(() => {
      for (const [name, listeners] of this.listeners) if (!name.endsWith(POISON_SUFFIX)) notifyAll(listeners);
    });
  }

  start(): void {
    for (const listener of this.all()) listener.start();
  }

  /** Receives no more messages. */
  async stop(): Promise<void> {
    await Promise.all(this.all().map((listener) => listener.stop()));
  }

  /** Resolves when every received message has been processed. */
  async finished(): Promise<void> {
    await Promise.all(this.all().map((listener) => listener.finished()));
  }

  private add(
    target: FunctionMetadata,
    { clients, settings, leaseSeconds, invoker, log }: QueueServices,
  ): void {
    const { queueName, connection } = queueOf(triggerOf(target), target.name);
    const poisonName = queueName.endsWith(POISON_SUFFIX) ? undefined : `${queueName}${POISON_SUFFIX}`;
    const listener = new QueueListener({
      target,
      queue: clients.queue(queueName, connection),
      poisonQueue: poisonName === undefined ? undefined : clients.queue(poisonName, connection),
      settings,
      leaseSeconds,
      invoker,
      log,
      onPoison: () => notifyAll(this.listeners.get(poisonName ?? '') ?? []),
    });
    this.listeners.set(queueName, [...(this.listeners.get(queueName) ?? []), listener]);
  }

  private all(): QueueListener[] {
    return [...this.listeners.values()].flat();
  }
}

/** Sends what a function returned or put into an extra output to its queue, which is created when it is missing. */
export function queueOutput(clients: QueueClients, settings: QueueSettings) {
  const created = new Set<string>();
  return async (binding: RpcBinding, value: TypedData): Promise<void> => {
    const { queueName, connection } = queueOf(binding, 'queue output');
    const queue = clients.queue(queueName, connection);
    if (!created.has(queue.url)) await queue.createIfNotExists();
    created.add(queue.url);
    for (const message of outputMessages(value))
      await queue.sendMessage(encodeMessage(message, settings.messageEncoding));
  };
}

function queueOf(binding: RpcBinding, owner: string): { queueName: string; connection: string | undefined } {
  const { queueName, connection } = binding;
  if (typeof queueName !== 'string' || queueName === '') throw new Error(`${owner}: queueName is missing`);
  return {
    queueName: queueName.toLowerCase(),
    connection: typeof connection === 'string' && connection !== '' ? connection : undefined,
  };
}

function notifyAll(listeners: readonly QueueListener[]): void {
  for (const listener of listeners) listener.notify();
}
