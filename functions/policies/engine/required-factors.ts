/** Finds literal texts that every match of a regular expression contains. */
import { foldText, normalizePattern } from './text';

/** Longest list of exact texts that is followed up, such as those of `(jpg|jpeg|png)`. */
const MAX_EXACT = 16;

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
    let isExact = true;
    let running: readonly string[] = [''];
    const factors: Factor[] = [];
    while (this.position < this.pattern.length && this.peek() !== '|' && this.peek() !== ')') {
      const part = this.repeated();
      const longer = part.exact && allPairs(running, part.exact);
      if (!longer) {
        factors.push(...usable(running), ...factorsOf(part));
        isExact = false;
      }
      running = longer ?? [''];
    }
    return isExact
      ? { exact: running, factors: [] }
      : { exact: undefined, factors: [...factors, ...usable(running)] };
  }

  private repeated(): Known {
    let known = this.atom();
    for (let least = this.quantifier(); least !== undefined; least = this.quantifier()) {
      known = least === 0 ? ANYTHING : { exact: undefined, factors: factorsOf(known) };
    }
    return known;
  }

  /** The least number of repetitions, or undefined when no quantifier follows. */
  private quantifier(): number | undefined {
    const match = this.takeMatch(/([*+?]|\{(\d+)(,\d*)?\})\??/y);
    if (!match) return undefined;
    return match[2] === undefined ? Number(match[1] === '+') : Number(match[2]);
  }

  private atom(): Known {
    if (this.take('(')) return this.group();
    if (this.take('[')) return this.characterClass();
    if (this.take('.')) return ANYTHING;
    if (this.take('^') || this.take('$')) return NOTHING_BUT_A_PLACE;
    if (this.take('\\')) return this.escape();
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
    this.takeMatch(/\^?\]?/y);
    while (this.position < this.pattern.length && !this.take(']')) {
      this.takeMatch(/\[:[^\]]*:\]|\\[^]|[^]/y);
    }
    return ANYTHING;
  }

  private escape(): Known {
    if (this.take('Q')) return literal(this.takeMatch(/([^]*?)(\\E|$)/y)?.[1] ?? '');
    if (this.takeMatch(/[AzbB]/y)) return NOTHING_BUT_A_PLACE;
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
  return factors.toSorted((a, b) => shortestUnits(b) - shortestUnits(a))[0];
}

export function shortestUnits(texts: readonly string[]): number {
  return texts.reduce((least, { length }) => Math.min(least, length), Infinity);
}

const usable = (exact: readonly string[]): readonly Factor[] => (shortestUnits(exact) > 0 ? [exact] : []);

/** Every text of the first list followed by every one of the second, unless that is too many. */
function allPairs(heads: readonly string[], tails: readonly string[]): string[] | undefined {
  if (heads.length * tails.length > MAX_EXACT) return undefined;
  return heads.flatMap((head) => tails.map((tail) => head + tail));
}
