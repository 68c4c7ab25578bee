/** Storage queue triggers: takes messages in batches, keeps them invisible while their function runs, moves the poisonous away. */
import { type DequeuedMessageItem, type QueueClient, RestError } from '@azure/storage-queue';
import { type HostLog, messageOf } from '../host-log';
import { type QueueSettings } from '../host-settings';
import { type InvocationResult, type Invoker } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { decodeMessage, messageMetadata } from './message-text';
import { PollPace } from './poll-pace';

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
  /** Called after a message went to the poison queue: its listener should look. */
  readonly onPoison?: () => void;
}

export class QueueListener {
  private readonly pace: PollPace;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private isFailing = false;

  constructor(private readonly options: QueueListenerOptions) {
    this.pace = new PollPace(options.settings.maxPollingIntervalMs);
  }

  /** Creates the queue and begins to listen. */
  async start(): Promise<void> {
    await this.options.queue.createIfNotExists();
    this.loop = this.listen();
  }

  /** Looks at the queue soon: something may have been sent to it. */
  notify(): void {
    this.pace.wake();
  }

  /** Takes no more messages. Those that run are the invoker's to wait for. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.pace.stop();
    await this.loop;
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
      for (const message of messages) this.process(message);
      if (messages.length === 0) await this.pace.pause();
      else this.pace.reset();
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
        abortSignal: this.stopping.signal,
      });
      this.isFailing = false;
      return receivedMessageItems;
    } catch (error) {
      // Said once per outage, not once per poll.
      if (!this.isFailing && !this.stopping.signal.aborted) {
        log.write(
          'warning',
          `Function.${target.name}`,
          `Queue '${queue.name}' cannot be read: ${messageOf(error)}`,
        );
      }
      this.isFailing = true;
      if (isStorageError(error, 'QueueNotFound')) await queue.createIfNotExists().catch(() => undefined);
      return [];
    }
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
    const held = new HeldMessage(queue, message, this.options.leaseSeconds);
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined || message.dequeueCount > settings.maxDequeueCount) return this.movePoison(held);
    held.keepHidden();
    let result: InvocationResult;
    try {
      result = await invoker.run(target, {
        data: { string: text },
        metadata: messageMetadata(message, text),
        reason: `New queue message detected on '${queue.name}'.`,
      });
    } finally {
      await held.letGo();
    }
    if (result.ok) await held.delete();
    else if (this.options.poisonQueue && message.dequeueCount >= settings.maxDequeueCount)
      await this.movePoison(held);
    else if (this.options.poisonQueue) await held.release(settings.visibilityTimeoutMs / 1000);
  }

  private async movePoison(held: HeldMessage): Promise<void> {
    const { poisonQueue, settings, log, target, onPoison } = this.options;
    // A poison queue has no poison queue: the message stays until it expires.
    if (!poisonQueue) return;
    log.write(
      'warning',
      `Function.${target.name}`,
      `Message has reached MaxDequeueCount of ${settings.maxDequeueCount}. Moving message to queue '${poisonQueue.name}'.`,
    );
    await poisonQueue.createIfNotExists();
    await poisonQueue.sendMessage(held.message.messageText);
    await held.delete();
    onPoison?.();
  }
}

/** A message that this process has taken, with its current pop receipt. */
class HeldMessage {
  private popReceipt: string;
  private timer: NodeJS.Timeout | undefined;
  private renewal: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: QueueClient,
    readonly message: DequeuedMessageItem,
    private readonly leaseSeconds: number,
  ) {
    this.popReceipt = message.popReceipt;
  }

  /** Prolongs the time it is hidden, at half of it, until `letGo`. */
  keepHidden(): void {
    this.timer = setInterval(() => {
      // A renewal that fails is no harm until the lease ends; the next one may succeed.
      this.renewal = this.hideFor(this.leaseSeconds).catch(() => undefined);
    }, this.leaseSeconds * 500);
  }

  async letGo(): Promise<void> {
    clearInterval(this.timer);
    await this.renewal;
  }

  async delete(): Promise<void> {
    await this.unlessTakenOver(this.queue.deleteMessage(this.message.messageId, this.popReceipt));
  }

  /** Gives the message back: it can be taken again after `delaySeconds`. */
  async release(delaySeconds: number): Promise<void> {
    await this.hideFor(Math.ceil(delaySeconds));
  }

  private async hideFor(seconds: number): Promise<void> {
    const update = this.queue.updateMessage(this.message.messageId, this.popReceipt, undefined, seconds);
    const result = await this.unlessTakenOver(update);
    this.popReceipt = result?.popReceipt ?? this.popReceipt;
  }

  /** The message may be gone or someone else's by now: then it is theirs to finish. */
  private async unlessTakenOver<Result>(operation: Promise<Result>): Promise<Result | undefined> {
    try {
      return await operation;
    } catch (error) {
      if (isStorageError(error, 'MessageNotFound', 'PopReceiptMismatch', 'QueueNotFound')) return undefined;
      throw error;
    }
  }
}

function isStorageError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof RestError && error.code !== undefined && codes.includes(error.code);
}
