/** A trigger ready to be tested against events of its type. */
import { compileConditions, type DimensionTest } from './conditions';
import type { FoldedData } from './normalized-event';
import type { Patterns } from '../text/pattern-cache';
import type { Trigger } from '../model/trigger';

export interface CompiledTrigger {
  readonly trigger: Trigger;
  /** Position within its rule, from 0. */
  readonly position: number;
  readonly tests: readonly DimensionTest[];
}

export function compileTrigger(trigger: Trigger, position: number, patterns: Patterns): CompiledTrigger {
  return { trigger, position, tests: compileConditions(trigger.eventType, trigger.conditions, patterns) };
}

/** Whether an event of the trigger's type with this data meets it. */
export function meets({ tests }: Pick<CompiledTrigger, 'tests'>, data: FoldedData): boolean {
  for (const test of tests) if (!test.holds(data)) return false;
  return true;
}
