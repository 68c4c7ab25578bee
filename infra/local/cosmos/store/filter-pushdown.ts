/**
 * Turns a WHERE clause into SQL that passes every document for which the clause can be true.
 * What SQL cannot express is not filtered; `exact` tells whether the evaluator may be skipped.
 * Numbers that are no integers are compared with a tolerance, since SQLite may parse the last digit differently.
 */
import { type BinaryOperator, type Expression, pathOf, type Query } from '../query/syntax';
import { rank } from '../query/values';
import { isPlainText, jsonPath, type PropertyPath, rankSql, type Sql, valueSql } from './keys';
import {
  arrayContains,
  comparison,
  equals,
  exactly,
  holdsIgnoringCase,
  type Keys,
  searches,
  type PropertyCondition,
} from './property-condition';

/** A condition on one path that an index can serve. */
export interface SeekTerm extends Sql {
  readonly path: PropertyPath;
  /** The property has one value in all documents that pass. */
  readonly isEquality: boolean;
  /** The array at the path holds this string. */
  readonly item?: string;
}

export interface PushedFilter extends Sql {
  /** The SQL is true exactly when the clause is true. */
  readonly exact: boolean;
  /** Ways to find the documents by indexes: each finds all of them as the union of its terms. */
  readonly seeks: readonly (readonly SeekTerm[])[];
  /** The one seek finds exactly the documents that pass the SQL. */
  readonly isSeek: boolean;
  /** Sort keys (SQL) that have one value in all documents that pass. */
  readonly fixed: readonly string[];
}

/** Pushes down each part of an AND separately; undefined for what SQL cannot express. */
export function pushDownConjuncts(expression: Expression, root: string): (PushedFilter | undefined)[] {
  return expression.kind === 'binary' && expression.operator === 'AND'
    ? [...pushDownConjuncts(expression.left, root), ...pushDownConjuncts(expression.right, root)]
    : [pushDown(expression, root)];
}

/** @param root the alias of the container's documents */
export function pushDown(expression: Expression, root: string): PushedFilter | undefined {
  switch (expression.kind) {
    case 'binary':
      return pushDownBinary(expression, root);
    case 'in':
      return pushDownIn(expression.value, expression.choices, root);
    case 'call':
      return pushDownCall(expression.name, expression.args, root);
    case 'subquery':
      return expression.form === 'exists' ? pushDownExists(expression.query, root) : undefined;
    case 'unary':
      return expression.operator === 'NOT' ? pushDownNot(expression.operand, root) : undefined;
    case 'name':
    case 'member':
      return atom(expression, root, ({ type }) => exactly(`${type}=${rank.true}`));
    default:
      return undefined;
  }
}

function pushDownBinary(expression: Expression & { kind: 'binary' }, root: string): PushedFilter | undefined {
  const { operator, left, right } = expression;
  if (operator === 'AND') return both(pushDown(left, root), pushDown(right, root));
  if (operator === 'OR') return either(pushDown(left, root), pushDown(right, root));
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

function both(left: PushedFilter | undefined, right: PushedFilter | undefined): PushedFilter | undefined {
  if (!left || !right) {
    const known = left ?? right;
    return known && { ...known, exact: false };
  }
  return {
    ...join('AND', left, right),
    seeks: [...left.seeks, ...right.seeks],
    isSeek: false,
    fixed: [...left.fixed, ...right.fixed],
  };
}

function either(left: PushedFilter | undefined, right: PushedFilter | undefined): PushedFilter | undefined {
  if (!left || !right) return undefined;
  const [first] = left.seeks;
  const [second] = right.seeks;
  return {
    ...join('OR', left, right),
    seeks: first && second ? [[...first, ...second]] : [],
    isSeek: left.isSeek && right.isSeek,
    fixed: [],
  };
}

function join(operator: string, left: PushedFilter, right: PushedFilter) {
  return {
    sql: `(${left.sql} ${operator} ${right.sql})`,
    args: [...left.args, ...right.args],
    exact: left.exact && right.exact,
  };
}

function atom(
  subject: Expression,
  root: string,
  test: (keys: Keys) => PropertyCondition | undefined,
): PushedFilter | undefined {
  const steps = pathOf(subject, root);
  const path = steps && jsonPath(steps);
  if (!steps || path === undefined) return undefined;
  const keys = { path, type: rankSql(path), value: valueSql(path) };
  const found = test(keys);
  if (!found) return undefined;
  const { sql, args, exact, seek, item, fixes } = found;
  const fixed = fixes === 'both' ? [keys.type, keys.value] : fixes === 'type' ? [keys.type] : [];
  const term = { path: steps, sql, args, isEquality: fixes === 'both', ...(item !== undefined && { item }) };
  return { sql, args, exact, seeks: seek ? [[term]] : [], isSeek: seek === true, fixed };
}

function pushDownIn(
  subject: Expression,
  choices: readonly Expression[],
  root: string,
): PushedFilter | undefined {
  return atom(subject, root, (keys) => {
    const tests = choices.map((choice) =>
      choice.kind === 'constant' && choice.value !== undefined ? equals(keys, choice.value) : undefined,
    );
    const known = tests.filter((test) => test !== undefined);
    if (known.length < tests.length || known.length === 0) return undefined;
    const [only, ...others] = known;
    if (only && others.length === 0) return only;
    return {
      sql: `(${known.map((test) => test.sql).join(' OR ')})`,
      args: known.flatMap((test) => test.args),
      exact: known.every((test) => test.exact),
      seek: true,
    };
  });
}

/** NOT of a test that is never undefined, or of a bare property. */
function pushDownNot(operand: Expression, root: string): PushedFilter | undefined {
  if (operand.kind === 'call' && Object.hasOwn(typeTests, operand.name)) {
    const inner = pushDown(operand, root);
    return inner && { ...inner, sql: `NOT ${inner.sql}`, seeks: [], isSeek: false, fixed: [] };
  }
  return atom(operand, root, ({ type }) => exactly(`(${type}=${rank.false})`));
}

/** `EXISTS(SELECT VALUE item FROM item IN array WHERE item = 'text')` is equivalent to ARRAY_CONTAINS. */
function pushDownExists({ select, from, where, top, limit }: Query, root: string): PushedFilter | undefined {
  const [source, ...others] = from;
  if (!source?.each || !source.over || source.over.kind === 'query' || source.alias === root)
    return undefined;
  const isItem = (expression: Expression) => pathOf(expression, source.alias)?.length === 0;
  if (select.kind !== 'value' || !isItem(select.expression)) return undefined;
  if (others.length > 0 || top !== undefined || limit !== undefined) return undefined;
  if (where?.kind !== 'binary' || where.operator !== '=' || !isItem(where.left)) return undefined;
  return pushDownCall('ARRAY_CONTAINS', [source.over, where.right], root);
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

function pushDownCall(name: string, args: readonly Expression[], root: string): PushedFilter | undefined {
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
    sought === ''
      ? { sql: `(${keys.type}=${rank.string})`, args: [], exact: !ignoresCase }
      : ignoresCase
        ? holdsIgnoringCase(keys, sought)
        : search(keys, sought),
  );
}
