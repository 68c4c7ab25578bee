/** Recursive descent over scalar expressions, with precedence climbing for binary operators. */
import { type Cursor } from './cursor';
import { isFunction } from './functions';
import {
  type Aggregate,
  type AggregateName,
  type BinaryOperator,
  type Expression,
  type Parameters,
  type Query,
} from './syntax';
import { QuerySyntaxError } from './tokenizer';

/** From the loosest to the tightest. NOT binds like a comparison's left side: looser than =, tighter than AND. */
const precedence: Readonly<Record<string, number>> = {
  '??': 1,
  OR: 2,
  AND: 3,
  '=': 5,
  '!=': 5,
  '<>': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '|': 6,
  '^': 7,
  '&': 8,
  '||': 9,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};
const notPrecedence = 4;
const comparisonPrecedence = 5;

const aggregateNames: ReadonlySet<string> = new Set<AggregateName>(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG']);

/** Words that cannot name a source or a column. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'AND ARRAY AS ASC BETWEEN BY DESC DISTINCT ESCAPE EXISTS FALSE FROM GROUP IN JOIN LIKE LIMIT NOT NULL OFFSET OR ' +
    'ORDER SELECT TOP TRUE UNDEFINED VALUE WHERE'
  ).split(' '),
);

export class ExpressionParser {
  /** Where aggregates are collected; undefined where they are not allowed. */
  aggregates: Aggregate[] | undefined;

  constructor(
    private readonly cursor: Cursor,
    private readonly parameters: Parameters,
    private readonly parseSubquery: () => Query,
  ) {}

  parse(): Expression {
    return this.cursor.nested(() => {
      const test = this.parseBinary(1);
      if (!this.cursor.acceptSymbol('?')) return test;
      const then = this.parse();
      this.cursor.expectSymbol(':');
      return { kind: 'conditional', test, then, otherwise: this.parse() };
    });
  }

  private parseBinary(minimum: number): Expression {
    let left = this.parsePrefix();
    for (;;) {
      if (minimum <= comparisonPrecedence) left = this.parseTests(left);
      const symbol = this.cursor.peek().text.toUpperCase();
      const level = this.cursor.peek().kind === 'string' ? undefined : precedence[symbol];
      if (level === undefined || level < minimum) return left;
      this.cursor.next();
      this.cursor.chain();
      const right = this.parseBinary(level + 1);
      left = { kind: 'binary', operator: (symbol === '<>' ? '!=' : symbol) as BinaryOperator, left, right };
    }
  }

  /** `[NOT] IN (…)`, `[NOT] BETWEEN a AND b`, `[NOT] LIKE p [ESCAPE c]` after a value. */
  private parseTests(value: Expression): Expression {
    const { cursor } = this;
    const negated = cursor.isWord('NOT') && ['IN', 'BETWEEN', 'LIKE'].some((word) => cursor.isWord(word, 1));
    if (negated) cursor.next();
    let test: Expression;
    if (cursor.acceptWord('IN')) {
      cursor.expectSymbol('(');
      test = { kind: 'in', value, choices: this.parseList(')') };
    } else if (cursor.acceptWord('BETWEEN')) {
      const low = this.parseBinary(comparisonPrecedence + 1);
      cursor.expectWord('AND');
      const high = this.parseBinary(comparisonPrecedence + 1);
      test = binary('AND', binary('>=', value, low), binary('<=', value, high));
    } else if (cursor.acceptWord('LIKE')) {
      const pattern = this.parseBinary(comparisonPrecedence + 1);
      const escape = cursor.acceptWord('ESCAPE') ? cursor.next() : undefined;
      if (escape && (escape.kind !== 'string' || [...escape.text].length !== 1)) cursor.fail(escape);
      test = { kind: 'like', value, pattern, escape: escape?.text };
    } else {
      return value;
    }
    return negated ? { kind: 'unary', operator: 'NOT', operand: test } : test;
  }

  private parsePrefix(): Expression {
    const { cursor } = this;
    if (cursor.acceptWord('NOT')) {
      const operand = cursor.nested(() => this.parseBinary(notPrecedence + 1));
      return { kind: 'unary', operator: 'NOT', operand };
    }
    for (const operator of ['-', '+', '~'] as const) {
      if (cursor.acceptSymbol(operator)) {
        return { kind: 'unary', operator, operand: cursor.nested(() => this.parsePrefix()) };
      }
    }
    return this.parsePostfix(this.parsePrimary());
  }

  private parsePostfix(start: Expression): Expression {
    const { cursor } = this;
    let object = start;
    for (;;) {
      if (cursor.acceptSymbol('.')) {
        const token = cursor.next();
        if (token.kind !== 'word') cursor.fail(token);
        if (cursor.isSymbol('(')) cursor.refuse('A user-defined function');
        object = { kind: 'member', object, key: { kind: 'constant', value: token.text } };
      } else if (cursor.acceptSymbol('[')) {
        object = { kind: 'member', object, key: this.parse() };
        cursor.expectSymbol(']');
      } else {
        return object;
      }
      cursor.chain();
    }
  }

  /** A literal, parameter, name, call or bracketed expression. */
  parsePrimary(): Expression {
    const { cursor } = this;
    const token = cursor.peek();
    switch (token.kind) {
      case 'string':
        cursor.next();
        return { kind: 'constant', value: token.text };
      case 'number':
        cursor.next();
        if (!Number.isFinite(Number(token.text))) cursor.fail(token);
        return { kind: 'constant', value: Number(token.text) };
      case 'parameter':
        cursor.next();
        return { kind: 'constant', value: this.parameterValue(token.text, token.start) };
      case 'symbol':
        return this.parseBracketed();
      case 'word':
        return this.parseWord();
      case 'end':
        return cursor.fail();
    }
  }

  private parameterValue(name: string, position: number) {
    const value = this.parameters.get(name);
    if (value === undefined) throw new QuerySyntaxError(`The parameter '${name}' has no value.`, position);
    return value;
  }

  private parseBracketed(): Expression {
    const { cursor } = this;
    if (cursor.acceptSymbol('(')) {
      if (cursor.isWord('SELECT')) return this.finishSubquery('scalar');
      const inner = this.parse();
      cursor.expectSymbol(')');
      return inner;
    }
    if (cursor.acceptSymbol('[')) return { kind: 'array', items: this.parseList(']') };
    if (cursor.acceptSymbol('{')) return { kind: 'object', entries: this.parseEntries() };
    return cursor.fail();
  }

  private parseEntries(): (readonly [string, Expression])[] {
    const entries: (readonly [string, Expression])[] = [];
    while (!this.cursor.acceptSymbol('}')) {
      if (entries.length > 0) this.cursor.expectSymbol(',');
      const key = this.cursor.next();
      if (key.kind !== 'string' && key.kind !== 'word') this.cursor.fail(key);
      this.cursor.expectSymbol(':');
      entries.push([key.text, this.parse()]);
    }
    return entries;
  }

  private parseList(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.cursor.acceptSymbol(close)) {
      if (items.length > 0) this.cursor.expectSymbol(',');
      items.push(this.parse());
    }
    return items;
  }

  private finishSubquery(form: 'scalar' | 'exists' | 'array'): Expression {
    const query = this.cursor.nested(() => this.parseSubquery());
    this.cursor.expectSymbol(')');
    return { kind: 'subquery', form, query };
  }

  private parseWord(): Expression {
    const { cursor } = this;
    const { text } = cursor.next();
    const word = text.toUpperCase();
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'constant', value: word === 'TRUE' };
    if (word === 'NULL') return { kind: 'constant', value: null };
    if (word === 'UNDEFINED') return { kind: 'constant', value: undefined };
    if (cursor.isSymbol('(')) return this.parseCall(word);
    if (reservedWords.has(word)) cursor.fail(cursor.peek(-1));
    return { kind: 'name', name: text };
  }

  private parseCall(name: string): Expression {
    const { cursor } = this;
    const start = cursor.peek(-1);
    cursor.expectSymbol('(');
    if (name === 'EXISTS') return this.finishSubquery('exists');
    if (name === 'ARRAY') return this.finishSubquery('array');
    const args = this.parseList(')');
    if (aggregateNames.has(name)) return this.aggregate(name as AggregateName, args);
    if (!isFunction(name, args.length)) cursor.refuse(`The function ${name} with ${args.length} arguments`);
    if (reservedWords.has(name)) cursor.fail(start);
    return { kind: 'call', name, args };
  }

  private aggregate(name: AggregateName, args: readonly Expression[]): Aggregate {
    const [argument] = args;
    if (!argument || args.length > 1) return this.cursor.fail();
    if (!this.aggregates) this.cursor.refuse(`The aggregate ${name} outside of a SELECT clause`);
    const aggregate: Aggregate = { kind: 'aggregate', name, argument };
    this.aggregates.push(aggregate);
    return aggregate;
  }
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right };
}
