/** The built-in scalar functions of the query language. A wrong argument type yields undefined. */
import { equal, isObject, type JsonObject, type Value } from './values';

interface BuiltIn {
  readonly arity: readonly [number, number];
  readonly call: (args: readonly Value[]) => Value;
}

const text = (call: (value: string) => Value): BuiltIn => ({
  arity: [1, 1],
  call: ([value]) => (typeof value === 'string' ? call(value) : undefined),
});

const number = (call: (value: number) => number): BuiltIn => ({
  arity: [1, 1],
  call: ([value]) => (typeof value === 'number' ? finite(call(value)) : undefined),
});

const typeTest = (test: (value: Value) => boolean): BuiltIn => ({
  arity: [1, 1],
  call: ([value]) => test(value),
});

/** A search in a string; an optional third argument `true` ignores case. */
const search = (test: (value: string, sought: string) => boolean): BuiltIn => ({
  arity: [2, 3],
  call: ([value, sought, ignoreCase]) => {
    if (typeof value !== 'string' || typeof sought !== 'string') return undefined;
    if (ignoreCase !== true) return test(value, sought);
    return test(value.toLowerCase(), sought.toLowerCase());
  },
});

const finite = (value: number): Value => (Number.isFinite(value) ? value : undefined);

const primitive = (value: Value) => value === null || ['string', 'number', 'boolean'].includes(typeof value);

const builtIns: Readonly<Record<string, BuiltIn>> = {
  IS_DEFINED: typeTest((value) => value !== undefined),
  IS_NULL: typeTest((value) => value === null),
  IS_BOOL: typeTest((value) => typeof value === 'boolean'),
  IS_NUMBER: typeTest((value) => typeof value === 'number'),
  IS_INTEGER: typeTest((value) => Number.isInteger(value)),
  IS_FINITE_NUMBER: typeTest((value) => Number.isFinite(value)),
  IS_STRING: typeTest((value) => typeof value === 'string'),
  IS_ARRAY: typeTest((value) => Array.isArray(value)),
  IS_OBJECT: typeTest(isObject),
  IS_PRIMITIVE: typeTest(primitive),

  CONTAINS: search((value, sought) => value.includes(sought)),
  STARTSWITH: search((value, sought) => value.startsWith(sought)),
  ENDSWITH: search((value, sought) => value.endsWith(sought)),
  STRINGEQUALS: search((value, sought) => value === sought),
  LOWER: text((value) => value.toLowerCase()),
  UPPER: text((value) => value.toUpperCase()),
  LENGTH: text((value) => [...value].length),
  REVERSE: text((value) => [...value].reverse().join('')),
  TRIM: text((value) => value.trim()),
  LTRIM: text((value) => value.trimStart()),
  RTRIM: text((value) => value.trimEnd()),
  INDEX_OF: {
    arity: [2, 3],
    call: ([value, sought, from = 0]) =>
      typeof value === 'string' && typeof sought === 'string' && typeof from === 'number'
        ? value.indexOf(sought, from)
        : undefined,
  },
  SUBSTRING: {
    arity: [3, 3],
    call: ([value, from, length]) =>
      typeof value === 'string' && typeof from === 'number' && typeof length === 'number'
        ? value.slice(Math.max(0, from), Math.max(0, from) + Math.max(0, length))
        : undefined,
  },
  LEFT: slice((value, count) => value.slice(0, Math.max(0, count))),
  RIGHT: slice((value, count) => (count > 0 ? value.slice(-count) : '')),
  REPLACE: {
    arity: [3, 3],
    call: ([value, sought, replacement]) =>
      typeof value === 'string' && typeof sought === 'string' && typeof replacement === 'string'
        ? value.replaceAll(sought, () => replacement)
        : undefined,
  },
  CONCAT: {
    arity: [2, Infinity],
    call: (parts) => (parts.every((part) => typeof part === 'string') ? parts.join('') : undefined),
  },
  TOSTRING: {
    arity: [1, 1],
    call: ([value]) =>
      value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value),
  },
  STRINGTONUMBER: text((value) => (value.trim() === '' ? undefined : finite(Number(value)))),

  ABS: number(Math.abs),
  CEILING: number(Math.ceil),
  FLOOR: number(Math.floor),
  ROUND: number((value) => Math.sign(value) * Math.round(Math.abs(value))),

  ARRAY_CONTAINS: {
    arity: [2, 3],
    call: ([list, sought, partial]) => {
      if (!Array.isArray(list) || sought === undefined) return undefined;
      return list.some((item) =>
        partial === true && isObject(sought) ? includes(item, sought) : equal(item, sought),
      );
    },
  },
  ARRAY_LENGTH: { arity: [1, 1], call: ([list]) => (Array.isArray(list) ? list.length : undefined) },
  ARRAY_CONCAT: {
    arity: [2, Infinity],
    call: (lists) => (lists.every((list) => Array.isArray(list)) ? lists.flat() : undefined),
  },
  ARRAY_SLICE: {
    arity: [2, 3],
    call: ([list, from, length]) =>
      Array.isArray(list) && typeof from === 'number'
        ? list.slice(from).slice(0, typeof length === 'number' ? Math.max(0, length) : undefined)
        : undefined,
  },
};

function slice(call: (value: string, count: number) => string): BuiltIn {
  return {
    arity: [2, 2],
    call: ([value, count]) =>
      typeof value === 'string' && typeof count === 'number' ? call(value, count) : undefined,
  };
}

/** Whether an object has at least the properties of the one sought (ARRAY_CONTAINS with `true`). */
function includes(item: Value, sought: JsonObject): boolean {
  if (!isObject(item)) return false;
  return Object.entries(sought).every(([key, value]) => {
    if (!Object.hasOwn(item, key)) return false;
    const own = item[key];
    return isObject(value) ? includes(own, value) : own !== undefined && equal(own, value);
  });
}

export function isFunction(name: string, argumentCount: number): boolean {
  const builtIn = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
  return builtIn !== undefined && argumentCount >= builtIn.arity[0] && argumentCount <= builtIn.arity[1];
}

/** Looks up a function for which `isFunction` is true. */
export function functionNamed(name: string): (args: readonly Value[]) => Value {
  const builtIn = builtIns[name];
  if (!builtIn) throw new RangeError(`No function ${name}`);
  return builtIn.call;
}

/** SQL pattern to regular expression: `%` any text, `_` one character, `[abc]` a set, an escape character. */
export function likePattern(pattern: string, escape: string | undefined): RegExp {
  const chars = [...pattern];
  const quote = (char: string) => char.replace(/[\\^$.*+?()[\]{}|/-]/u, '\\$&');
  let source = '';
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    const close = char === '[' ? chars.indexOf(']', i + 2) : -1;
    if (char === escape) {
      source += quote(chars[++i] ?? '');
    } else if (close > 0) {
      const negated = chars[i + 1] === '^';
      const members = chars.slice(i + (negated ? 2 : 1), close);
      source += `[${negated ? '^' : ''}${members.map((member) => (member === '-' ? '-' : quote(member))).join('')}]`;
      i = close;
    } else {
      source += char === '%' ? '.*' : char === '_' ? '.' : quote(char);
    }
  }
  return new RegExp(`^${source}$`, 'su');
}
