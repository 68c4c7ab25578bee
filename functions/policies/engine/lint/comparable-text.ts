/** Tests of texts prepared for comparison: what they accept, as texts, substrings and patterns. */
import type { TextTest } from '../match/conditions';
import { foldText } from '../text/case-folding';
import type { LazyPattern } from '../text/pattern-cache';
import { ANY_TEXT, type ComparableTest, type Sample, type Traits } from './comparable-test';
import { containing, equalTo, type PatternLanguages } from './pattern-languages';
import type { StepBudget } from './step-budget';
import { SubstringFinder } from './substring-finder';

/** Compared with more values together, automata become too large; then those alone are that accept an example. */
const MAX_COMPARED_TOGETHER = 8;

export class ComparableText implements ComparableTest {
  readonly dimension: string;
  /** Case-folded; none of them contains one of the substrings. */
  readonly exactTexts: ReadonlySet<string>;
  /** Case-folded; none of them contains another. */
  readonly substrings: readonly string[];
  /** By source, without flags that change nothing; none of them is a plain text. */
  readonly patterns: ReadonlyMap<string, LazyPattern>;
  private readonly searched: readonly string[];
  private readonly finder: SubstringFinder;

  constructor(
    private readonly test: Pick<TextTest, 'dimension' | 'equals' | 'includes' | 'matches'>,
    private readonly languages: PatternLanguages,
    private readonly budget: StepBudget,
  ) {
    const { dimension, equals, includes, matches } = test;
    this.dimension = dimension.id;
    const exact = [...equals];
    const substrings = new Set(includes);
    const patterns = new Map<string, LazyPattern>();
    for (const pattern of matches) {
      const source = withoutIgnoreCase(pattern.source);
      const plain = plainText(source);
      if (!plain) patterns.set(source, pattern);
      else if (plain.isWhole) exact.push(plain.text);
      else substrings.add(plain.text);
    }
    this.searched = [...substrings];
    this.finder = new SubstringFinder(this.searched, budget);
    this.substrings = this.finder.minimal();
    this.exactTexts = new Set(exact.filter((text) => !this.contains(text)));
    this.patterns = patterns;
  }

  get form(): string {
    const values = [this.exactTexts, this.substrings, this.patterns.keys()];
    return JSON.stringify([this.dimension, ...values.map((texts) => [...texts].toSorted())]);
  }

  get traits(): Traits {
    const patterns = [...this.patterns.values()];
    const isAny = patterns.some(({ indexLiterals }) => !indexLiterals);
    return {
      exact: [
        ...Array.from(this.exactTexts, (text) => `=${text}`),
        ...Array.from(this.patterns.keys(), (source) => `~${source}`),
        ...(isAny ? [ANY_TEXT] : []),
      ],
      substrings: [...this.substrings, ...patterns.flatMap(({ indexLiterals = [] }) => indexLiterals)],
    };
  }

  get sample(): Sample {
    const [pattern] = this.patterns.keys();
    if (pattern !== undefined) {
      const text = foldText(this.languages.example(pattern) ?? '');
      return { exact: [`~${pattern}`, `=${text}`], text };
    }
    const [text] = this.exactTexts;
    return text === undefined ? { exact: [], text: this.substrings[0] ?? '' } : { exact: [`=${text}`], text };
  }

  covers(inner: ComparableTest): boolean {
    if (!(inner instanceof ComparableText)) return false;
    this.budget.spend(1);
    const isTextCovered = (text: string, pattern: string) =>
      this.contains(text) || (this.patterns.size > 0 && this.coversPattern(pattern, text));
    return (
      [...inner.exactTexts].every(
        (text) => this.exactTexts.has(text) || isTextCovered(text, equalTo(text)),
      ) &&
      inner.substrings.every((text) => isTextCovered(text, containing(text))) &&
      [...inner.patterns.keys()].every(
        (source) => this.patterns.has(source) || this.coversPattern(source, this.languages.example(source)),
      )
    );
  }

  *parts(): Generator<ComparableText> {
    const { exactTexts, substrings, patterns } = this;
    if (exactTexts.size + substrings.length + patterns.size < 2) return;
    for (const text of exactTexts) yield this.part({ equals: [text] });
    for (const text of substrings) yield this.part({ includes: [text] });
    for (const pattern of patterns.values()) yield this.part({ matches: [pattern] });
  }

  private part(values: Partial<TextTest>): ComparableText {
    const { dimension } = this.test;
    const test = { dimension, equals: [], includes: [], matches: [], ...values };
    return new ComparableText(test, this.languages, this.budget);
  }

  /** Whether this test accepts all texts that match a pattern, of which an example is one. */
  private coversPattern(source: string, example: string | undefined): boolean {
    if (example === undefined) return false;
    const accepting = this.valuesThatAccept(example);
    if (accepting.length === 0) return false;
    return this.languages.isCovered(source, this.allValues() ?? accepting.slice(0, MAX_COMPARED_TOGETHER));
  }

  /** All values as patterns; undefined when they are many. */
  private allValues(): string[] | undefined {
    if (this.exactTexts.size + this.substrings.length + this.patterns.size > MAX_COMPARED_TOGETHER)
      return undefined;
    return [
      ...Array.from(this.exactTexts, equalTo),
      ...this.substrings.map(containing),
      ...this.patterns.keys(),
    ];
  }

  private valuesThatAccept(example: string): string[] {
    const folded = foldText(example);
    this.budget.spend(this.patterns.size);
    const substrings: string[] = [];
    this.eachContained(folded, (text) => substrings.push(containing(text)));
    return [
      ...(this.exactTexts.has(folded) ? [equalTo(folded)] : []),
      ...new Set(substrings),
      ...[...this.patterns.keys()].filter((source) => this.languages.matches(source, example)),
    ];
  }

  private contains(text: string): boolean {
    let contains = false;
    this.finder.find(text, () => (contains = true));
    return contains;
  }

  private eachContained(text: string, found: (substring: string) => void): void {
    this.finder.find(text, (position) => found(this.searched[position] ?? ''));
  }
}

/** Patterns ignore case anyway. */
function withoutIgnoreCase(source: string): string {
  return source.replace(/^(?:\(\?i\))+/, '').replace(/^\(\?i:([^()\\[\]|]*)\)$/, '$1');
}

const PLAIN = /^(\^|\\A)?((?:[^\\^$.*+?()[\]{}|]|\\[!-/:-@[-`{-~])+)(\$|\\z)?$/;

/** The text that a pattern stands for, if it is a text only, and whether values are that text as a whole. */
function plainText(source: string): { text: string; isWhole: boolean } | undefined {
  const [, start, escaped, end] = PLAIN.exec(source) ?? [];
  if (escaped === undefined || (start === undefined) !== (end === undefined)) return undefined;
  return { text: foldText(escaped.replace(/\\(.)/g, '$1')), isWhole: start !== undefined };
}
