/** Splits the text of a query into tokens. */

type TokenKind = 'word' | 'parameter' | 'string' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The token's meaning: unescaped string, digits, word or symbol. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The only error that parsing a query throws. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError';

  constructor(
    message: string,
    /** Offset in the query's text. */
    readonly position: number,
  ) {
    super(message);
  }
}

const patterns: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /(?:\s|--[^\n]*)+/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['parameter', /@[\p{L}_][\p{L}\p{N}_]*/uy],
  ['number', /0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy],
  ['string', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/suy],
  // Braces of the SDK's placeholder for ORDER BY filters never occur here: the SDK replaces it.
  ['symbol', /\?\?|\|\||<=|>=|<>|!=|[-+*/%&|^~=<>(){}[\],.:?]/y],
];

/** @throws QuerySyntaxError at a character that begins no token or in a malformed string */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const token = matchAt(text, position);
    if (token.kind !== 'space') tokens.push(token as Token);
    position = token.end;
  }
  tokens.push({ kind: 'end', text: 'end of query', start: position, end: position });
  return tokens;
}

function matchAt(text: string, position: number): Omit<Token, 'kind'> & { kind: TokenKind | 'space' } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const meaning = kind === 'string' ? unescapeString(found, position) : found;
    return { kind, text: meaning, start: position, end: position + found.length };
  }
  throw new QuerySyntaxError(
    `Syntax error, invalid token '${text.slice(position, position + 1)}'.`,
    position,
  );
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescapeString(quoted: string, position: number): string {
  return quoted.slice(1, -1).replace(/\\(u([0-9a-fA-F]{4})|.)/gsu, (_all, escape: string, code?: string) => {
    if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
    if (escape === 'u') throw new QuerySyntaxError('Syntax error, malformed \\u escape.', position);
    return escapes[escape] ?? escape;
  });
}
