/** Which texts tests of text accept, as sets: whether they are empty, contain all texts, or contain each other. */
import { RE2JS } from 're2js';
import { type PatternProgram, programOf, shortestPath } from '../text/pattern-program';
import { NEVER, OCCURRED, PatternAutomaton } from './pattern-automaton';
import type { StepBudget } from './step-budget';

/** For the patterns of a policy, beside the comparison of its rules: at most about half a second. */
export const MAX_PATTERN_STEPS = 5_000_000;
/** The cost of compiling a pattern. */
const STEPS_PER_PATTERN = 800;
const STEPS_PER_INSTRUCTION = 30;
/** What is kept of patterns, in numbers: some tens of megabytes. */
const MAX_KEPT_SIZE = 1_000_000;
/** Longer patterns and texts are not analyzed. */
const MAX_UNITS = 1_000;
const MAX_INSTRUCTIONS = 2_000;
/** What one question may cost: patterns that people write take a thousandth of it. */
const MAX_STEPS_PER_QUESTION = 200_000;
const LINE_FEED = 10;
/** Few patterns match all of these without matching everything. */
const OF_ONE_CHARACTER = ['a', '0', ' ', '.', '\\', ':', 'é', '表'];

/** The source of a pattern that accepts just the texts that contain this one. */
export const containing = (text: string): string => RE2JS.quote(text);
/** The source of a pattern that accepts just this text. */
export const equalTo = (text: string): string => `\\A${RE2JS.quote(text)}\\z`;

/**
 * Answers are exact: about all texts, ignoring case as the engine does. A question that is too expensive, or asked when
 * the budget is exceeded, is not answered.
 */
export class PatternLanguages {
  private readonly programs = new Map<string, PatternProgram>();
  private readonly automata = new Map<string, PatternAutomaton>();
  /** Null: no text matches. Undefined: it is not known. */
  private readonly examples = new Map<string, string | null | undefined>();
  private keptSize = 0;
  private stepsLeft = 0;

  constructor(private readonly budget: StepBudget) {}

  /** Whether no text matches the pattern. */
  isEmpty(source: string): boolean {
    return this.exampleOrNone(source) === null;
  }

  /** One of the shortest texts that match the pattern; undefined when none does, or it is not known. */
  example(source: string): string | undefined {
    return this.exampleOrNone(source) ?? undefined;
  }

  /** Whether every non-empty text of one line matches the pattern. */
  isUniversal(source: string): boolean {
    return (
      this.answer((search) => {
        const { occursIn } = this.program(source);
        if (!OF_ONE_CHARACTER.every(occursIn)) return false;
        const pattern = this.automaton(source);
        const visit = ([state = NEVER]: readonly number[], length: number) => {
          if (state === OCCURRED) return 'leave';
          return length > 0 && !pattern.occursAtEnd(state) ? 'found' : 'goOn';
        };
        return search([pattern], visit, LINE_FEED) === undefined;
      }) ?? false
    );
  }

  /** Whether a pattern matches a text, which must be in NFC. */
  matches(source: string, text: string): boolean {
    return this.answer(() => this.program(source).occursIn(text)) ?? false;
  }

  /** Whether every text that matches the pattern matches one of the others. */
  isCovered(source: string, others: readonly string[]): boolean {
    return (
      this.answer((search) => {
        const [inner, ...outer] = [source, ...others].map((one) => this.automaton(one));
        if (!inner) return false;
        const visit = ([state = NEVER, ...states]: readonly number[]) => {
          if (state === NEVER || states.includes(OCCURRED)) return 'leave';
          const isAccepted = outer.some((one, index) => one.occursAtEnd(states[index] ?? NEVER));
          return inner.occursAtEnd(state) && !isAccepted ? 'found' : 'goOn';
        };
        return search([inner, ...outer], visit) === undefined;
      }) ?? false
    );
  }

  /** Null when no text matches the pattern, undefined when that is not known. */
  private exampleOrNone(source: string): string | null | undefined {
    if (this.examples.has(source)) return this.examples.get(source);
    const found = this.answer((search) => {
      const program = this.program(source);
      const text = shortestPath(program);
      if (text === undefined || program.occursIn(text)) return text ?? null;
      const pattern = this.automaton(source);
      return search([pattern], ([state]) => (pattern.occursAtEnd(state ?? NEVER) ? 'found' : 'goOn')) ?? null;
    });
    this.examples.set(source, found);
    return found;
  }

  /** Undefined when the answer would be too expensive. */
  private answer<T>(ask: (search: typeof this.search) => T): T | undefined {
    let answer: T | undefined;
    this.stepsLeft = MAX_STEPS_PER_QUESTION;
    this.budget.run(() => {
      try {
        answer = ask(this.search);
      } catch (error) {
        if (!(error instanceof TooExpensive)) throw error;
      }
    });
    return answer;
  }

