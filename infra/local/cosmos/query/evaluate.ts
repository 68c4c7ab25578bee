/**
 * Turns a syntax tree into functions over documents. Only this evaluator defines the meaning of a
 * query; SQLite preselects and sorts the documents that it receives (see filter-pushdown.ts).
 */
import { accumulatorFor } from './aggregates';
import { functionNamed, likePattern } from './functions';
import {
  type Aggregate,
  type BinaryOperator,
  type Expression,
  type Query,
  type Selection,
  type Source,
} from './syntax';
import { QuerySyntaxError } from './tokenizer';
import { compare, equal, isObject, type Json, type Value } from './values';

/** The names in scope, innermost first. */
export interface Scope {
  readonly name: string;
  readonly value: Value;
  readonly outer?: Scope | undefined;
}

/** The results of a query's aggregates, once all rows have been seen. */
type Totals = ReadonlyMap<Aggregate, Value>;

export type Evaluator = (scope: Scope | undefined, totals?: Totals) => Value;

/** @throws QuerySyntaxError for a name that no source declares, or an ORDER BY inside a subquery */
function compile(expression: Expression, names: readonly string[]): Evaluator {
  const inner = (part: Expression) => compile(part, names);
  switch (expression.kind) {
    case 'constant':
      return () => expression.value;
    case 'name':
      return compileName(expression.name, names);
    case 'member':
      return compileMember(inner(expression.object), inner(expression.key));
    case 'unary':
      return compileUnary(expression.operator, inner(expression.operand));
    case 'binary':
      return compileBinary(expression.operator, inner(expression.left), inner(expression.right));
    case 'conditional': {
      const [test, then, otherwise] = [
        inner(expression.test),
        inner(expression.then),
        inner(expression.otherwise),
      ];
      return (scope, totals) => (test(scope, totals) === true ? then : otherwise)(scope, totals);
    }
    case 'in':
      return compileIn(inner(expression.value), expression.choices.map(inner));
    case 'like':
      return compileLike(inner(expression.value), inner(expression.pattern), expression.escape);
    case 'call': {
      const call = functionNamed(expression.name);
      const args = expression.args.map(inner);
      return (scope, totals) => call(args.map((arg) => arg(scope, totals)));
    }
    case 'aggregate':
      return (_scope, totals) => totals?.get(expression);
    case 'array': {
      const items = expression.items.map(inner);
      return (scope, totals) =>
        items.map((item) => item(scope, totals)).filter((value) => value !== undefined);
    }
    case 'object':
      return compileObject(expression.entries.map(([key, value]) => [key, inner(value)]));
    case 'subquery':
      return compileSubquery(expression.form, expression.query, names);
  }
}

function compileName(name: string, names: readonly string[]): Evaluator {
  if (!names.includes(name)) throw new QuerySyntaxError(`Identifier '${name}' could not be resolved.`, 0);
  return (scope) => {
    for (let found = scope; found; found = found.outer) if (found.name === name) return found.value;
    return undefined;
  };
}

function compileMember(object: Evaluator, key: Evaluator): Evaluator {
  return (scope, totals) => {
    const value = object(scope, totals);
    const name = key(scope, totals);
    if (Array.isArray(value)) return typeof name === 'number' ? value[name] : undefined;
    return isObject(value) && typeof name === 'string' && Object.hasOwn(value, name)
      ? value[name]
      : undefined;
  };
}

function compileUnary(operator: 'NOT' | '-' | '+' | '~', operand: Evaluator): Evaluator {
  return (scope, totals) => {
    const value = operand(scope, totals);
    if (operator === 'NOT') return typeof value === 'boolean' ? !value : undefined;
    if (typeof value !== 'number') return undefined;
    return operator === '-' ? -value : operator === '~' ? ~value : value;
  };
}

function compileBinary(operator: BinaryOperator, left: Evaluator, right: Evaluator): Evaluator {
  if (operator === 'AND' || operator === 'OR') {
    // Three-valued: the deciding value wins even over undefined; anything but a boolean counts as undefined.
    const deciding = operator === 'OR';
    return (scope, totals) => {
      const first = left(scope, totals);
      if (first === deciding) return deciding;
      const second = right(scope, totals);
      if (second === deciding) return deciding;
      return first === !deciding && second === !deciding ? !deciding : undefined;
    };
  }
  if (operator === '??') {
    // Replaces undefined only: null stays.
    return (scope, totals) => {
      const first = left(scope, totals);
      return first === undefined ? right(scope, totals) : first;
    };
  }
  const apply = binaryOperators[operator];
  return (scope, totals) => apply(left(scope, totals), right(scope, totals));
}

type Operation = (left: Value, right: Value) => Value;

const arithmetic =
  (apply: (left: number, right: number) => number): Operation =>
  (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const result = apply(left, right);
    return Number.isFinite(result) ? result : undefined;
  };

const ordering =
  (test: (order: number) => boolean): Operation =>
  (left, right) => {
    const order = compare(left, right);
    return order === undefined ? undefined : test(order);
  };

const equality =
  (wanted: boolean): Operation =>
  (left, right) =>
    left === undefined || right === undefined ? undefined : equal(left, right) === wanted;

