/** A trigger ready to be tested against events of its type. */
import { compileConditions, type DimensionTest } from './conditions';
import type { EventData } from './event';
import type { Trigger } from './trigger';

export interface CompiledTrigger {
  readonly trigger: Trigger;
  /** Position within its rule, from 0. */
  readonly position: number;
  readonly tests: readonly DimensionTest[];
}

export function compileTrigger(trigger: Trigger, position: number): CompiledTrigger {
  return { trigger, position, tests: compileConditions(trigger.eventType, trigger.conditions) };
}

/** Whether an event of the trigger's type with this data meets it. */
export function meets({ tests }: CompiledTrigger, data: EventData): boolean {
  for (const test of tests) if (!test.holds(data)) return false;
  return true;
}
