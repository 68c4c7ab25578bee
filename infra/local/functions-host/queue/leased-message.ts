/**
 * A queue message that this process has received: its lease is renewed while its function runs, then it is deleted or
 * released.
 */
import { type DequeuedMessageItem, type QueueClient, RestError } from '@azure/storage-queue';

export class LeasedMessage {
  /** Another process has received the message, or it is deleted: this process must not touch it any more. */
  isLost = false;
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

  /** Renews the lease at half of its time, until `stopRenewal`. */
  startRenewal(): void {
    this.timer = setInterval(() => {
      // A failed renewal is harmless until the lease ends; the next one may succeed.
      this.renewal = this.renewal.then(() => this.hideFor(this.leaseSeconds)).catch(() => undefined);
    }, this.leaseSeconds * 500);
  }

  async stopRenewal(): Promise<void> {
    clearInterval(this.timer);
    await this.renewal;
  }

  async delete(): Promise<void> {
    await this.unlessTakenOver(this.queue.deleteMessage(this.message.messageId, this.popReceipt));
  }

  /** Releases the message: it can be received again after `delaySeconds`. */
  async release(delaySeconds: number): Promise<void> {
    await this.hideFor(Math.ceil(delaySeconds));
  }

  private async hideFor(seconds: number): Promise<void> {
    if (this.isLost) return;
    const update = this.queue.updateMessage(this.message.messageId, this.popReceipt, undefined, seconds);
    const result = await this.unlessTakenOver(update);
    this.popReceipt = result?.popReceipt ?? this.popReceipt;
  }

  /** The message may be deleted or received by another process by now, which then finishes it. */
  private async unlessTakenOver<Result>(operation: Promise<Result>): Promise<Result | undefined> {
    try {
      return await operation;
    } catch (error) {
      if (!isStorageError(error, 'MessageNotFound', 'PopReceiptMismatch', 'QueueNotFound')) throw error;
      clearInterval(this.timer);
      this.isLost = true;
      return undefined;
    }
  }
}

/** True for one of these error codes of the storage service. */
export function isStorageError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof RestError && error.code !== undefined && codes.includes(error.code);
}
