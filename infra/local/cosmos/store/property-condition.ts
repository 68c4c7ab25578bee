/** Conditions on one property in SQL, over its type rank and value. Pure. */
import { type BinaryOperator } from '../query/syntax';
import { rank, rankOf, type Value } from '../query/values';
import { isPlainText, type Sql, type SqlValue } from './keys';

/** The SQL of a property's type rank and value. */
export interface Keys {
  readonly path: string;
  readonly type: string;
  readonly value: string;
}

export type PropertyCondition = Sql & {
  readonly exact: boolean;
  readonly seek?: boolean;
  /** The string that the property, an array, must hold. */
  readonly item?: string;
  /** Which of the two keys have one value only. */
  readonly fixes?: 'type' | 'both';
};

export const exactly = (sql: string, ...args: SqlValue[]): PropertyCondition => ({ sql, args, exact: true });
const seeking = (fixes: 'type' | 'both', sql: string, ...args: SqlValue[]): PropertyCondition => ({
  sql,
  args,
  exact: true,
  seek: true,
  fixes,
});

export function comparison(
  keys: Keys,
  operator: BinaryOperator,
  value: Value,
): PropertyCondition | undefined {
  switch (operator) {
    case '=':
      return equals(keys, value);
    case '!=': {
      const same = equals(keys, value);
      return same?.exact ? exactly(`(${keys.type}<>0 AND NOT ${same.sql})`, ...same.args) : undefined;
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return range(keys, operator, value);
    default:
      return undefined;
  }
}

export function equals({ type, value: key }: Keys, value: Value): PropertyCondition | undefined {
  if (value === null || typeof value === 'boolean') return seeking('both', `(${type}=${rankOf(value)})`);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return seeking('both', `(${type}=${rank.number} AND ${key}=?)`, value);
    const [low, high] = slack(value);
    return {
      ...seeking('type', `(${type}=${rank.number} AND ${key} BETWEEN ? AND ?)`, low, high),
      exact: false,
    };
  }
  if (typeof value !== 'string' || !isPlainText(value)) return undefined;
  return seeking('both', `(${type}=${rank.string} AND ${key}=?)`, value);
}

function range(
  { type, value: key }: Keys,
  operator: '<' | '<=' | '>' | '>=',
  value: Value,
): PropertyCondition | undefined {
  if (typeof value === 'string' && isPlainText(value)) {
    return seeking('type', `(${type}=${rank.string} AND ${key}${operator}?)`, value);
  }
  if (typeof value !== 'number') return undefined;
  if (Number.isSafeInteger(value))
    return seeking('type', `(${type}=${rank.number} AND ${key}${operator}?)`, value);
  const bound = slack(value)[operator.startsWith('<') ? 1 : 0];
  return { ...seeking('type', `(${type}=${rank.number} AND ${key}${operator}?)`, bound), exact: false };
}

function slack(value: number): [number, number] {
  const width = Math.abs(value) * 1e-14;
  return [value - width, value + width];
}

export const searches: Readonly<Record<string, (keys: Keys, sought: string) => PropertyCondition>> = {
  CONTAINS: ({ type, value }, sought) => exactly(`(${type}=${rank.string} AND instr(${value},?)>0)`, sought),
  ENDSWITH: ({ type, value }, sought) =>
    exactly(`(${type}=${rank.string} AND substr(${value},?)=?)`, -[...sought].length, sought),
  STARTSWITH: ({ type, value }, sought) => {
    const end = afterPrefix(sought);
    const from = `(${type}=${rank.string} AND ${value}>=?`;
    return end === undefined
      ? seeking('type', `${from})`, sought)
      : seeking('type', `${from} AND ${value}<?)`, sought, end);
  },
};

/** SQLite folds the case of ASCII alone: what holds anything else is left to the evaluator. */
export function holdsIgnoringCase({ type, value }: Keys, sought: string): PropertyCondition {
  const others = `${value} GLOB '*[^' || char(1) || '-' || char(127) || ']*'`;
  return /^[\x01-\x7f]*$/u.test(sought)
    ? {
        sql: `(${type}=${rank.string} AND (instr(lower(${value}),?)>0 OR ${others}))`,
        args: [sought.toLowerCase()],
        exact: false,
      }
    : { sql: `(${type}=${rank.string})`, args: [], exact: false };
}

/** The smallest string above all that start with the prefix, in code point order. */
function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((char) => char.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** A cheap search for the text anywhere in the document comes first: most documents fail it. */
export function arrayContains({ path, type }: Keys, sought: string): PropertyCondition {
  const test = exactly(
    `(instr(body,?)>0 AND ${type}=${rank.array} AND ` +
      `EXISTS(SELECT 1 FROM json_each(body,${path}) WHERE json_each.type='text' AND json_each.value=?))`,
    JSON.stringify(sought),
    sought,
  );
  return { ...test, seek: true, item: sought };
}
