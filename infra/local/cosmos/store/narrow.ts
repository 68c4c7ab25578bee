/**
 * Turns a WHERE clause into SQL that lets through every document for which the clause can be true.
 * What SQL cannot express is simply not narrowed; `exact` tells whether the evaluator may be skipped.
 * Numbers that are no integers are compared with some slack, since SQLite may read the last digit otherwise.
 */
import { type BinaryOperator, type Expression, pathOf } from '../query/syntax';
import { rank, rankOf, type Value } from '../query/values';
import { isPlainText, jsonPath, type PropertyPath, rankSql, type Sql, type SqlValue, valueSql } from './keys';

export interface Narrowing extends Sql {
  /** The SQL is true exactly when the clause is true. */
  readonly exact: boolean;
  /** Paths whose index could serve this. */
  readonly seeks: readonly PropertyPath[];
  /** Sort keys (SQL) that have one value in all documents let through. */
  readonly fixed: readonly string[];
}

/** @param root the alias of the container's documents */
export function narrow(expression: Expression, root: string): Narrowing | undefined {
  switch (expression.kind) {
    case 'binary':
      return narrowBinary(expression, root);
    case 'in':
      return narrowIn(expression.value, expression.choices, root);
    case 'call':
      return narrowCall(expression.name, expression.args, root);
    case 'unary':
      return expression.operator === 'NOT' ? narrowNot(expression.operand, root) : undefined;
    case 'name':
    case 'member':
      return atom(expression, root, ({ type }) => exactly(`${type}=${rank.true}`));
    default:
      return undefined;
  }
}

function narrowBinary(expression: Expression & { kind: 'binary' }, root: string): Narrowing | undefined {
  const { operator, left, right } = expression;
  if (operator === 'AND') return both(narrow(left, root), narrow(right, root));
  if (operator === 'OR') return either(narrow(left, root), narrow(right, root));
  if (right.kind === 'constant') return atom(left, root, (keys) => comparison(keys, operator, right.value));
  if (left.kind !== 'constant') return undefined;
  const mirrored = mirror[operator];
  return mirrored && atom(right, root, (keys) => comparison(keys, mirrored, left.value));
}

const mirror: Partial<Record<BinaryOperator, BinaryOperator>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function both(left: Narrowing | undefined, right: Narrowing | undefined): Narrowing | undefined {
  if (!left || !right) {
    const known = left ?? right;
    return known && { ...known, exact: false };
  }
  return {
    ...join('AND', left, right),
    seeks: [...left.seeks, ...right.seeks],
    fixed: [...left.fixed, ...right.fixed],
  };
}

function either(left: Narrowing | undefined, right: Narrowing | undefined): Narrowing | undefined {
  return left && right && { ...join('OR', left, right), seeks: [], fixed: [] };
}

function join(operator: string, left: Narrowing, right: Narrowing) {
  return {
    sql: `(${left.sql} ${operator} ${right.sql})`,
    args: [...left.args, ...right.args],
    exact: left.exact && right.exact,
  };
}

/** The SQL of a property's type rank and value. */
interface Keys {
  readonly path: string;
  readonly type: string;
  readonly value: string;
}

type Test = Sql & {
  readonly exact: boolean;
  readonly seek?: boolean;
  /** Which of the two keys have one value only. */
  readonly fixes?: 'type' | 'both';
};

const exactly = (sql: string, ...args: SqlValue[]): Test => ({ sql, args, exact: true });
const seeking = (fixes: 'type' | 'both', sql: string, ...args: SqlValue[]): Test => ({
  sql,
  args,
  exact: true,
  seek: true,
  fixes,
});

function atom(
  subject: Expression,
  root: string,
  test: (keys: Keys) => Test | undefined,
): Narrowing | undefined {
  const steps = pathOf(subject, root);
  const path = steps && jsonPath(steps);
  if (!steps || path === undefined) return undefined;
  const keys = { path, type: rankSql(path), value: valueSql(path) };
  const found = test(keys);
  if (!found) return undefined;
  const { sql, args, exact, seek, fixes } = found;
  const fixed = fixes === 'both' ? [keys.type, keys.value] : fixes === 'type' ? [keys.type] : [];
  return { sql, args, exact, seeks: seek ? [steps] : [], fixed };
}

function comparison(keys: Keys, operator: BinaryOperator, value: Value): Test | undefined {
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

function equals({ type, value: key }: Keys, value: Value): Test | undefined {
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
): Test | undefined {
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

function narrowIn(subject: Expression, choices: readonly Expression[], root: string): Narrowing | undefined {
  return atom(subject, root, (keys) => {
    const tests = choices.map((choice) =>
      choice.kind === 'constant' && choice.value !== undefined ? equals(keys, choice.value) : undefined,
    );
    const known = tests.filter((test) => test !== undefined);
    if (known.length < tests.length || known.length === 0) return undefined;
    return {
      sql: `(${known.map((test) => test.sql).join(' OR ')})`,
      args: known.flatMap((test) => test.args),
      exact: known.every((test) => test.exact),
      seek: true,
    };
  });
}

/** NOT of a test that is never undefined, or of a bare property. */
function narrowNot(operand: Expression, root: string): Narrowing | undefined {
  if (operand.kind === 'call' && Object.hasOwn(typeTests, operand.name)) {
    const inner = narrow(operand, root);
    return inner && { ...inner, sql: `NOT ${inner.sql}`, seeks: [], fixed: [] };
  }
  return atom(operand, root, ({ type }) => exactly(`(${type}=${rank.false})`));
}

const typeTests: Readonly<Record<string, string>> = {
  IS_DEFINED: '<>0',
  IS_NULL: `=${rank.null}`,
  IS_BOOL: `IN (${rank.false},${rank.true})`,
  IS_NUMBER: `=${rank.number}`,
  IS_STRING: `=${rank.string}`,
  IS_ARRAY: `=${rank.array}`,
  IS_OBJECT: `=${rank.object}`,
};

function narrowCall(name: string, args: readonly Expression[], root: string): Narrowing | undefined {
  const [subject, second, third] = args;
  if (!subject) return undefined;
  const typeTest = Object.hasOwn(typeTests, name) ? typeTests[name] : undefined;
  if (typeTest !== undefined)
    return atom(subject, root, ({ type }) => exactly(`(${type}${typeTest.replace(/^IN/, ' IN')})`));
  if (second?.kind !== 'constant' || typeof second.value !== 'string' || !isPlainText(second.value))
    return undefined;
  const sought = second.value;
  if (name === 'ARRAY_CONTAINS') return atom(subject, root, (keys) => arrayContains(keys, sought));
  const search = Object.hasOwn(searches, name) ? searches[name] : undefined;
  if (!search) return undefined;
  const ignoresCase = third !== undefined && !(third.kind === 'constant' && third.value === false);
  return atom(subject, root, (keys) =>
    ignoresCase || sought === ''
      ? { sql: `(${keys.type}=${rank.string})`, args: [], exact: sought === '' && !ignoresCase }
      : search(keys, sought),
  );
}

const searches: Readonly<Record<string, (keys: Keys, sought: string) => Test>> = {
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

/** The least string above all that start with the prefix, in code point order. */
function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((char) => char.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** A cheap look for the text anywhere in the document comes first: most documents fail it. */
function arrayContains({ path, type }: Keys, sought: string): Test {
  return exactly(
    `(instr(body,?)>0 AND ${type}=${rank.array} AND ` +
      `EXISTS(SELECT 1 FROM json_each(body,${path}) WHERE json_each.type='text' AND json_each.value=?))`,
    JSON.stringify(sought),
    sought,
  );
}
