/** The properties that a query's WHERE uses, also inside subqueries over their arrays. */
import { type Expression, type Query, type Source } from './syntax';

/** Steps to a property; `[]` stands for any item of an array. */
type Path = readonly string[];

/** What the names in scope stand for; a name that stands for no property (a computed value) is absent. */
type Names = ReadonlyMap<string, Path>;

/** @param root the alias of the container's documents */
export function filteredPaths(query: Query, root: string): Path[] {
  return pathsOfFilter(query, new Map([[root, []]]));
}

function pathsOfFilter({ from, where }: Query, outer: Names): Path[] {
  const names = new Map(outer);
  const found: Path[] = [];
  for (const { alias, over, each } of from) {
    if (over?.kind === 'query') found.push(...pathsOfFilter(over, names));
    const path = sourcePath({ over }, names);
    if (path) names.set(alias, each ? [...path, '[]'] : path);
  }
  return where ? [...found, ...pathsIn(where, names)] : found;
}

function sourcePath({ over }: Pick<Source, 'over'>, names: Names): Path | undefined {
  return over && over.kind !== 'query' ? pathOf(over, names) : undefined;
}

/** The property that an expression refers to, if any. */
function pathOf(expression: Expression, names: Names): Path | undefined {
  if (expression.kind === 'name') return names.get(expression.name);
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  const parent = pathOf(expression.object, names);
  const key = expression.key.value;
  if (!parent || (typeof key !== 'string' && typeof key !== 'number')) return undefined;
  return [...parent, typeof key === 'number' ? '[]' : key];
}

function pathsIn(expression: Expression, names: Names): Path[] {
  const path = pathOf(expression, names);
  if (path) return [path];
  if (expression.kind === 'subquery') return pathsOfSubquery(expression.query, names);
  if (expression.kind === 'call' && expression.name === 'ARRAY_CONTAINS') {
    const [list, ...others] = expression.args;
    const items = list && pathOf(list, names);
    if (items) return [[...items, '[]'], ...others.flatMap((part) => pathsIn(part, names))];
  }
  return partsOf(expression).flatMap((part) => pathsIn(part, names));
}

/** Without a WHERE of its own, a subquery asks whether its array has items. */
function pathsOfSubquery(query: Query, names: Names): Path[] {
  if (query.where) return pathsOfFilter(query, names);
  return query.from.flatMap((source) => {
    const path = sourcePath(source, names);
    return path ? [source.each ? [...path, '[]'] : path] : [];
  });
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'member':
      return [expression.object, expression.key];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise];
    case 'in':
      return [expression.value, ...expression.choices];
    case 'like':
      return [expression.value, expression.pattern];
    case 'call':
      return expression.args;
    case 'aggregate':
      return [expression.argument];
    case 'array':
      return expression.items;
    case 'object':
      return expression.entries.map(([, value]) => value);
    case 'constant':
    case 'name':
    case 'subquery':
      return [];
  }
}
