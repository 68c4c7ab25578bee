/** Whether the active event detection policy logs the events that a response rule is for. */
import { eventType, type EventTypeId } from '../model/event-types';
import type { DetectionPolicy } from '../model/policy';
import type { Scope } from '../model/scope';
import { ComparableScope } from './comparable-scope';
import { StepBudget } from './step-budget';

/** At most about a tenth of a second: the first rule that may log the type ends the comparison. */
const MAX_STEPS = 2_000_000;

export class DetectionCoverage {
  private readonly budget = new StepBudget(MAX_STEPS);
  /** The scopes of the rules that log a type. */
  private readonly scopes = new Map<string, ComparableScope[]>();

  /** Takes the active policy, null when none is active. */
  constructor(private readonly detection: DetectionPolicy | null) {
    for (const { eventTypes, scope } of detection?.rules ?? []) {
      const comparable = ComparableScope.of(scope, this.budget);
      for (const type of eventTypes) {
        const logging = this.scopes.get(type);
        if (logging) logging.push(comparable);
        else this.scopes.set(type, [comparable]);
      }
    }
  }

  /** Why events of a type are logged for no session in a scope; undefined when they may be. */
  whyNotLogged(type: EventTypeId, scope: Scope): string | undefined {
    const { name, detectable } = eventType(type);
    if (!detectable) return undefined;
    if (this.detection === null)
      return `No event detection policy is active, so ${name} is not logged: activate one that logs it, or remove the trigger`;
    const policy = `The event detection policy "${this.detection.name}"`;
    const logging = this.scopes.get(type);
    if (!logging) return `${policy} does not log ${name}: add the type to it, or remove the trigger`;
    return this.areExcluded(logging, scope)
      ? `${policy} logs ${name} only for other sessions than those of this rule: widen one of its rules, or change the scope of this one`
      : undefined;
  }

  private areExcluded(logging: readonly ComparableScope[], scope: Scope): boolean {
    let areExcluded = false;
    this.budget.run(() => {
      const comparable = ComparableScope.of(scope, this.budget);
      areExcluded = logging.every((one) => one.excludes(comparable));
    });
    return areExcluded;
  }
}
