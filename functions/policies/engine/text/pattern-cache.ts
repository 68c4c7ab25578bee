/** The patterns of one policy: rules with the same pattern share its compiled form and its last result. */
import { type BoundedRegex, boundedRegex } from './bounded-regex';
import { isAscii } from './case-folding';
import { compilePattern, type Pattern } from './pattern';
import { estimatedSize } from './pattern-size';
import { EventTooCostly, PatternSteps } from './pattern-steps';
import { mostSelective, type RequiredLiterals, requiredLiterals, shortestUnits } from './required-literals';

export class PatternCache {
  private readonly bySource = new Map<string, LazyPattern>();

  /** The pattern of a source text, compiled when it is first used. */
  get(source: string): LazyPattern {
    let pattern = this.bySource.get(source);
    if (!pattern) this.bySource.set(source, (pattern = new LazyPattern(source)));
    return pattern;
  }
}

/** Compiling a pattern costs more than a hundred tests, and most patterns are never tested. */
export class LazyPattern {
  /** The set of literals to index the pattern by; undefined when none is selective enough. */
  readonly indexLiterals: RequiredLiterals | undefined;
  /** Whether every match contains some literal. */
  readonly requiresLiterals: boolean;
  /** The sets of which a text must contain one literal each before the pattern is run. */
  readonly prefilters: readonly RequiredLiterals[];
  private compiled: Pattern | undefined;
  /** Created on first use. In an object because many patterns have none: that too is to be determined only once. */
  private bounded: { readonly regex: BoundedRegex | undefined } | undefined;
  private lastText: string | undefined;
  private lastResult = false;

  constructor(readonly source: string) {
    const required = requiredLiterals(source);
    this.requiresLiterals = required.length > 0;
    this.indexLiterals = mostSelective(required.filter(isSelective));
    this.prefilters = required.filter(({ length }) => length <= MANY_LITERALS);
  }

  /**
   * Whether the pattern matches anywhere in the text, also given case-folded. Many rules test the same text in turn.
   * @throws EventTooCostly when the steps are spent
   */
  occursIn(text: string, folded: string, steps = new PatternSteps()): boolean {
    if (text === this.lastText) return this.lastResult;
    const result = this.mayOccurIn(folded) && this.run(text, folded, steps);
    this.lastText = text;
    return (this.lastResult = result);
  }

  private run(text: string, folded: string, steps: PatternSteps): boolean {
    const { regex } = (this.bounded ??= { regex: boundedRegex(this.source) });
    if (regex && text.length <= regex.maxTextUnits && isAscii(text)) return regex.expression.test(folded);
    this.compiled ??= this.compile();
    steps.spend(this.compiled.size, text.length);
    return this.compiled.occursIn(text);
  }

  private compile(): Pattern {
    if (estimatedSize(this.source) > MAX_COMPILED_INSTRUCTIONS)
      throw new EventTooCostly('a pattern of the policy is too large to be compiled');
    return compilePattern(this.source);
  }

  private mayOccurIn(folded: string): boolean {
    for (const literals of this.prefilters) if (!containsAny(folded, literals)) return false;
    return true;
  }
}

/** Patterns that were saved before their size was limited may have more; this many take about 25 MB. */
const MAX_COMPILED_INSTRUCTIONS = 30_000;

/** Searching for this many literals one by one takes longer than running the pattern. */
const MANY_LITERALS = 16;

/** Few values contain any of many short literals; a single unit occurs in too many. */
function isSelective(literals: RequiredLiterals): boolean {
  return shortestUnits(literals) >= (literals.length > MANY_LITERALS ? 3 : 2);
}

function containsAny(text: string, literals: RequiredLiterals): boolean {
  for (const literal of literals) if (text.includes(literal)) return true;
  return false;
}
