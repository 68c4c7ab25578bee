/** External events of one orchestration: the waiting tasks, and the events that arrived before anything waited for them. */
import { Task } from './routine';

/** Names are compared without regard to letter case, as in the extension. */
export class ExternalEvents {
  /** Latest first. */
  private readonly waiting = new Map<string, Task[]>();
  private readonly early = new Map<string, number>();

  wait(name: string): Task {
    const key = name.toLowerCase();
    const task = new Task();
    const count = this.early.get(key) ?? 0;
    if (count > 0) {
      this.early.set(key, count - 1);
      task.settle('succeeded');
    } else {
      this.waiting.set(key, [task, ...(this.waiting.get(key) ?? [])]);
    }
    return task;
  }

  /** The latest waiter gets an event first: earlier ones have usually been abandoned, in a loop of `Task.any`. */
  raise(name: string): void {
    const key = name.toLowerCase();
    const [latest, ...others] = this.waiting.get(key) ?? [];
    if (latest) {
      this.waiting.set(key, others);
      latest.settle('succeeded');
    } else {
      this.early.set(key, (this.early.get(key) ?? 0) + 1);
    }
  }
}
