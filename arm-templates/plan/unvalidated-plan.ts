/** Reads site plans whose fields may be missing or of any type, for the rules that span several fields. */

/** A plan whose fields can be missing or of any type. A rule holds where it cannot be evaluated. */
export type UnvalidatedPlan = Record<string, unknown>;

/** The value as an object; empty when it is something else. */
export function recordOf(plan: unknown): UnvalidatedPlan {
  return typeof plan === 'object' && plan !== null ? (plan as UnvalidatedPlan) : {};
}

/** A rule on a draft, and where its error is reported. */
export interface PlanRule {
  path: readonly string[];
  error: string;
  holds: (draft: UnvalidatedPlan) => boolean;
}

/** A part of the plan as an object. */
export function section(draft: UnvalidatedPlan, name: string): UnvalidatedPlan {
  return recordOf(recordOf(draft)[name]);
}

/** The value if it is a text. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
