/** A queue message that this process has taken: kept hidden while its function runs, then deleted or given back. */
import { type DequeuedMessageItem, type QueueClient, RestError } from '@azure/storage-queue';

export class LeasedMessage {
  /** Somebody else has taken the message, or it is gone: this process has no say in it any more. */
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

  /** Prolongs the time it is hidden, at half of it, until `letGo`. */
  startRenewal(): void {
    this.timer = setInterval(() => {
      // A renewal that fails is no harm until the lease ends; the next one may succeed.
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

  /** Gives the message back: it can be taken again after `delaySeconds`. */
  async release(delaySeconds: number): Promise<void> {
    await this.hideFor(Math.ceil(delaySeconds));
  }

  private async hideFor(seconds: number): Promise<void> {
    if (this.isLost) return;
    const update = this.queue.updateMessage(this.message.messageId, this.popReceipt, undefined, seconds);
    const result = await this.unlessTakenOver(update);
    this.popReceipt = result?.popReceipt ?? this.popReceipt;
  }

  /** The message may be gone or someone else's by now: then it is theirs to finish. */
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
