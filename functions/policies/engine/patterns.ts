/** The patterns of one policy: rules that share a pattern share its compiled form and what it last found out. */
import { type Factor, requiredFactors } from './required-factors';
import { compilePattern, type Pattern } from './text';

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
  /** What a text must contain to be worth a test. */
  readonly factors: readonly Factor[];
  private compiled: Pattern | undefined;
  private lastText: string | undefined;
  private lastAnswer = false;

  constructor(private readonly source: string) {
    this.factors = requiredFactors(source);
  }

  /** Whether the pattern occurs in the text, also given folded. Many rules ask in turn about the same text. */
  occursIn(text: string, folded: string): boolean {
    if (text === this.lastText) return this.lastAnswer;
    this.lastText = text;
    this.lastAnswer =
      this.mayOccurIn(folded) && (this.compiled ??= compilePattern(this.source)).occursIn(text);
    return this.lastAnswer;
  }

  private mayOccurIn(folded: string): boolean {
    for (const factor of this.factors) if (!containsAny(folded, factor)) return false;
    return true;
  }
}

function containsAny(text: string, parts: readonly string[]): boolean {
  for (const part of parts) if (text.includes(part)) return true;
  return false;
}
