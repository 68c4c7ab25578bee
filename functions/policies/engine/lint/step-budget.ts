/** A budget of steps for work that could otherwise grow with the square of its input. */

export class StepBudget {
  private remaining: number;

  /** `steps`: units of work, each about one lookup in a set or one short text comparison. */
  constructor(steps: number) {
    this.remaining = steps;
  }

  /** Whether some work was aborted. */
  get isExceeded(): boolean {
    return this.remaining < 0;
  }

  /** Call it before work of so many steps. Aborts the work passed to `run` when the budget is exceeded. */
  spend(steps: number): void {
    this.remaining -= steps;
    if (this.isExceeded) throw new BudgetExceeded();
  }

  /** Runs the work until it is complete or the budget is exceeded; what it has stored by then remains. */
  run(work: () => void): void {
    if (this.isExceeded) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
    }
  }
}

class BudgetExceeded extends Error {}
