/** The syntax tree of a query. Parameters are replaced: the parser inserts their values. */
import { type Json, type Value } from './values';

export type BinaryOperator =
  | '??'
  | 'OR'
  | 'AND'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '||'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^';

export type AggregateName = 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG';

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly name: AggregateName;
  readonly argument: Expression;
}

export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly object: Expression; readonly key: Expression }
  | { readonly kind: 'unary'; readonly operator: 'NOT' | '-' | '+' | '~'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly kind: 'in'; readonly value: Expression; readonly choices: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly value: Expression;
      readonly pattern: Expression;
      readonly escape: string | undefined;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | Aggregate
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'subquery'; readonly form: 'scalar' | 'exists' | 'array'; readonly query: Query };

export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'value'; readonly expression: Expression }
  | {
      readonly kind: 'list';
      readonly items: readonly {
        readonly name: string;
        readonly expression: Expression;
        readonly text: string;
      }[];
    };

/** One FROM or JOIN: `alias` stands for the value of `over`, or for each of its items when `each`. */
export interface Source {
  readonly alias: string;
  /** Absent: the container's documents. */
  readonly over?: Expression | Query;
  readonly each: boolean;
}

export interface OrderBy {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly text: string;
}

export interface Query {
  readonly kind: 'query';
  readonly distinct: boolean;
  readonly top: number | undefined;
  readonly select: Selection;
  /** The sources, outermost first; none when the query has no FROM. */
  readonly from: readonly Source[];
  readonly where: Expression | undefined;
  readonly orderBy: readonly OrderBy[];
  readonly offset: number | undefined;
  readonly limit: number | undefined;
  /** Every aggregate in the select clause, outside subqueries. */
  readonly aggregates: readonly Aggregate[];
  /** Source text of the clauses, from which the query plan builds its rewritten query. */
  readonly text: { readonly value: string; readonly from: string; readonly where: string };
}

/** The values of a query's parameters, by name (with the @). */
export type Parameters = ReadonlyMap<string, Json>;

/** The property path (`['a', 0]` for `c.a[0]`) when the expression is one of the given alias, else undefined. */
export function pathOf(expression: Expression, alias: string): readonly (string | number)[] | undefined {
  if (expression.kind === 'name') return expression.name === alias ? [] : undefined;
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  const parent = pathOf(expression.object, alias);
  const key = expression.key.value;
  return parent && (typeof key === 'string' || typeof key === 'number') ? [...parent, key] : undefined;
}
