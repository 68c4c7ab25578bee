/** The patterns of one policy: rules that share a pattern share its compiled form and what it last found out. */
import { type BoundedExpression, boundedExpression } from './bounded-regex';
import { bestFactor, type Factor, requiredFactors, shortestUnits } from './required-literals';
import { compilePattern, isAscii, type Pattern } from './case-folding';

export class Patterns {
  private readonly known = new Map<string, LazyPattern>();

  /** The pattern of a source text, compiled when it is first used. */
  of(source: string): LazyPattern {
    let pattern = this.known.get(source);
    if (!pattern) this.known.set(source, (pattern = new LazyPattern(source)));
    return pattern;
  }
}

/** Compiling a pattern costs more than a hundred tests, and most are never needed. */
export class LazyPattern {
  /** What a text must contain: the best to look for among many texts. Undefined when nothing is worth it. */
  readonly bestFactor: Factor | undefined;
  /** Whether some texts lack what every match contains. */
  readonly needsText: boolean;
  /** What a text must contain to be worth a test. */
  readonly factors: readonly Factor[];
  private compiled: Pattern | undefined;
  /** Null when there is none. */
  private bounded: BoundedExpression | null | undefined;
  private lastText: string | undefined;
  private lastAnswer = false;

  constructor(readonly source: string) {
    const factors = requiredFactors(source);
    this.needsText = factors.length > 0;
    this.bestFactor = bestFactor(factors.filter(isWorthFiling));
    this.factors = factors.filter(({ length }) => length <= MANY_TEXTS);
  }

  /** Whether the pattern occurs in the text, also given folded. Many rules ask in turn about the same text. */
  occursIn(text: string, folded: string): boolean {
    if (text === this.lastText) return this.lastAnswer;
    this.lastText = text;
    this.lastAnswer = this.mayOccurIn(folded) && this.run(text, folded);
    return this.lastAnswer;
  }

  private run(text: string, folded: string): boolean {
    this.bounded ??= boundedExpression(this.source) ?? null;
    if (this.bounded && text.length <= this.bounded.longestText && isAscii(text))
      return this.bounded.expression.test(folded);
    return (this.compiled ??= compilePattern(this.source)).occursIn(text);
  }

  private mayOccurIn(folded: string): boolean {
    for (const factor of this.factors) if (!containsAny(folded, factor)) return false;
    return true;
  }
}

/** So many texts take longer to look for one by one than a test takes. */
const MANY_TEXTS = 16;

/** Few values have any of many short texts; a single unit is in too many. */
function isWorthFiling(factor: Factor): boolean {
  return shortestUnits(factor) >= (factor.length > MANY_TEXTS ? 3 : 2);
}

function containsAny(text: string, parts: readonly string[]): boolean {
  for (const part of parts) if (text.includes(part)) return true;
  return false;
}
