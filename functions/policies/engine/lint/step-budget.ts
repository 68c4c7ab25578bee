/** A bound on work that could otherwise grow with the square of what it is given. */

export class Effort {
  private left: number;

  /** `most`: units of work, each about a look at a set or a short text. */
  constructor(most: number) {
    this.left = most;
  }

  /** Whether some work had to be broken off. */
  get isSpent(): boolean {
    return this.left < 0;
  }

  /** Call it before so much work. Ends what runs `within` the effort when too little is left. */
  spend(units: number): void {
    this.left -= units;
    if (this.isSpent) throw new EffortSpent();
  }

  /** Does the work until it is done or the effort is spent: `work` keeps what it finds as it goes. */
  within(work: () => void): void {
    if (this.isSpent) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof EffortSpent)) throw error;
    }
  }
}

class EffortSpent extends Error {}
