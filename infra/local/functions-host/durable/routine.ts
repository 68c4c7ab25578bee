/**
 * Tasks that are settled from outside and routines that wait for them, synchronously: a waiting routine continues at
 * once.
 */

/** Something that an orchestration waits for. Settles once. */
export class Task {
  private outcome: 'open' | 'succeeded' | 'failed' = 'open';
  private waiting: (() => void)[] = [];

  get isSettled(): boolean {
    return this.outcome !== 'open';
  }

  get isFailed(): boolean {
    return this.outcome === 'failed';
  }

  settle(outcome: 'succeeded' | 'failed'): void {
    if (this.isSettled) return;
    this.outcome = outcome;
    const waiting = this.waiting;
    this.waiting = [];
    for (const proceed of waiting) proceed();
  }

  whenSettled(proceed: () => void): void {
    if (this.isSettled) proceed();
    else this.waiting.push(proceed);
  }
}

/** A routine yields the tasks it waits for; it returns whether it succeeded. */
export type Routine = Generator<Task, boolean, void>;

/** Runs a routine up to its first open task, and continues whenever that one settles. */
export function start(routine: Routine): Task {
  const task = new Task();
  const advance = (): void => {
    for (;;) {
      const step = routine.next();
      if (step.done) return task.settle(step.value ? 'succeeded' : 'failed');
      if (!step.value.isSettled) return step.value.whenSettled(advance);
    }
  };
  advance();
  return task;
}

export function settled(): Task {
  const task = new Task();
  task.settle('succeeded');
  return task;
}

/** Settles when all have: failed when one of them has. */
export function whenAll(tasks: readonly Task[]): Task {
  return start(
    (function* () {
      for (const task of tasks) if (!task.isSettled) yield task;
      return !tasks.some((task) => task.isFailed);
    })(),
  );
}

/** Settles when the first has. */
export function whenAny(tasks: readonly Task[]): Task {
  const first = new Task();
  for (const task of tasks) task.whenSettled(() => first.settle('succeeded'));
  return first;
}
