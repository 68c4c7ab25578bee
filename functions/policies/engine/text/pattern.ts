/** Regular expressions that run in linear time (RE2), ignoring case. */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { isAscii } from './case-folding';
import { patternAdvice } from './pattern-advice';

/**
 * Compiles a pattern; searching takes time linear in the length of the text (no backtracking).
 * @throws PatternError when the pattern cannot run in linear time or is malformed
 */
export function compilePattern(pattern: string): Pattern {
  try {
    return new Pattern(RE2JS.compile(normalizePattern(pattern), RE2JS.CASE_INSENSITIVE));
  } catch (error) {
    if (error instanceof RE2JSException) throw patternError(pattern, error);
    throw error;
  }
}

/**
 * The pattern in NFC except for its escapes: the `A` of `\A` is not combined with a mark that follows. A quoted text
 * (`\Q...\E`) has no escapes.
 */
export function normalizePattern(pattern: string): string {
  return pattern.replace(
    /\\Q([^]*?)(\\E|$)|\\[^]|[^\\]+/g,
    (part: string, quoted: string | undefined, end: string | undefined) => {
      if (quoted !== undefined) return `\\Q${quoted.normalize('NFC')}${end ?? ''}`;
      return part.startsWith('\\') ? part : part.normalize('NFC');
    },
  );
}

export class Pattern {
  constructor(private readonly expression: RE2JS) {}

  /** The number of instructions of the compiled program. */
  get size(): number {
    return this.expression.programSize();
  }

  /** Whether the pattern matches anywhere in the text. */
  occursIn(text: string): boolean {
    return this.expression.test(isAscii(text) ? text : text.normalize('NFC'));
  }
}

type PatternErrorCode = 'look-around' | 'back-reference' | 'too-large' | 'syntax';

/** A regular expression that this service does not run. */
export class PatternError extends Error {
  override readonly name = 'PatternError';

  constructor(
    readonly code: PatternErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const LOOK_AROUND = /\(\?(=|!|<=|<!)/;
/** RE2's message for a program of more than a million instructions. */
const TOO_LARGE = 'expression too large';
const BACK_REFERENCE = /^\\(\d|k)/;

/** Names the unsupported feature where RE2 only quotes the part that it could not parse. */
function patternError(pattern: string, cause: RE2JSException): PatternError {
  if (LOOK_AROUND.test(pattern)) {
    const message = 'Look-ahead and look-behind cannot run in linear time: write the pattern without them';
    return new PatternError('look-around', message, { cause });
  }
  if (!(cause instanceof RE2JSSyntaxException)) return new PatternError('syntax', cause.message, { cause });
  if (BACK_REFERENCE.test(cause.input ?? '')) {
    const message = 'Back-references cannot run in linear time: write the pattern without them';
    return new PatternError('back-reference', message, { cause });
  }
  if (cause.error === TOO_LARGE) return new PatternError('too-large', cause.message, { cause });
  // The flags that this module adds are not the author's.
  const part = (cause.input ?? '').replaceAll('(?i)', '');
  return new PatternError('syntax', patternAdvice(cause.error, part), { cause });
}
