/** The budget of work that all patterns of a policy may spend on one event. */

/**
 * In steps: an instruction of a pattern's program for a character of a text. At most about 4 ns each, mostly far less:
 * one event takes a second at most. It is counted, not measured, so that the same event always has the same result.
 */
const MAX_STEPS = 250_000_000;

/** Thrown when the patterns of a policy would take too long on an event. */
export class EventTooCostly extends Error {
  override readonly name = 'EventTooCostly';
}

export class PatternSteps {
  private left = MAX_STEPS;

  /** Call it before searching a text of this many characters. @throws EventTooCostly when the budget is exceeded */
  spend(instructions: number, characters: number): void {
    this.left -= instructions * (characters + 1);
    if (this.left < 0) throw new EventTooCostly('the patterns of the policy take too long on this event');
  }
}
