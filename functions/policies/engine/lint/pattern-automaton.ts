/** A pattern as a deterministic automaton over all texts, whose states are made when they are first reached. */
import {
  BEGIN_LINE,
  BEGIN_TEXT,
  type CharacterSet,
  END_LINE,
  END_TEXT,
  type Instruction,
  NO_WORD_BOUNDARY,
  type PatternProgram,
  WORD_BOUNDARY,
} from '../text/pattern-program';

/** The state once the pattern has occurred, whatever follows. */
export const OCCURRED = 0;
/** The state from which it cannot occur any more. */
export const NEVER = 1;

/** What precedes or follows a position. */
const EDGE = 0;
const WORD = 1;
const LINE_FEED = 2;
const OTHER = 3;
type Neighbour = typeof EDGE | typeof WORD | typeof LINE_FEED | typeof OTHER;

const LINE_FEED_CODE = 10;
const LAST_CODE_POINT = 0x10ffff;
/** Limits between characters that assertions distinguish: the line feed, digits, letters, the underscore. */
const CONTEXT_STARTS = [0, LINE_FEED_CODE, 11, 48, 58, 65, 91, 95, 96, 97, 123];

interface State {
  /** Instructions to go on from, ascending. */
  readonly threads: readonly number[];
  readonly before: Neighbour;
  readonly next: (number | undefined)[];
  occursAtEnd: boolean | undefined;
}

/** Counts work: throws when there was too much. */
export type Spend = (steps: number) => void;

export class PatternAutomaton {
  /** The first code points of ranges whose characters are treated alike, ascending from 0. */
  readonly starts: readonly number[];
  readonly start: number;
  /** The number of the class of each range. */
  private readonly classes: readonly number[];
  /** A code point of each class. */
  private readonly samples: number[] = [];
  private readonly states: State[] = [];
  private readonly byKey = new Map<string, number>();
  private readonly instructions: readonly Instruction[];
  /** Whether a search may begin at other positions than the start of the text. */
  private readonly restarts: boolean;
  private readonly usesContext: boolean;

  constructor(
    private readonly program: PatternProgram,
    private readonly spend: Spend,
  ) {
    this.instructions = program.instructions;
    spend(program.size);
    const sets = distinctSets(this.instructions);
    const starts = new Set(CONTEXT_STARTS);
    for (const set of sets)
      for (let index = 0; index < set.length; index++) starts.add((set[index] ?? 0) + (index % 2));
    this.starts = [...starts].filter((code) => code <= LAST_CODE_POINT).toSorted((a, b) => a - b);
    spend(this.starts.length * (3 + 2 * sets.length));
    this.classes = this.classify(sets);
    this.usesContext = this.instructions.some(
      (one) => one.kind === 'assert' && (one.conditions & ~(BEGIN_TEXT | END_TEXT)) !== 0,
    );
    const { matched, characters } = this.reachable([program.start], ~BEGIN_TEXT);
    this.restarts = matched || characters.length > 0;
    // The numbers of the two final states.
    this.states.push(stateOf([], OTHER), stateOf([], OTHER));
    this.start = this.stateNumber([program.start], EDGE);
  }

  /** The state behind a character of a class. */
  next(number: number, characterClass: number): number {
    const state = this.states[number];
    if (number === OCCURRED || number === NEVER || !state) return number;
    return (state.next[characterClass] ??= this.follow(state, characterClass));
  }

  /** Whether the pattern occurs in a text that ends in this state. */
  occursAtEnd(number: number): boolean {
    const state = this.states[number];
    if (number === OCCURRED || number === NEVER || !state) return number === OCCURRED;
    return (state.occursAtEnd ??= this.reachable(state.threads, conditionsAt(state.before, EDGE)).matched);
  }

  /** The class of a code point. */
  classOf(code: number): number {
    let [from, to] = [0, this.starts.length];
    while (to - from > 1) {
      const middle = (from + to) >>> 1;
      if ((this.starts[middle] ?? 0) <= code) from = middle;
      else to = middle;
    }
    return this.classes[from] ?? 0;
  }

  private classify(sets: readonly CharacterSet[]): number[] {
    const byKey = new Map<string, number>();
    return this.starts.map((code) => {
      const key = `${neighbourOf(code)} ${sets.map((set) => (isIn(set, code) ? 1 : 0)).join('')}`;
      const known = byKey.get(key) ?? this.samples.push(code) - 1;
      byKey.set(key, known);
      return known;
    });
  }

  private follow({ threads, before }: State, characterClass: number): number {
    const code = this.samples[characterClass] ?? 0;
    const after = neighbourOf(code);
    const { matched, characters } = this.reachable(threads, conditionsAt(before, after));
    if (matched) return OCCURRED;
    const next = new Set<number>();
    for (const one of characters) if (isIn(one.set, code)) next.add(one.next);
    if (this.restarts) next.add(this.program.start);
    return this.stateNumber(
      [...next].toSorted((a, b) => a - b),
      this.usesContext ? after : OTHER,
    );
  }

  private stateNumber(threads: readonly number[], before: Neighbour): number {
    if (threads.length === 0) return NEVER;
    const key = `${before} ${threads.join(' ')}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const number = this.states.push(stateOf(threads, before)) - 1;
    this.byKey.set(key, number);
    return number;
  }

  /** What the threads reach without consuming a character, where some conditions hold. */
  private reachable(threads: readonly number[], conditions: number) {
    const characters: Extract<Instruction, { kind: 'character' }>[] = [];
    const seen = new Set(threads);
    let matched = false;
    for (const position of seen) {
      this.spend(1);
      const one = this.instructions[position];
      if (one?.kind === 'character') characters.push(one);
      else if (one?.kind === 'match') matched = true;
      else if (one?.kind === 'either') seen.add(one.next).add(one.other);
      else if (one?.kind === 'pass') seen.add(one.next);
      else if (one?.kind === 'assert' && (one.conditions & ~conditions) === 0) seen.add(one.next);
    }
    return { matched, characters };
  }
}

const stateOf = (threads: readonly number[], before: Neighbour): State => ({
  threads,
  before,
  next: [],
  occursAtEnd: undefined,
});

function distinctSets(instructions: readonly Instruction[]): CharacterSet[] {
  const byKey = new Map<string, CharacterSet>();
  for (const one of instructions)
    if (one.kind === 'character') byKey.set(Array.from(one.set).join(), one.set);
  return [...byKey.values()];
}

function isIn(set: CharacterSet, code: number): boolean {
  let [from, to] = [0, set.length / 2];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (code > (set[2 * middle + 1] ?? 0)) from = middle + 1;
    else to = middle;
  }
  return from < set.length / 2 && code >= (set[2 * from] ?? 0);
}

function neighbourOf(code: number): Neighbour {
  if (code === LINE_FEED_CODE) return LINE_FEED;
  return code < 128 && /\w/.test(String.fromCodePoint(code)) ? WORD : OTHER;
}

function conditionsAt(before: Neighbour, after: Neighbour): number {
  return (
    (before === EDGE ? BEGIN_TEXT : 0) |
    (before === EDGE || before === LINE_FEED ? BEGIN_LINE : 0) |
    (after === EDGE ? END_TEXT : 0) |
    (after === EDGE || after === LINE_FEED ? END_LINE : 0) |
    ((before === WORD) !== (after === WORD) ? WORD_BOUNDARY : NO_WORD_BOUNDARY)
  );
}
