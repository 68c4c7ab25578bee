/** What a capability declares for each kind of task that it has. */
import type { Services } from '../services';
import type { Task } from './task';

export interface TaskKind {
  /** Stored with every task: never changed. */
  readonly name: string;
  readonly isCancelable: boolean;
  /** The orchestrator that works on it, where its items are found on the way; absent: all are known when it is created. */
  readonly orchestrator?: string;
  /**
   * Does one item. It may be called again for an item that was done, and several times at once: it must be idempotent.
   * A Problem of status 4xx makes the item fail with its code and detail; any other error has the page of items tried
   * again.
   * @returns details of the result, if any
   */
  work(
    services: Services,
    context: { customerId: string; task: Task },
    item: string,
  ): Promise<string | undefined>;
}
