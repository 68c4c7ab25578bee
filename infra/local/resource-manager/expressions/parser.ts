/**
 * Parses the language of template expressions.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
import { EXPRESSION_HELP, ExpressionError } from './errors';

export type Node =
  | { kind: 'literal'; value: string | number }
  | { kind: 'call'; name: string; parameters: Node[] }
  /** `safe` (`.?` and `[?`) yields null for what does not exist. */
  | { kind: 'access'; target: Node; key: Node; isSafe: boolean };

/** Whether a string of a template is to be evaluated: `[…]`, but not `[[…]`. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/** The value of a string that is not an expression: `[[…]` is a literal that starts with one bracket. */
export function literalText(text: string): string {
  return text.startsWith('[[') && text.endsWith(']') ? text.slice(1) : text;
}

const parsed = new Map<string, Node>();
const maxCachedExpressions = 10_000;

/** The tree of `[…]`. @throws ExpressionError */
export function parseExpression(text: string): Node {
  let node = parsed.get(text);
  if (node === undefined) {
    node = new Parser(text.slice(1, -1)).parse();
    if (parsed.size >= maxCachedExpressions) parsed.clear();
    parsed.set(text, node);
  }
  return node;
}

class Parser {
  private position = 0;

  constructor(private readonly source: string) {}

  parse(): Node {
    const node = this.expression();
    if (this.peek() !== undefined) throw this.unexpected();
    return node;
  }

  private expression(): Node {
    let node = this.primary();
    for (;;) {
      const next = this.peek();
      if (next === '.') {
        this.position += 1;
        const isSafe = this.skip('?');
        node = { kind: 'access', target: node, key: { kind: 'literal', value: this.identifier() }, isSafe };
      } else if (next === '[') {
        this.position += 1;
        const isSafe = this.skip('?');
        node = { kind: 'access', target: node, key: this.expression(), isSafe };
        this.require(']');
      } else {
        return node;
      }
    }
  }

  private primary(): Node {
    const next = this.peek();
    if (next === "'") return { kind: 'literal', value: this.text() };
    const number = this.match(/[-+]?\d+/y);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const name = this.match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?/y);
    if (name === undefined) throw this.unexpected();
    return { kind: 'call', name, parameters: this.parameters() };
  }

  private parameters(): Node[] {
    this.require('(');
    const parameters: Node[] = [];
    if (this.skip(')')) return parameters;
    do parameters.push(this.expression());
    while (this.skip(','));
    this.require(')');
    return parameters;
  }

  /** A quote within is doubled. */
  private text(): string {
    const raw = this.match(/'(?:[^']|'')*'/y);
    if (raw === undefined) throw this.unexpected(this.source.length);
    return raw.slice(1, -1).replaceAll("''", "'");
  }

  private identifier(): string {
    this.peek();
    const name = this.match(/[A-Za-z_]\w*/y);
    if (name === undefined) throw this.unexpected();
    return name;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  /** The next character that is not a space. */
  private peek(): string | undefined {
    while (/\s/.test(this.source[this.position] ?? '')) this.position += 1;
    return this.source[this.position];
  }

  private skip(character: string): boolean {
    const found = this.peek() === character;
    if (found) this.position += 1;
    return found;
  }

  private require(character: string): void {
    if (!this.skip(character)) throw this.unexpected();
  }

  private unexpected(position = this.position): ExpressionError {
    const character = this.source[position];
    const found =
      character === undefined
        ? 'the end of the expression is not expected'
        : `the string character '${character}' at position '${position}' is not expected`;
    return new ExpressionError(
      `The language expression '${this.source}' is not valid: ${found}. ${EXPRESSION_HELP}`,
    );
  }
}
