/** Follows the grammar of JSON character by character, far enough to see where an object ends or breaks. */

/** What may come next. */
type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd';

/** What a character did: completed a value within, the whole object, or broke it. */
export type Step = 'inside' | 'opened' | 'closed' | 'complete' | 'broken';

/** Deeper than any writer of event logs nests; bounds the work on broken input. */
const MAX_DEPTH = 32;

const TAB = 9;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Takes the characters of one object, the opening brace first. Numbers and literals are accepted loosely: whether the text
 * is JSON is for `JSON.parse` to say.
 */
export class JsonScanner {
  /** The brackets that are open, as character codes. */
  readonly open: number[] = [];
  private expected: Expected = 'value';
  private isInString = false;
  private isEscaped = false;
  private isInScalar = false;

  step(code: number): Step {
    if (this.isInString) return this.stepInString(code);
    if (this.isInScalar) {
      if (isScalar(code)) return 'inside';
      this.isInScalar = false;
      this.expected = 'commaOrEnd';
    }
    if (code === SPACE || code === NEWLINE || code === CARRIAGE_RETURN || code === TAB) return 'inside';
    switch (code) {
      case QUOTE:
        return this.beginString();
      case OPEN_BRACE:
      case OPEN_BRACKET:
        return this.beginNested(code);
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        return this.end(code);
      case COMMA:
        if (this.expected !== 'commaOrEnd') return 'broken';
        this.expected = this.open.at(-1) === OPEN_BRACE ? 'key' : 'value';
        return 'inside';
      case COLON:
        if (this.expected !== 'colon') return 'broken';
        this.expected = 'value';
        return 'inside';
      default:
        if (!isScalar(code) || !this.expectsValue()) return 'broken';
        this.isInScalar = true;
        return 'inside';
    }
  }

  private stepInString(code: number): Step {
    if (code < SPACE) return 'broken';
    if (this.isEscaped) this.isEscaped = false;
    else if (code === BACKSLASH) this.isEscaped = true;
    else if (code === QUOTE) this.isInString = false;
    return 'inside';
  }

  private beginString(): Step {
    const isKey = this.expected === 'key' || this.expected === 'keyOrEnd';
    if (!isKey && !this.expectsValue()) return 'broken';
    this.expected = isKey ? 'colon' : 'commaOrEnd';
    this.isInString = true;
    return 'inside';
  }

  private beginNested(code: number): Step {
    if (!this.expectsValue() || this.open.length >= MAX_DEPTH) return 'broken';
    this.open.push(code);
    this.expected = code === OPEN_BRACE ? 'keyOrEnd' : 'valueOrEnd';
    return 'opened';
  }

  private end(code: number): Step {
    const isObject = code === CLOSE_BRACE;
    const mayEnd = this.expected === 'commaOrEnd' || this.expected === (isObject ? 'keyOrEnd' : 'valueOrEnd');
    if (!mayEnd || this.open.at(-1) !== (isObject ? OPEN_BRACE : OPEN_BRACKET)) return 'broken';
    this.open.pop();
    this.expected = 'commaOrEnd';
    return this.open.length === 0 ? 'complete' : 'closed';
  }

  private expectsValue(): boolean {
    return this.expected === 'value' || this.expected === 'valueOrEnd';
  }
}

/** Letters, digits, and what numbers hold. */
function isScalar(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 45 ||
    code === 43 ||
    code === 46
  );
}
