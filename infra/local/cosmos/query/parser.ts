/** Recursive descent over the clauses of a query. */
import { Cursor } from './cursor';
import { ExpressionParser, reservedWords } from './expression-parser';
import {
  type Aggregate,
  type Expression,
  type OrderBy,
  type Parameters,
  type Query,
  type Selection,
  type Source,
} from './syntax';

/**
 * Parses a query and inserts the values of its parameters.
 * @throws QuerySyntaxError for bad syntax; its subclass UnsupportedQueryError for what is not supported
 */
export function parseQuery(text: string, parameters: Parameters = new Map()): Query {
  const parser = new QueryParser(text, parameters);
  return parser.parseAll();
}

class QueryParser {
  private readonly cursor: Cursor;
  private readonly expressions: ExpressionParser;

  constructor(text: string, parameters: Parameters) {
    this.cursor = new Cursor(text);
    this.expressions = new ExpressionParser(this.cursor, parameters, () => this.parse());
  }

  parseAll(): Query {
    const query = this.parse();
    if (this.cursor.peek().kind !== 'end') this.cursor.fail();
    return query;
  }

  private parse(): Query {
    const { cursor } = this;
    cursor.expectWord('SELECT');
    const distinct = cursor.acceptWord('DISTINCT');
    const top = cursor.acceptWord('TOP') ? this.parseCount() : undefined;
    const { select, aggregates, text: value } = this.parseSelection();
    const fromStart = cursor.peek().start;
    const from = this.parseFrom();
    const fromText = from.length > 0 ? cursor.textFrom(fromStart) : '';
    const whereStart = cursor.peek(1).start;
    const where = cursor.acceptWord('WHERE') ? this.parseExpression() : undefined;
    const whereText = where ? cursor.textFrom(whereStart) : '';
    if (cursor.isWord('GROUP')) cursor.refuse('GROUP BY');
    const orderBy = this.parseOrderBy();
    const offset = cursor.acceptWord('OFFSET') ? this.parseCount() : undefined;
    let limit: number | undefined;
    if (offset !== undefined) {
      cursor.expectWord('LIMIT');
      limit = this.parseCount();
    }
    const text = { value, from: fromText, where: whereText };
    return { kind: 'query', distinct, top, select, from, where, orderBy, offset, limit, aggregates, text };
  }

  /** An expression in which no aggregate may occur. */
  private parseExpression(): Expression {
    return this.collecting(undefined, () => this.expressions.parse());
  }

  private collecting<T>(aggregates: Aggregate[] | undefined, parse: () => T): T {
    const outer = this.expressions.aggregates;
    this.expressions.aggregates = aggregates;
    const result = parse();
    this.expressions.aggregates = outer;
    return result;
  }

  /** A count of TOP, OFFSET or LIMIT: a literal or a parameter. */
  private parseCount(): number {
    const token = this.cursor.peek();
    const constant = this.expressions.parsePrimary();
    const value = constant.kind === 'constant' ? constant.value : undefined;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.cursor.fail(token);
  }

  /** The selection, and its text as one expression that yields what the query yields. */
  private parseSelection(): { select: Selection; aggregates: Aggregate[]; text: string } {
    const aggregates: Aggregate[] = [];
    return this.collecting(aggregates, () => {
      if (this.cursor.acceptSymbol('*')) return { select: { kind: 'all' }, aggregates, text: '' };
      const start = this.cursor.peek(1).start;
      if (this.cursor.acceptWord('VALUE')) {
        const expression = this.expressions.parse();
        return { select: { kind: 'value', expression }, aggregates, text: this.cursor.textFrom(start) };
      }
      const items = this.parseItems();
      const text = items.map((item) => `${JSON.stringify(item.name)}: ${item.text}`).join(', ');
      return { select: { kind: 'list', items }, aggregates, text: `{${text}}` };
    });
  }

  private parseItems() {
    const { cursor } = this;
    const items: { name: string; expression: Expression; text: string }[] = [];
    let unnamed = 0;
    do {
      const start = cursor.peek().start;
      const expression = this.expressions.parse();
      const text = cursor.textFrom(start);
      const name = this.parseAlias() ?? nameOf(expression) ?? `$${++unnamed}`;
      items.push({ name, expression, text });
    } while (cursor.acceptSymbol(','));
    return items;
  }

  private parseAlias(): string | undefined {
    const named = this.cursor.acceptWord('AS');
    const token = this.cursor.peek();
    if (token.kind === 'word' && !reservedWords.has(token.text.toUpperCase())) return this.cursor.next().text;
    return named ? this.cursor.fail(token) : undefined;
  }

  private parseFrom(): Source[] {
    if (!this.cursor.acceptWord('FROM')) return [];
    const sources = [this.parseSource(true)];
    while (this.cursor.acceptWord('JOIN')) {
      this.cursor.chain();
      sources.push(this.parseSource(false));
    }
    return sources;
  }

  private parseSource(first: boolean): Source {
    const { cursor } = this;
    if (cursor.peek().kind === 'word' && cursor.isWord('IN', 1)) {
      const alias = cursor.next().text;
      cursor.next();
      return { alias, over: this.parseCollection(), each: true };
    }
    const start = cursor.peek();
    const over = this.parseCollection();
    const alias = this.parseAlias();
    if (over.kind === 'query') return { alias: alias ?? cursor.fail(), over, each: true };
    // `FROM c` and `FROM anything c` name the container's documents.
    if (first && over.kind === 'name') return { alias: alias ?? over.name, each: false };
    return { alias: alias ?? nameOf(over) ?? cursor.fail(start), over, each: false };
  }

  private parseCollection(): Expression | Query {
    const { cursor } = this;
    if (!(cursor.isSymbol('(') && cursor.isWord('SELECT', 1))) return this.parseExpression();
    cursor.next();
    const query = cursor.nested(() => this.parse());
    cursor.expectSymbol(')');
    return query;
  }

  private parseOrderBy(): OrderBy[] {
    const { cursor } = this;
    const items: OrderBy[] = [];
    if (!cursor.acceptWord('ORDER')) return items;
    cursor.expectWord('BY');
    do {
      const start = cursor.peek().start;
      const expression = this.parseExpression();
      const text = cursor.textFrom(start);
      const descending = cursor.acceptWord('DESC');
      if (!descending) cursor.acceptWord('ASC');
      items.push({ expression, descending, text });
    } while (cursor.acceptSymbol(','));
    return items;
  }
}

/** The name a column takes from its expression: the last step of a path. */
function nameOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  return typeof expression.key.value === 'string' ? expression.key.value : undefined;
}
