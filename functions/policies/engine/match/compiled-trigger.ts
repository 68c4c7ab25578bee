/** A trigger prepared to be tested against events of its type. */
import type { Trigger } from '../model/trigger';
import type { PatternCache } from '../text/pattern-cache';
import { compileConditions, type DimensionTest } from './conditions';
import type { NormalizedEvent } from './normalized-event';

export interface CompiledTrigger {
  readonly trigger: Trigger;
  /** Position within its rule, from 0. */
  readonly position: number;
  readonly tests: readonly DimensionTest[];
}

export function compileTrigger(trigger: Trigger, position: number, patterns: PatternCache): CompiledTrigger {
  return { trigger, position, tests: compileConditions(trigger.eventType, trigger.conditions, patterns) };
}

/** Whether the trigger matches an event of its type. */
export function matches({ tests }: Pick<CompiledTrigger, 'tests'>, event: NormalizedEvent): boolean {
  for (const test of tests) if (!test.holds(event)) return false;
  return true;
}