const binaryOperators: Readonly<Record<Exclude<BinaryOperator, 'AND' | 'OR' | '??'>, Operation>> = {
  '=': equality(true),
  '!=': equality(false),
  '<': ordering((order) => order < 0),
  '<=': ordering((order) => order <= 0),
  '>': ordering((order) => order > 0),
  '>=': ordering((order) => order >= 0),
  '||': (left, right) => (typeof left === 'string' && typeof right === 'string' ? left + right : undefined),
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  '/': arithmetic((left, right) => left / right),
  '%': arithmetic((left, right) => left % right),
  '&': arithmetic((left, right) => left & right),
  '|': arithmetic((left, right) => left | right),
  '^': arithmetic((left, right) => left ^ right),
};

function compileIn(value: Evaluator, choices: readonly Evaluator[]): Evaluator {
  return (scope, totals) => {
    const sought = value(scope, totals);
    if (sought === undefined) return undefined;
    return choices.some((choice) => {
      const candidate = choice(scope, totals);
      return candidate !== undefined && equal(sought, candidate);
    });
  };
}

function compileLike(value: Evaluator, pattern: Evaluator, escape: string | undefined): Evaluator {
  let last: { readonly pattern: string; readonly test: RegExp } | undefined;
  return (scope, totals) => {
    const text = value(scope, totals);
    const wanted = pattern(scope, totals);
    if (typeof text !== 'string' || typeof wanted !== 'string') return undefined;
    if (last?.pattern !== wanted) last = { pattern: wanted, test: likePattern(wanted, escape) };
    return last.test.test(text);
  };
}

function compileObject(entries: readonly (readonly [string, Evaluator])[]): Evaluator {
  return (scope, totals) => {
    const pairs = entries.map(([key, value]) => [key, value(scope, totals)] as const);
    return Object.fromEntries(pairs.filter((pair): pair is readonly [string, Json] => pair[1] !== undefined));
  };
}

function compileSubquery(
  form: 'scalar' | 'exists' | 'array',
  query: Query,
  names: readonly string[],
): Evaluator {
  const run = compileNested(query, names);
  if (form === 'exists') return (scope) => run(scope).length > 0;
  if (form === 'array') return (scope) => run(scope);
  return (scope) => run(scope)[0];
}

function compileNested(query: Query, names: readonly string[]): (scope: Scope | undefined) => Json[] {
  if (query.orderBy.length > 0) throw new QuerySyntaxError('ORDER BY is not supported in a subquery.', 0);
  const rows = compileRows(query.from, query.where, names);
  const own = [...names, ...query.from.map((source) => source.alias)];
  const select = compileSelection(query.select, own, query.from[0]?.alias);
  return (scope) => {
    const matching = rows(scope);
    const values =
      query.aggregates.length > 0
        ? [select(undefined, totalsOf(query.aggregates, matching, own))]
        : Array.from(matching, (row) => select(row));
    const defined = values.filter((value) => value !== undefined);
    const start = query.offset ?? 0;
    return (query.distinct ? distinct(defined) : defined).slice(
      start,
      start + (query.limit ?? query.top ?? Infinity),
    );
  };
}

/** The rows of FROM, JOIN and WHERE for one outer row. */
export function compileRows(
  from: readonly Source[],
  where: Expression | undefined,
  names: readonly string[],
): (scope: Scope | undefined) => Iterable<Scope | undefined> {
  const inScope = [...names];
  const sources = from.map((source) => {
    const compiled = compileSource(source, inScope);
    inScope.push(source.alias);
    return compiled;
  });
  const test = where && compile(where, inScope);
  function* rows(scope: Scope | undefined, depth: number): Iterable<Scope | undefined> {
    const source = sources[depth];
    if (source) for (const inner of source(scope)) yield* rows(inner, depth + 1);
    else if (!test || test(scope) === true) yield scope;
  }
  return (scope) => rows(scope, 0);
}

function compileSource({ alias, over, each }: Source, names: readonly string[]) {
  if (!over) throw new QuerySyntaxError(`A subquery cannot read the container ('${alias}').`, 0);
  const values = over.kind === 'query' ? compileNested(over, names) : compile(over, names);
  return (outer: Scope | undefined): Scope[] => {
    const value = values(outer);
    const items: Value[] = each ? (Array.isArray(value) ? value : []) : value === undefined ? [] : [value];
    return items.map((item) => ({ name: alias, value: item, outer }));
  };
}

/** @param root the alias that `SELECT *` stands for */
export function compileSelection(
  select: Selection,
  names: readonly string[],
  root: string | undefined,
): Evaluator {
  if (select.kind === 'value') return compile(select.expression, names);
  if (select.kind === 'list') {
    return compileObject(select.items.map((item) => [item.name, compile(item.expression, names)]));
  }
  if (root === undefined) throw new QuerySyntaxError("'SELECT *' needs a FROM clause.", 0);
  return compileName(root, names);
}

/** Feeds every row to the aggregates. */
export function totalsOf(
  aggregates: readonly Aggregate[],
  rows: Iterable<Scope | undefined>,
  names: readonly string[],
): Totals {
  const running = aggregates.map((aggregate) => ({
    aggregate,
    argument: compile(aggregate.argument, names),
    accumulator: accumulatorFor(aggregate.name),
  }));
  for (const row of rows) {
    for (const { argument, accumulator } of running) accumulator.add(argument(row));
  }
  return new Map(running.map(({ aggregate, accumulator }) => [aggregate, accumulator.result()]));
}

/** Without repetitions; objects are equal whatever the order of their keys. */
export function distinct(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [canonical(value), value])).values()];
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
