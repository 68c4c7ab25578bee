/** Reads a query's tokens one after the other; keywords are case-insensitive. */
import { QuerySyntaxError, tokenize, type Token } from './tokenizer';

/** A part of the query language that this gateway does not support. */
export class UnsupportedQueryError extends QuerySyntaxError {
  constructor(
    readonly feature: string,
    position: number,
  ) {
    super(`${feature} is not supported.`, position);
  }
}

/** Bounds that keep recursion over the tree within the stack. */
const maxNesting = 100;
const maxChained = 2000;

export class Cursor {
  private readonly tokens: readonly Token[];
  private index = 0;
  private nesting = 0;
  private chained = 0;

  constructor(readonly text: string) {
    this.tokens = tokenize(text);
  }

  peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)];
    if (!token) throw new QuerySyntaxError('Syntax error, empty query.', 0);
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.index++;
    return token;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text.toUpperCase() === word;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  }

  acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.index++;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.index++;
    return true;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) this.fail();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) this.fail();
  }

  fail(token = this.peek()): never {
    throw new QuerySyntaxError(`Syntax error, incorrect syntax near '${token.text}'.`, token.start);
  }

  refuse(feature: string): never {
    throw new UnsupportedQueryError(feature, this.peek().start);
  }

  /** The text from an offset up to the end of the last token read. */
  textFrom(start: number): string {
    return this.text.slice(start, this.index === 0 ? start : this.peek(-1).end);
  }

  /** Runs one level of nested syntax. */
  nested<T>(parse: () => T): T {
    if (++this.nesting > maxNesting)
      throw new QuerySyntaxError('The query is nested too deeply.', this.peek().start);
    const result = parse();
    this.nesting--;
    return result;
  }

  /** Counts one link of a chain such as `a AND b AND …`, whose tree is as deep as the chain is long. */
  chain(): void {
    if (++this.chained > maxChained)
      throw new QuerySyntaxError('The query is too complex.', this.peek().start);
  }
}
