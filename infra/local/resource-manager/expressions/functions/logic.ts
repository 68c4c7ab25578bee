/**
 * Logical functions and comparisons; `if` is a special form.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-logical and …-comparison
 */
import { type Arguments } from '../arguments';
import { asText, isEqual } from '../values';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const logicFunctions: FunctionTable = {
  and: takes(2, (given) => given.values.map((_, index) => given.boolean(index)).every(Boolean), ANY_NUMBER),
  bool: takes(1, toBoolean),
  coalesce: takes(1, (given) => given.values.find((value) => value !== null) ?? null, ANY_NUMBER),
  equals: takes(2, (given) => isEqual(given.value(0), given.value(1))),
  false: takes(0, () => false),
  greater: takes(2, (given) => compare(given) > 0),
  greaterOrEquals: takes(2, (given) => compare(given) >= 0),
  less: takes(2, (given) => compare(given) < 0),
  lessOrEquals: takes(2, (given) => compare(given) <= 0),
  not: takes(1, (given) => !given.boolean(0)),
  null: takes(0, () => null),
  or: takes(2, (given) => given.values.map((_, index) => given.boolean(index)).some(Boolean), ANY_NUMBER),
  true: takes(0, () => true),
  xor: takes(2, (given) => given.boolean(0) !== given.boolean(1)),
};

function toBoolean(given: Arguments): boolean {
  const value = given.value(0);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const text = given.text(0).toLowerCase();
  if (text !== 'true' && text !== 'false')
    given.refuse(`cannot convert '${asText(value)}' to type 'Boolean'`);
  return text === 'true';
}

/** Strings by their code points. */
function compare(given: Arguments): number {
  if (typeof given.value(0) === 'string') {
    const [left, right] = [given.text(0), given.text(1)];
    return left < right ? -1 : Number(left > right);
  }
  return given.integer(0) - given.integer(1);
}
