/** Finds literals that every match of a regular expression contains. */
import { foldText } from './case-folding';
import { normalizePattern } from './pattern';

/** The most exact texts that are tracked, such as those of `(jpg|jpeg|png)`. */
const MAX_EXACT = 16;
/** The limit while the texts are short: `\d-\d` has a hundred. */
const MAX_SHORT_EXACT = 128;
const SHORT_UNITS = 3;
/** The most repetitions of `x{1000}` that are tracked. */
const MAX_REPETITIONS = 8;

/** Case-folded literals; a matching text contains at least one of them. */
export type RequiredLiterals = readonly string[];

/** What is known about the texts that a part of a pattern matches. */
interface Known {
  /** All of them, case-folded, when they are few. */
  readonly exact: readonly string[] | undefined;
  /** Every match contains one literal of each of these sets. */
  readonly required: readonly RequiredLiterals[];
}

const ANYTHING: Known = { exact: undefined, required: [] };
const DIGIT = ofCharacters('0123456789');
const EMPTY: Known = { exact: [''], required: [] };

/**
 * The required literals of a pattern that RE2 accepts: a text that the pattern matches, ignoring case, contains (when
 * case-folded) one literal of each set. The syntax is RE2's; unknown syntax is assumed to match anything, which costs
 * speed but never changes a result.
 */
export function requiredLiterals(pattern: string): readonly RequiredLiterals[] {
  return requiredBy(new PatternParser(normalizePattern(pattern)).alternatives());
}

class PatternParser {
  private position = 0;

  constructor(private readonly pattern: string) {}

  /** `a|b|c` up to the end of the group. */
  alternatives(): Known {
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    const [first = ANYTHING] = branches;
    return branches.length === 1 ? first : either(branches);
  }

  /**
   * A concatenation, up to `|` or the end of the group. A quantifier repeats the last item, also across flags and empty
   * quotes, which are no items: `ab(?i)*` is `ab*`.
   */
  private sequence(): Known {
    const items: (readonly Known[])[] = [];
    while (this.position < this.pattern.length && this.peek() !== '|' && this.peek() !== ')') {
      const quantifier = this.quantifier();
      const last = quantifier && items.pop();
      if (quantifier && last) items.push(repeated(last, quantifier));
      else items.push(...this.items());
    }
    return concatenated(items.flat());
  }

  /** Undefined when no quantifier follows: `{02}` is a text. */
  private quantifier(): Repetitions | undefined {
    const match = this.takeMatch(/(?:([*+?])|\{(0|[1-9]\d*)(,(|0|[1-9]\d*))?\})\??/y);
    if (!match) return undefined;
    const [, sign, from, comma, to] = match;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const min = Number(from);
    return { min, max: comma === undefined ? min : Number(to || Infinity) };
  }

  /** What comes next: one item, none for flags and empty quotes, or a text, of which the last character is an item. */
  private items(): (readonly Known[])[] {
    if (this.takeMatch(/\(\?[a-zA-Z-]*\)/y)) return [];
    const quoted = this.takeMatch(/\\Q([^]*?)(?:\\E|$)/y)?.[1];
    const text = quoted ?? this.takeMatch(/[^\\^$.*+?()[\]{}|]+/uy)?.[0];
    return text === undefined ? [[this.atom()]] : charactersOf(text);
  }

  private atom(): Known {
    if (this.take('(')) return this.group();
    if (this.take('[')) return this.characterClass();
    if (this.take('.')) return ANYTHING;
    if (this.take('^') || this.take('$')) return EMPTY;
    if (this.take('\\')) return this.escape();
    return literal(this.takeCharacter());
  }

  private group(): Known {
    this.takeMatch(/\?(P?<[^>]*>|[a-zA-Z-]*:)/y);
    const known = this.alternatives();
    this.take(')');
    return known;
  }

