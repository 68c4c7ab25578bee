/** The declaration of a function: its number of arguments, and its implementation. */
import { type Arguments } from '../arguments';
import { type Scope } from '../scope';
import { type Value } from '../values';

export interface TemplateFunction {
  minArguments: number;
  maxArguments: number;
  apply(given: Arguments, scope: Scope): Value;
}

/** `most` absent: exactly `fewest`. */
export function takes(fewest: number, apply: TemplateFunction['apply'], most = fewest): TemplateFunction {
  return { minArguments: fewest, maxArguments: most, apply };
}

export const ANY_NUMBER = Number.POSITIVE_INFINITY;

export type FunctionTable = Record<string, TemplateFunction>;
