/** Finds the JSON objects in a stream of text: lines, arrays, wrapper objects, pretty-printed objects one after the other. */
import { JsonScanner, type Step } from './json-scanner';

/** Represents a stretch of input that is no JSON object. */
export const MALFORMED = Symbol('malformed');

/** Longest text of one object; Windows limits an event to 64 KiB of data. */
const MAX_OBJECT_UNITS = 4 * 1024 * 1024;

/** What a file system keeps for text that was never written: something is missing there. */
const NUL = 0;
const NEWLINE = 10;
const SPACE = 32;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BYTE_ORDER_MARK = 0xfeff;

/** An object that is being read. */
interface Attempt {
  readonly scanner: JsonScanner;
  /** Position of its brace; of a wrapper, of the record in it that is being read. */
  start: number;
  /** How far the brace is from the beginning of its line. */
  column: number;
  /** Where its line begins, or the brace itself where only separators stand before it: its own lines begin deeper. */
  indent: number;
  /** Whether it counts when it breaks; within a broken stretch only complete records do. */
  readonly isCounted: boolean;
  /** The first object of a list within it, as long as it may turn out to be the first record of a wrapper. */
  element?: { readonly start: number; readonly depth: number };
  /** The number of brackets open around the records of a wrapper. */
  wrapperDepth?: number;
}

/** A stretch that is counted already and passed over. */
interface Skip {
  /** It lasts at least until here. */
  until: number;
  /** How deep a broken object began: lines that begin deeper belong to it. Undefined when the stretch ends with its line. */
  column?: number;
}

/**
 * Brackets and commas between objects are skipped, so that an array and a file of lines read the same. A wrapper, an
 * object with a list of records, yields the records as they come. After broken JSON, reading goes on at the next
 * object that begins a line no deeper than the broken one did, or that is a record: one broken record is one `MALFORMED`.
 */
export class JsonSplitter {
  private pending = '';
  /** Where scanning continues in `pending`, and where the present line began. */
  private position = 0;
  private lineStart = 0;
  /** Where the first character of the present line stands; undefined while it is blank. */
  private lineIndent: number | undefined;
  /** Whether the present line had nothing but separators so far. */
  private isLineBlank = true;
  private attempt: Attempt | undefined;
  private skip: Skip | undefined;
  /** Whether brackets may be left over of a wrapper that broke. */
  private isAfterWrapper = false;
  private found: unknown[] = [];

  /** @param isRecord whether a value is a record, and not a part of one */
  constructor(private readonly isRecord: (value: unknown) => boolean) {}

  /** Takes the next piece of text and returns the values that it completes. */
  push(text: string): unknown[] {
    this.pending += text;
    this.scan();
    while (this.attempt && this.position - this.attempt.start > MAX_OBJECT_UNITS) this.failAndGoOn();
    this.compact();
    return this.taken();
  }

  /** What is left unfinished at the end of the input. */
  end(): unknown[] {
    while (this.attempt) this.failAndGoOn();
    return this.taken();
  }

  private scan(): void {
    for (; this.position < this.pending.length; this.position += 1) {
      const at = this.position;
      const code = this.pending.charCodeAt(at);
      if (code > SPACE) this.lineIndent ??= at - this.lineStart;
      if (this.attempt) this.scanObject(this.attempt, code);
      else this.scanOutside(code);
      if (code === NEWLINE && this.position === at) {
        this.lineStart = at + 1;
        this.lineIndent = undefined;
        this.isLineBlank = true;
      }
    }
  }

  private scanOutside(code: number): void {
    if (code === NEWLINE) {
      const isOver = this.skip?.column === undefined && this.position >= (this.skip?.until ?? 0);
      if (isOver) this.skip = undefined;
      return;
    }
    if ((code <= SPACE && code !== NUL) || code === BYTE_ORDER_MARK) return;
    if (this.skip && this.isLineBlank) this.endSkipAtLine(this.skip, code);
    if (code === OPEN_BRACE) {
      this.begin();
    } else if (!this.skip && !this.isSeparator(code)) {
      this.found.push(MALFORMED);
      this.skip = { until: this.position };
    }
    if (!this.isSeparator(code)) this.isLineBlank = false;
  }

  /** What a broken object left over ends with a line that begins as far left as it did. */
  private endSkipAtLine(skip: Skip, code: number): void {
    if (skip.column === undefined || this.position < skip.until) return;
    if (this.position - this.lineStart > skip.column) return;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.skip = { until: this.position };
    else this.skip = undefined;
  }

  private isSeparator(code: number): boolean {
    const isBracket = code === OPEN_BRACKET || code === CLOSE_BRACKET;
    return isBracket || code === COMMA || (code === CLOSE_BRACE && this.isAfterWrapper);
  }

