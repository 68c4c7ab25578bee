/** Splits a stream of text into JSON objects: lines, arrays, and pretty-printed objects one after the other. */

/** Longest text of one object; Windows limits an event to 64 KiB of data. */
const MAX_OBJECT_UNITS = 4 * 1024 * 1024;

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BYTE_ORDER_MARK = 0xfeff;

/** The text of a candidate object, or undefined for a stretch that cannot be one. */
export type JsonChunk = string | undefined;

/**
 * Brackets and commas between objects are skipped, so that one array and a file of lines read the same. An object
 * goes over several lines only when its first line holds nothing but the brace, as pretty-printers write it: a
 * truncated line loses that line alone. Whether a chunk is valid JSON is left to the caller.
 */
export class JsonSplitter {
  private pending = '';
  /** Where scanning continues in `pending`, and where the object began. */
  private position = 0;
  private start = 0;
  /** Open braces; 0 between objects. */
  private depth = 0;
  private isInString = false;
  private isPretty = false;
  /** Between objects, in a stretch that is not an object. */
  private isInGarbage = false;
  private found: JsonChunk[] = [];

  /** Takes the next piece of text and returns the objects that it completes. */
  push(text: string): JsonChunk[] {
    this.pending += text;
    // A backslash skips the unit after it, which the next piece may bring.
    this.scan(this.pending.endsWith('\\') ? this.pending.length - 1 : this.pending.length);
    this.compact();
    return this.taken();
  }

  /** What is left unfinished at the end of the input. */
  end(): JsonChunk[] {
    this.scan(this.pending.length);
    if (this.depth > 0) this.giveUp();
    this.pending = '';
    this.position = 0;
    this.isInGarbage = false;
    return this.taken();
  }

  private scan(limit: number): void {
    for (; this.position < limit; this.position += 1) {
      const code = this.pending.charCodeAt(this.position);
      if (this.depth === 0) this.scanOutside(code);
      else if (this.isInString) this.scanString(code);
      else this.scanInside(code);
    }
  }

  private scanOutside(code: number): void {
    const isSeparator = code === COMMA || code === CLOSE_BRACKET;
    if (this.isInGarbage) {
      this.isInGarbage = code !== NEWLINE && !isSeparator;
    } else if (code === OPEN_BRACE) {
      this.start = this.position;
      this.depth = 1;
    } else if (code > SPACE && code !== BYTE_ORDER_MARK && code !== OPEN_BRACKET && !isSeparator) {
      this.isInGarbage = true;
      this.found.push(undefined);
    }
  }

  private scanString(code: number): void {
    if (code === BACKSLASH) this.position += 1;
    else if (code === QUOTE) this.isInString = false;
    else if (code === NEWLINE) this.giveUp();
  }

  private scanInside(code: number): void {
    switch (code) {
      case QUOTE:
        this.isInString = true;
        break;
      case OPEN_BRACE:
        this.depth += 1;
        break;
      case CLOSE_BRACE:
        this.depth -= 1;
        if (this.depth === 0) this.complete();
        break;
      case NEWLINE:
        this.isPretty ||= this.pending.slice(this.start, this.position).trim() === '{';
        if (!this.isPretty) this.giveUp();
        break;
    }
  }

  private complete(): void {
    this.found.push(this.pending.slice(this.start, this.position + 1));
    this.isPretty = false;
  }

  private giveUp(): void {
    this.found.push(undefined);
    this.depth = 0;
    this.isInString = false;
    this.isPretty = false;
  }

  /** Drops what has been scanned. An object above the limit is skipped, and the rest of its line with it. */
  private compact(): void {
    if (this.depth > 0 && this.position - this.start > MAX_OBJECT_UNITS) {
      this.giveUp();
      this.isInGarbage = true;
    }
    const kept = this.depth > 0 ? this.start : this.position;
    this.pending = this.pending.slice(kept);
    this.position -= kept;
    this.start = 0;
  }

  private taken(): JsonChunk[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }
}
