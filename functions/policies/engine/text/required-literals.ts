/** Finds literal texts that every match of a regular expression contains. */
import { foldText, normalizePattern } from './case-folding';

/** Longest list of exact texts that is followed up, such as those of `(jpg|jpeg|png)`. */
const MAX_EXACT = 16;
/** Texts that are still short may become so many: those of `\d-\d` are a hundred. */
const MAX_EXACT_OF_SHORT = 128;
const SHORT_UNITS = 3;
/** Of `x{1000}` so many are followed up. */
const MAX_REPETITIONS = 8;

/** Folded texts; a value has at least one of them. */
export type Factor = readonly string[];

/** What is known of the texts that a part of a pattern matches. */
interface Known {
  /** All of them (folded), when they are few. */
  readonly exact: readonly string[] | undefined;
  /** Every match has one text of each of these. */
  readonly factors: readonly Factor[];
}

const ANYTHING: Known = { exact: undefined, factors: [] };
const DIGIT = ofCharacters('0123456789');
const NOTHING_BUT_A_PLACE: Known = { exact: [''], factors: [] };

/**
 * The factors of a pattern that RE2 accepts: a text that the pattern matches, ignoring case, contains (when folded) one
 * text of each factor. The syntax is RE2's; what is not understood is taken to match anything, which costs speed and
 * never changes an answer.
 */
export function requiredFactors(pattern: string): readonly Factor[] {
  return factorsOf(new Reader(normalizePattern(pattern)).alternatives());
}

class Reader {
  private position = 0;

  constructor(private readonly pattern: string) {}

  /** `a|b|c` up to the end of the group. */
  alternatives(): Known {
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    const [first = ANYTHING] = branches;
    return branches.length === 1 ? first : either(branches);
  }

  /** Parts that follow each other: texts known exactly grow together until a part is met that is not. */
  private sequence(): Known {
    const parts: Known[] = [];
    while (this.position < this.pattern.length && this.peek() !== '|' && this.peek() !== ')') {
      parts.push(...this.repeated());
    }
    return joined(parts);
  }

  /** What a part with its quantifiers amounts to, one after the other. */
  private repeated(): Known[] {
    let parts = [this.atom()];
    for (let quantifier = this.quantifier(); quantifier; quantifier = this.quantifier()) {
      const { least, most } = quantifier;
      const part = joined(parts);
      parts = Array.from({ length: Math.min(least, MAX_REPETITIONS) }, () => part);
      if (most !== least || least > MAX_REPETITIONS) parts.push(ANYTHING);
    }
    return parts;
  }

  /** The numbers of repetitions, or undefined when no quantifier follows. */
  private quantifier(): { least: number; most: number } | undefined {
    const match = this.takeMatch(/(?:([*+?])|\{(\d+)(,(\d*))?\})\??/y);
    if (!match) return undefined;
    const [, sign, from, comma, to] = match;
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const least = Number(from);
    return { least, most: comma === undefined ? least : Number(to || Infinity) };
  }

  private atom(): Known {
    if (this.take('(')) return this.group();
    if (this.take('[')) return this.characterClass();
    if (this.take('.')) return ANYTHING;
    if (this.take('^') || this.take('$')) return NOTHING_BUT_A_PLACE;
    if (this.take('\\')) return this.escape();
    // Characters that no quantifier follows, all at once.
    const run = this.takeMatch(/[^\\^$.*+?()[\]{}|]+(?![*+?{])/uy)?.[0];
    if (run !== undefined) return literal(run);
    return literal(this.takeCharacter());
  }

  private group(): Known {
    if (this.takeMatch(/\?[a-zA-Z-]*\)/y)) return NOTHING_BUT_A_PLACE;
    this.takeMatch(/\?(P?<[^>]*>|[a-zA-Z-]*:)/y);
    const known = this.alternatives();
    this.take(')');
    return known;
  }

  /** Passes over a class: a bracket at its start and those of `[:alpha:]` do not end it. */
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
    if (this.take('Q')) return literal(this.takeMatch(/([^]*?)(\\E|$)/y)?.[1] ?? '');
    if (this.takeMatch(/[AzbB]/y)) return NOTHING_BUT_A_PLACE;
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

  /** Takes what a sticky expression matches here. */
  private takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.position;
    const match = expression.exec(this.pattern);
    if (!match) return undefined;
    this.position = expression.lastIndex;
    return match;
  }
}

/** Parts that follow each other: texts known exactly grow together until there are too many, or a part is not known. */
function joined(parts: readonly Known[]): Known {
  const factors: Factor[] = [];
  let isExact = true;
  let running: readonly string[] = [''];
  for (const part of parts) {
    const longer = part.exact && allPairs(running, part.exact);
    if (!longer) {
      factors.push(...usable(running), ...(part.exact ? [] : part.factors));
      isExact = false;
    }
    running = longer ?? part.exact ?? [''];
  }
  return isExact
    ? { exact: running, factors: [] }
    : { exact: undefined, factors: [...factors, ...usable(running)] };
}

/** One of some characters. */
function ofCharacters(characters: string): Known {
  return { exact: [...new Set(Array.from(characters, foldText))], factors: [] };
}

function literal(text: string): Known {
  return { exact: [foldText(text)], factors: [] };
}

/** All branches exactly, when they are few; else one factor: the best of each branch, when each has one. */
function either(branches: readonly Known[]): Known {
  const exact = branches.flatMap((branch) => branch.exact ?? []);
  if (branches.every((branch) => branch.exact) && exact.length <= MAX_EXACT) return { exact, factors: [] };
  const best = branches.map((branch) => bestFactor(factorsOf(branch)));
  return { exact: undefined, factors: best.every((factor) => factor !== undefined) ? [best.flat()] : [] };
}

function factorsOf({ exact, factors }: Known): readonly Factor[] {
  return exact ? usable(exact) : factors;
}

/** The factor that fewest texts can be expected to contain: the one whose shortest alternative is longest. */
export function bestFactor(factors: readonly Factor[]): Factor | undefined {
  return factors.toSorted((a, b) => shortestUnits(b) - shortestUnits(a) || a.length - b.length)[0];
}

export function shortestUnits(texts: readonly string[]): number {
  return texts.reduce((least, { length }) => Math.min(least, length), Infinity);
}

const usable = (exact: readonly string[]): readonly Factor[] => (shortestUnits(exact) > 0 ? [exact] : []);

/** Every text of the first list followed by every one of the second, unless that is too many. */
function allPairs(heads: readonly string[], tails: readonly string[]): string[] | undefined {
  const most = shortestUnits(heads) < SHORT_UNITS ? MAX_EXACT_OF_SHORT : MAX_EXACT;
  if (heads.length * tails.length > most) return undefined;
  const pairs: string[] = [];
  for (const head of heads) for (const tail of tails) pairs.push(head + tail);
  return pairs;
}
