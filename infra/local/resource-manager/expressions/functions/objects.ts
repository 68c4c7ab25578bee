/** Functions of objects. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-object */
import { type Arguments } from '../arguments';
import { isEqual, isObject, type Value, type ValueObject } from '../values';
import { elementOf } from './collections';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const objectFunctions: FunctionTable = {
  createObject: takes(0, createObject, ANY_NUMBER),
  intersection: takes(2, intersection, ANY_NUMBER),
  items: takes(1, (given) =>
    sortedNames(given.object(0)).map((key) => ({ key, value: given.object(0)[key] ?? null })),
  ),
  objectKeys: takes(1, (given) => sortedNames(given.object(0))),
  shallowMerge: takes(1, (given) =>
    given
      .array(0)
      .reduce<ValueObject>(
        (sum, item) => ({ ...sum, ...(isObject(item) ? item : given.refuseType(0, 'Array')) }),
        {},
      ),
  ),
  tryGet: takes(2, tryGet, ANY_NUMBER),
  union: takes(1, union, ANY_NUMBER),
};

const sortedNames = (object: ValueObject): string[] => Object.keys(object).sort();

function createObject(given: Arguments): Value {
  if (given.count % 2 !== 0) given.refuse('it takes names and values by turns, an even number of arguments');
  const object: ValueObject = {};
  for (let index = 0; index < given.count; index += 2) object[given.text(index)] = given.value(index + 1);
  return object;
}

/** Null as soon as one of the members or elements does not exist. */
function tryGet(given: Arguments): Value {
  let found: Value | undefined = given.value(0);
  for (const key of given.values.slice(1)) found = elementOf(found ?? null, key);
  return found ?? null;
}

function union(given: Arguments): Value {
  if (Array.isArray(given.value(0))) {
    const all = given.values.flatMap((_, index) => given.array(index));
    return all.filter((item, index) => all.findIndex((other) => isEqual(item, other)) === index);
  }
  return given.values.map((_, index) => given.object(index)).reduce(merged, {});
}

/** Objects within are merged as well; of anything else the later one is kept. */
function merged(left: ValueObject, right: ValueObject): ValueObject {
  const result = { ...left };
  for (const [name, value] of Object.entries(right)) {
    const before = result[name];
    result[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

function intersection(given: Arguments): Value {
  const others = given.values.slice(1);
  if (Array.isArray(given.value(0))) {
    const arrays = others.map((_, index) => given.array(index + 1));
    return given.array(0).filter((item) => arrays.every((array) => array.some((one) => isEqual(one, item))));
  }
  const objects = others.map((_, index) => given.object(index + 1));
  const shared = Object.entries(given.object(0)).filter(([name, value]) =>
    objects.every((object) => Object.hasOwn(object, name) && isEqual(object[name] ?? null, value)),
  );
  return Object.fromEntries(shared);
}
