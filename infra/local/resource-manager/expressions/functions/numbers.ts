/** Numeric functions. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric */
import { type Arguments } from '../arguments';
import { asText } from '../values';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const numberFunctions: FunctionTable = {
  add: takes(2, (given) => given.integer(0) + given.integer(1)),
  div: takes(2, (given) => Math.trunc(given.integer(0) / divisor(given))),
  float: takes(1, toFloat),
  int: takes(1, toInteger),
  max: takes(1, (given) => Math.max(...integers(given)), ANY_NUMBER),
  min: takes(1, (given) => Math.min(...integers(given)), ANY_NUMBER),
  mod: takes(2, (given) => given.integer(0) % divisor(given)),
  mul: takes(2, (given) => given.integer(0) * given.integer(1)),
  sub: takes(2, (given) => given.integer(0) - given.integer(1)),
};

function divisor(given: Arguments): number {
  if (given.integer(1) === 0) given.refuse('attempted to divide by zero');
  return given.integer(1);
}

/** Of one array, or of the arguments themselves. */
function integers(given: Arguments): number[] {
  const numbers = given.count === 1 && Array.isArray(given.value(0)) ? given.array(0) : given.values;
  if (numbers.length === 0) given.refuse('the array must not be empty');
  return numbers.map((number, index) =>
    typeof number === 'number' ? number : given.refuseType(index, 'Integer'),
  );
}

function toInteger(given: Arguments): number {
  const number = toFloat(given);
  if (Number.isInteger(number)) return number;
  return typeof given.value(0) === 'number' ? Math.trunc(number) : unconvertible(given, 'Integer');
}

function toFloat(given: Arguments): number {
  const value = given.value(0);
  if (typeof value === 'number') return value;
  const text = given.text(0).trim();
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? unconvertible(given, given.functionName) : number;
}

function unconvertible(given: Arguments, type: string): never {
  return given.refuse(`cannot convert '${asText(given.value(0))}' to '${type}'`);
}