  /** Skips a character class: a bracket at its start and those of `[:alpha:]` do not end it. */
  private characterClass(): Known {
    // Up to 16 plain characters; a hyphen between two makes a range.
    const plain = this.takeMatch(/(?![^\]]+-[^\]])([^^\]\\[][^\]\\[]{0,15})\]/uy)?.[1];
    if (plain !== undefined) return ofCharacters(plain);
    this.takeMatch(/\^?\]?/y);
    while (this.position < this.pattern.length && !this.take(']')) {
      this.takeMatch(/\[:[^\]]*:\]|\\[^]|[^]/y);
    }
    return ANYTHING;
  }

  private escape(): Known {
    if (this.takeMatch(/[AzbB]/y)) return EMPTY;
    if (this.take('d')) return DIGIT;
    if (this.takeMatch(/[pP](\{[^}]*\}|[^])|x(\{[^}]*\}|[^]{2})|[0-7]{1,3}|[a-zA-Z0-9]/y)) return ANYTHING;
    return literal(this.takeCharacter());
  }

  private peek(): string {
    return this.pattern.charAt(this.position);
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  private takeCharacter(): string {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.position) ?? 0);
    this.position += character.length;
    return character;
  }

  /** Consumes what a sticky expression matches at the current position. */
  private takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.position;
    const match = expression.exec(this.pattern);
    if (!match) return undefined;
    this.position = expression.lastIndex;
    return match;
  }
}

/** How often a quantifier repeats what it follows. */
interface Repetitions {
  readonly min: number;
  readonly max: number;
}

/** An item with a quantifier, as the sequence that it is equivalent to. */
function repeated(item: readonly Known[], { min, max }: Repetitions): readonly Known[] {
  const part = concatenated(item);
  const parts = Array.from({ length: Math.min(min, MAX_REPETITIONS) }, () => part);
  return max !== min || min > MAX_REPETITIONS ? [...parts, ANYTHING] : parts;
}

/** A text as two items: all of it but its last character, and that one, which a quantifier may follow. */
function charactersOf(text: string): (readonly Known[])[] {
  if (text === '') return [];
  const last = [...text.slice(-2)].at(-1) ?? '';
  return [[literal(text.slice(0, text.length - last.length))], [literal(last)]];
}

/** A concatenation: adjacent exact texts are joined until they are too many or a part is not exact. */
function concatenated(parts: readonly Known[]): Known {
  const required: RequiredLiterals[] = [];
  let isExact = true;
  let running: readonly string[] = [''];
  for (const part of parts) {
    const longer = part.exact && allPairs(running, part.exact);
    if (!longer) {
      required.push(...nonEmpty(running), ...(part.exact ? [] : part.required));
      isExact = false;
    }
    running = longer ?? part.exact ?? [''];
  }
  return isExact
    ? { exact: running, required: [] }
    : { exact: undefined, required: [...required, ...nonEmpty(running)] };
}

/** Any one of the characters. */
function ofCharacters(characters: string): Known {
  return { exact: [...new Set(Array.from(characters, foldText))], required: [] };
}

function literal(text: string): Known {
  return { exact: [foldText(text)], required: [] };
}

/** The exact texts of all branches when they are few; else the union of the best set of each branch, if each has one. */
function either(branches: readonly Known[]): Known {
  const exact = branches.flatMap((branch) => branch.exact ?? []);
  if (branches.every((branch) => branch.exact) && exact.length <= MAX_EXACT) return { exact, required: [] };
  const best = branches.map((branch) => mostSelective(requiredBy(branch)));
  return {
    exact: undefined,
    required: best.every((literals) => literals !== undefined) ? [best.flat()] : [],
  };
}

function requiredBy({ exact, required }: Known): readonly RequiredLiterals[] {
  return exact ? nonEmpty(exact) : required;
}

/** The set that the fewest texts can be expected to contain: the one whose shortest literal is longest. */
export function mostSelective(sets: readonly RequiredLiterals[]): RequiredLiterals | undefined {
  return sets.toSorted((a, b) => shortestUnits(b) - shortestUnits(a) || a.length - b.length)[0];
}

/** The length of the shortest text in UTF-16 units; Infinity when there is none. */
export function shortestUnits(texts: readonly string[]): number {
  return texts.reduce((min, { length }) => Math.min(min, length), Infinity);
}

/** The exact texts as required literals; none when one of them is empty, and so contained in every text. */
const nonEmpty = (exact: readonly string[]): readonly RequiredLiterals[] =>
  shortestUnits(exact) > 0 ? [exact] : [];

/** Every text of the first list followed by every one of the second; undefined when there are too many. */
function allPairs(heads: readonly string[], tails: readonly string[]): string[] | undefined {
  const max = shortestUnits(heads) < SHORT_UNITS ? MAX_SHORT_EXACT : MAX_EXACT;
  if (heads.length * tails.length > max) return undefined;
  const pairs: string[] = [];
  for (const head of heads) for (const tail of tails) pairs.push(head + tail);
  return pairs;
}