  private begin(): void {
    const column = this.position - this.lineStart;
    const isCounted = !this.skip || (this.isLineBlank && column <= (this.skip.column ?? -1));
    const indent = this.isLineBlank ? column : (this.lineIndent ?? column);
    this.attempt = { scanner: new JsonScanner(), start: this.position, column, indent, isCounted };
    this.attempt.scanner.step(OPEN_BRACE);
  }

  private scanObject(attempt: Attempt, code: number): void {
    const step = attempt.scanner.step(code);
    if (step === 'inside') return;
    if (step === 'broken') this.fail(attempt);
    else if (step === 'complete') this.complete(attempt);
    else if (attempt.wrapperDepth !== undefined) this.takeElements(attempt, attempt.wrapperDepth, step);
    else if (attempt.isCounted) this.lookForWrapper(attempt, step);
  }

  /** Notices that the object is a wrapper when a list in it begins with a record. */
  private lookForWrapper(attempt: Attempt, step: Step): void {
    const { open } = attempt.scanner;
    if (step === 'opened') {
      const isInList = open.at(-1) === OPEN_BRACE && open.at(-2) === OPEN_BRACKET;
      if (isInList) attempt.element ??= { start: this.position, depth: open.length - 1 };
      return;
    }
    if (attempt.element?.depth !== open.length) return;
    const value = parsed(this.pending.slice(attempt.element.start, this.position + 1));
    if (this.isRecord(value) && !this.isRecord(this.withoutList(attempt))) {
      this.found.push(value);
      attempt.wrapperDepth = open.length;
      attempt.start = this.position + 1;
    }
    attempt.element = undefined;
  }

  /** What stands before the list in which a record was found: a record may have lists, a wrapper is nothing else. */
  private withoutList({ scanner, start, element }: Attempt): unknown {
    const before = this.pending.slice(start, element?.start);
    const ends = [...scanner.open].reverse().map((code) => (code === OPEN_BRACE ? '}' : ']'));
    return parsed(`${before}${ends.join('')}`);
  }

  private takeElements(attempt: Attempt, wrapperDepth: number, step: Step): void {
    const depth = attempt.scanner.open.length;
    if (step === 'opened' && depth === wrapperDepth + 1) {
      attempt.start = this.position;
      attempt.column = this.position - this.lineStart;
      attempt.indent = attempt.column;
    } else if (step === 'closed' && depth <= wrapperDepth) {
      if (depth === wrapperDepth)
        this.found.push(parsed(this.pending.slice(attempt.start, this.position + 1)));
      attempt.start = this.position + 1;
    }
  }

  private complete(attempt: Attempt): void {
    const isWrapper = attempt.wrapperDepth !== undefined;
    const value = isWrapper ? undefined : parsed(this.pending.slice(attempt.start, this.position + 1));
    if (value === MALFORMED) {
      this.fail(attempt);
      return;
    }
    this.attempt = undefined;
    this.isLineBlank = false;
    if (isWrapper) return;
    if (attempt.isCounted || this.isRecord(value)) this.found.push(value);
    if (attempt.isCounted) this.skip = undefined;
  }

  /** Gives up the present object, and looks for the next one from the character after its brace. */
  private fail({ scanner, wrapperDepth, isCounted, start, column, indent }: Attempt): void {
    this.attempt = undefined;
    if (isCounted) this.found.push(MALFORMED);
    this.skip = {
      until: Math.max(this.skip?.until ?? 0, this.position),
      column: isCounted ? indent : this.skip?.column,
    };
    this.isLineBlank = false;
    if (wrapperDepth !== undefined) this.isAfterWrapper = true;
    if (wrapperDepth !== undefined && scanner.open.length <= wrapperDepth) {
      // Between two records, where nothing is lost: the character that does not belong here is looked at again.
      this.position -= 1;
    } else {
      this.position = start;
      this.lineStart = start - column;
      this.lineIndent = Math.min(indent, column);
    }
  }

  private failAndGoOn(): void {
    if (this.attempt) this.fail(this.attempt);
    this.position += 1;
    this.scan();
  }

  /** Drops what has been scanned. */
  private compact(): void {
    const dropped = this.attempt ? this.attempt.start : this.position;
    this.pending = this.pending.slice(dropped);
    this.position -= dropped;
    this.lineStart -= dropped;
    if (this.skip) this.skip.until = Math.max(this.skip.until - dropped, 0);
    const { attempt } = this;
    if (!attempt) return;
    attempt.start -= dropped;
    if (attempt.element) attempt.element = { ...attempt.element, start: attempt.element.start - dropped };
  }

  private taken(): unknown[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return MALFORMED;
  }
}