  private readonly spend = (steps: number): void => {
    this.budget.spend(steps);
    this.stepsLeft -= steps;
    if (this.stepsLeft < 0) throw new TooExpensive();
  };

  /**
   * Visits the states that texts lead to, shortest texts first, each once. Returns the text that led to the state at
   * which `visit` found what it looks for. `without`: a code point that texts do not contain.
   */
  private readonly search = (
    automata: readonly PatternAutomaton[],
    visit: (states: readonly number[], length: number) => 'found' | 'leave' | 'goOn',
    without?: number,
  ): string | undefined => {
    const alphabet = this.commonClasses(automata, without);
    const seen = new Set<string>();
    let paths = [{ text: '', states: automata.map(({ start }) => start) }];
    for (let length = 0; paths.length > 0; length++) {
      const longer: typeof paths = [];
      for (const { text, states } of paths) {
        this.spend(1);
        const result = visit(states, length);
        if (result === 'found') return text;
        if (result === 'leave') continue;
        for (const { code, classes } of alphabet) {
          this.spend(automata.length);
          const next = automata.map((one, index) => one.next(states[index] ?? NEVER, classes[index] ?? 0));
          const key = next.join();
          if (seen.has(key)) continue;
          seen.add(key);
          longer.push({ text: text + String.fromCodePoint(code), states: next });
        }
      }
      paths = longer;
    }
    return undefined;
  };

  /** A code point for each set of characters that all automata treat alike, with its class in each of them. */
  private commonClasses(automata: readonly PatternAutomaton[], without: number | undefined) {
    const all = new Set(automata.flatMap((one) => one.starts));
    this.spend(all.size * automata.length);
    const starts = [...all].toSorted((a, b) => a - b);
    const distinct = new Map<string, { code: number; classes: readonly number[] }>();
    for (const [index, code] of starts.entries()) {
      const isAlone = starts[index + 1] === code + 1;
      if (isAlone && (code === without || !isNormal(code))) continue;
      const classes = automata.map((one) => one.classOf(code));
      const key = classes.join();
      if (!distinct.has(key)) distinct.set(key, { code, classes });
    }
    return [...distinct.values()];
  }

  /** @throws TooExpensive for a pattern that is too large */
  private automaton(source: string): PatternAutomaton {
    const known = this.automata.get(source);
    if (known) return known;
    const automaton = new PatternAutomaton(this.program(source), this.spend);
    this.automata.set(source, automaton);
    return automaton;
  }

  /** @throws TooExpensive for a pattern that is too large */
  private program(source: string): PatternProgram {
    const known = this.programs.get(source);
    if (known) return known;
    if (source.length > MAX_UNITS) throw new TooExpensive();
    this.spend(STEPS_PER_PATTERN);
    const program = programOf(source);
    if (!program || program.instructions.length > MAX_INSTRUCTIONS) throw new TooExpensive();
    this.spend(STEPS_PER_INSTRUCTION * program.instructions.length + program.size);
    this.keep(source, program);
    return program;
  }

  private keep(source: string, program: PatternProgram): void {
    this.keptSize += program.size;
    if (this.keptSize > MAX_KEPT_SIZE) {
      this.keptSize = program.size;
      this.programs.clear();
      this.automata.clear();
    }
    this.programs.set(source, program);
  }
}

/** Classes that leave no character, as far as one can see quickly; and assertions other than at the ends. */
const CLASS = /\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[^]|[^\]\\])*\]/g;
const MAY_BE_EMPTY_CLASS = /^\[\^[^]*(?:\\[SWDP]|\\x|\[:\^|[^\0-\x7f])/;
const ASSERTION = /[$^]|\\[AzbB]/;
const AT_START = /^(?:\(\?[a-zA-Z]+\))*(?:\^|\\A)?/;
const AT_END = /(?<!\\)(?:\\\\)*(?:\$|\\z)$/;

/** A quick look: false only if some text matches the pattern. Most patterns have no assertions except at their ends. */
export function mayMatchNothing(source: string): boolean {
  const classes = source.match(CLASS) ?? [];
  const rest = source.replace(CLASS, 'x').replace(AT_START, '').replace(AT_END, '');
  return ASSERTION.test(rest) || classes.some((one) => MAY_BE_EMPTY_CLASS.test(one));
}

/** Texts are compared in NFC, in which there is no Kelvin sign, for example. */
function isNormal(code: number): boolean {
  const character = String.fromCodePoint(code);
  return character.normalize('NFC') === character;
}

class TooExpensive extends Error {}
