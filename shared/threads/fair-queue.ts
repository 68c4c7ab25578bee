/** A bounded queue that serves customers in turn, so that one who sends much waits for itself only. Pure. */

interface Limits {
  /** Of all customers. */
  maxWaiting: number;
  maxWaitingPerCustomer: number;
  /** How many items of one customer are in work at a time. */
  maxRunningPerCustomer: number;
}

/** Why an item is not taken: the customer has too many, or all have together. */
export type Refusal = 'customer-full' | 'full';

export class FairQueue<Item> {
  /** By customer, in the order in which they are served next; none is empty. */
  private readonly waiting = new Map<string, Item[]>();
  private readonly running = new Map<string, number>();
  private count = 0;

  constructor(private readonly limits: Limits) {}

  /** Adds an item at the end of its customer's, unless there are too many. */
  add(customer: string, item: Item): Refusal | undefined {
    const items = this.waiting.get(customer) ?? [];
    if (items.length >= this.limits.maxWaitingPerCustomer) return 'customer-full';
    if (this.count >= this.limits.maxWaiting) return 'full';
    this.count += 1;
    items.push(item);
    this.waiting.set(customer, items);
    return undefined;
  }

  /** The next item to work on, or undefined when there is none. Call `done` when it is finished. */
  next(): Item | undefined {
    for (const [customer, items] of this.waiting) {
      const running = this.running.get(customer) ?? 0;
      if (running >= this.limits.maxRunningPerCustomer) continue;
      const item = items.shift();
      this.count -= 1;
      this.running.set(customer, running + 1);
      // Behind the others.
      this.waiting.delete(customer);
      if (items.length > 0) this.waiting.set(customer, items);
      return item;
    }
    return undefined;
  }

  /** An item of the customer that `next` returned is finished. */
  done(customer: string): void {
    const running = (this.running.get(customer) ?? 0) - 1;
    if (running > 0) this.running.set(customer, running);
    else this.running.delete(customer);
  }

  /** Takes a waiting item out; false when it does not wait any more. */
  remove(customer: string, item: Item): boolean {
    const items = this.waiting.get(customer);
    const index = items?.indexOf(item) ?? -1;
    if (!items || index < 0) return false;
    items.splice(index, 1);
    this.count -= 1;
    if (items.length === 0) this.waiting.delete(customer);
    return true;
  }
}
