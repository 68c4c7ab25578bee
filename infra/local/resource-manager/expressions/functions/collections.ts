/**
 * Functions of arrays, and those that take arrays, strings and objects alike.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array
 */
import { type Arguments } from '../arguments';
import { asText, isEqual, isObject, memberName, type Value } from '../values';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const collectionFunctions: FunctionTable = {
  array: takes(1, (given) => (Array.isArray(given.value(0)) ? given.value(0) : [given.value(0)])),
  concat: takes(1, concat, ANY_NUMBER),
  contains: takes(2, contains),
  createArray: takes(0, (given) => given.values, ANY_NUMBER),
  empty: takes(1, (given) => given.value(0) === null || lengthOf(given) === 0),
  first: takes(1, (given) => sequence(given, (items) => items[0] ?? null, '')),
  indexOf: takes(2, (given) => position(given, 'first')),
  last: takes(1, (given) => sequence(given, (items) => items.at(-1) ?? null, '')),
  lastIndexOf: takes(2, (given) => position(given, 'last')),
  length: takes(1, lengthOf),
  range: takes(2, range),
  skip: takes(2, (given) => cut(given, Math.max(given.integer(1), 0), undefined)),
  take: takes(2, (given) => cut(given, 0, Math.max(given.integer(1), 0))),
};

function concat(given: Arguments): Value {
  if (given.values.every((value) => Array.isArray(value))) {
    return given.values.flatMap((_, index) => given.array(index));
  }
  const wrong = given.values.findIndex((value) => typeof value === 'object' && value !== null);
  if (wrong >= 0) given.refuseType(wrong, 'String');
  return given.values.map(asText).join('');
}

/** The names of an object's members do not distinguish case, everything else does. */
function contains(given: Arguments): boolean {
  const container = given.value(0);
  const sought = given.value(1);
  if (Array.isArray(container)) return container.some((item) => isEqual(item, sought));
  if (isObject(container)) return memberName(container, asText(sought)) !== undefined;
  return given.text(0).includes(asText(sought));
}

function lengthOf(given: Arguments): number {
  const value = given.value(0);
  if (isObject(value)) return Object.keys(value).length;
  return Array.isArray(value) ? value.length : given.text(0).length;
}

/** What `pick` takes of an array, or of a string's characters; `ofNothing` for an empty string. */
function sequence(given: Arguments, pick: (items: Value[]) => Value, ofNothing: Value): Value {
  return Array.isArray(given.value(0)) ? pick(given.array(0)) : (pick([...given.text(0)]) ?? ofNothing);
}

function cut(given: Arguments, start: number, end: number | undefined): Value {
  return Array.isArray(given.value(0)) ? given.array(0).slice(start, end) : given.text(0).slice(start, end);
}

/** In strings letter case does not matter. */
function position(given: Arguments, which: 'first' | 'last'): number {
  if (Array.isArray(given.value(0))) {
    const isSought = (item: Value): boolean => isEqual(item, given.value(1));
    return which === 'first' ? given.array(0).findIndex(isSought) : given.array(0).findLastIndex(isSought);
  }
  const text = given.text(0).toLowerCase();
  const sought = given.text(1).toLowerCase();
  if (sought === '') return which === 'first' ? 0 : Math.max(text.length - 1, 0);
  return which === 'first' ? text.indexOf(sought) : text.lastIndexOf(sought);
}

const maxRangeLength = 10_000;
const largestInteger = 2_147_483_647;

function range(given: Arguments): Value {
  const start = given.integer(0);
  const count = given.integer(1);
  if (count < 0 || count > maxRangeLength) given.refuse(`the count must be between 0 and ${maxRangeLength}`);
  if (start + count > largestInteger) given.refuse(`the range must not exceed ${largestInteger}`);
  return Array.from({ length: count }, (_, index) => start + index);
}

/** The member or element; undefined when there is none. Used by property access and by `tryGet`. */
export function elementOf(target: Value, key: Value): Value | undefined {
  if (Array.isArray(target)) {
    return typeof key === 'number' && key >= 0 ? target[key] : undefined;
  }
  if (!isObject(target) || typeof key !== 'string') return undefined;
  const name = memberName(target, key);
  return name === undefined ? undefined : target[name];
}
