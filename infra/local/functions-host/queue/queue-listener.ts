/**
 * Storage queue triggers: receives messages in batches, keeps them invisible while their function runs, moves poison
 * messages.
 */
import { type DequeuedMessageItem, type QueueClient } from '@azure/storage-queue';
import { type HostLog, messageOf } from '../host-log';
import { type QueueSettings } from '../host-settings';
import { type InvocationResult, type Invoker } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { LeasedMessage, isStorageError } from './leased-message';
import { decodeMessage, messageMetadata } from './message-text';
import { PollBackoff } from './poll-backoff';

export interface QueueListenerOptions {
  readonly target: FunctionMetadata;
  readonly queue: QueueClient;
  /** Absent for a queue that is a poison queue itself. */
  readonly poisonQueue?: QueueClient;
  readonly settings: QueueSettings;
  /** How long a message stays hidden when this process dies; the real host takes ten minutes. */
  readonly leaseSeconds: number;
  readonly invoker: Invoker;
  readonly log: HostLog;
  /** Called after a message was moved to the poison queue, so that its listener polls. */
  readonly onPoison?: () => void;
}

/** How long the last receive request may take after the stop. */
const FINAL_RECEIVE_TIMEOUT_MS = 1000;

export class QueueListener {
  private readonly backoff: PollBackoff;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly givingUp = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private isFailing = false;

  constructor(private readonly options: QueueListenerOptions) {
    this.backoff = new PollBackoff(options.settings.maxPollingIntervalMs);
  }

  /** Starts listening. As the real host, it waits for a queue that does not exist, and never makes it. */
  start(): void {
    this.loop = this.listen();
  }

  /** Polls the queue soon: a message may have been sent to it. */
  notify(): void {
    this.backoff.wake();
  }

  /** Receives no more messages. The invoker waits for those that are running. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.backoff.stop();
    // Messages of a request in progress can be released; it is aborted only when the service is slow or down.
    const grace = setTimeout(() => this.givingUp.abort(), FINAL_RECEIVE_TIMEOUT_MS);
    await this.loop;
    clearTimeout(grace);
  }

  /** Resolves when every message that was taken has been deleted, released or moved. */
  async finished(): Promise<void> {
    await Promise.all(this.running);
  }

  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    while (!signal.aborted) {
      const messages = await this.receive();
      if (signal.aborted) return this.release(messages);
      for (const message of messages) this.process(message);
      if (messages.length === 0) await this.backoff.pause();
      else this.backoff.reset();
      while (!signal.aborted && this.running.size > this.options.settings.newBatchThreshold) {
        await Promise.race([...this.running, stopped]);
      }
    }
  }

  private async receive(): Promise<readonly DequeuedMessageItem[]> {
    const { queue, settings, leaseSeconds, target, log } = this.options;
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: leaseSeconds,
        abortSignal: this.givingUp.signal,
      });
      this.isFailing = false;
      return receivedMessageItems;
    } catch (error) {
      // Logged once per outage, not once per poll.
      if (!this.isFailing && !this.stopping.signal.aborted) {
        const reason = isStorageError(error, 'QueueNotFound')
          ? 'does not exist: a deployment must make it'
          : `cannot be read: ${messageOf(error)}`;
        log.write('warning', `Function.${target.name}`, `Queue '${queue.name}' ${reason}`);
      }
      this.isFailing = true;
      return [];
    }
  }

  /** Received when the host was already stopping: another host, or the next one, receives it at once. */
  private async release(messages: readonly DequeuedMessageItem[]): Promise<void> {
    const { queue, leaseSeconds } = this.options;
    const held = messages.map((message) => new LeasedMessage(queue, message, leaseSeconds));
    // One that cannot be released becomes visible again when its lease ends.
    await Promise.allSettled(held.map((message) => message.release(0)));
  }

  private process(message: DequeuedMessageItem): void {
    const work = this.processMessage(message)
      .catch((error: unknown) => {
        const { target, log } = this.options;
        log.write('error', `Function.${target.name}`, `Message '${message.messageId}': ${messageOf(error)}`);
      })
      .finally(() => this.running.delete(work));
    this.running.add(work);
  }

  private async processMessage(message: DequeuedMessageItem): Promise<void> {
    const { settings, target, queue, invoker } = this.options;
    const held = new LeasedMessage(queue, message, this.options.leaseSeconds);
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined || message.dequeueCount > settings.maxDequeueCount) return this.movePoison(held);
    held.startRenewal();
    let result: InvocationResult;
    try {
      result = await invoker.run(target, {
        data: { string: text },
        metadata: messageMetadata(message, text),
        reason: `New queue message detected on '${queue.name}'.`,
      });
    } finally {
      await held.stopRenewal();
    }
    if (held.isLost) this.reportLoss(message);
    else if (result.ok) await held.delete();
    else if (this.options.poisonQueue && message.dequeueCount >= settings.maxDequeueCount)
      await this.movePoison(held);
    else if (this.options.poisonQueue) await held.release(settings.visibilityTimeoutMs / 1000);
  }

  /** The lease was lost during the run: the new owner runs the message again and decides about it. */
  private reportLoss({ messageId }: DequeuedMessageItem): void {
    const { queue, log, target } = this.options;
    const message = `Message '${messageId}' of queue '${queue.name}' was taken over while its function ran.`;
    log.write('warning', `Function.${target.name}`, message);
  }

  private async movePoison(held: LeasedMessage): Promise<void> {
    const { poisonQueue, settings, log, target, onPoison } = this.options;
    // A poison queue has no poison queue: the message stays until it expires.
    if (!poisonQueue) return;
    log.write(
      'warning',
      `Function.${target.name}`,
      `Message has reached MaxDequeueCount of ${settings.maxDequeueCount}. Moving message to queue '${poisonQueue.name}'.`,
    );
    // As the real host: the one queue that a trigger makes.
    await poisonQueue.createIfNotExists();
    await poisonQueue.sendMessage(held.message.messageText);
    await held.delete();
    onPoison?.();
  }
}
