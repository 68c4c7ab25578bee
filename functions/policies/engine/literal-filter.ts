/** Finds which of many literal texts occur in a value, all in one pass. */
import { groupBy } from './group-by';

/** Of a longer text only so many units are looked for: a bound for the work at each position of a value. */
const MAX_UNITS = 24;
/** V8 compiles larger expressions less well. */
const MAX_ALTERNATIVES = 1_000;

/** What is looked for: a text (already folded) and what it stands for. */
export interface Literal<T> {
  readonly text: string;
  readonly stands: T;
}

/** What a text stands for; the text that reports it may begin with shorter ones. */
interface Entry<T> {
  readonly stands: readonly T[];
  readonly shorter: Entry<T> | undefined;
}

/**
 * One native regular expression that is an alternation of escaped literals: it has no repetition, so it cannot
 * backtrack further than the longest literal (`MAX_UNITS`), and is linear in the length of the value.
 */
export class LiteralFilter<T> {
  private readonly expressions: readonly RegExp[];
  private readonly entries: ReadonlyMap<string, Entry<T>>;

  constructor(literals: readonly Literal<T>[]) {
    // The end of a path or command line says more than its start.
    const byText = groupBy(literals, ({ text }) => text.slice(-MAX_UNITS));
    // Ascending order puts a text after all of its beginnings, descending order before them.
    const texts = [...byText.keys()].toSorted();
    this.entries = linked(texts, byText);
    this.expressions = chunks(texts.toReversed(), MAX_ALTERNATIVES).map(
      (chunk) => new RegExp(chunk.map(escape).join('|'), 'g'),
    );
  }

  /** What every literal in the value stands for, list by list; what occurs several times may be listed again. */
  find(value: string): readonly (readonly T[])[] {
    let found: (readonly T[])[] | undefined;
    for (const expression of this.expressions) {
      expression.lastIndex = 0;
      for (let match = expression.exec(value); match; match = expression.exec(value)) {
        found ??= [];
        // The alternation reports the longest text that begins here.
        for (let entry = this.entries.get(match[0]); entry; entry = entry.shorter) found.push(entry.stands);
        expression.lastIndex = match.index + 1;
      }
    }
    return found ?? NOTHING;
  }
}

const NOTHING: readonly never[] = [];

/** An entry for each text, linked to the entry of the longest other text that it begins with. */
function linked<T>(ascending: readonly string[], byText: ReadonlyMap<string, readonly Literal<T>[]>) {
  const entries = new Map<string, Entry<T>>();
  const beginnings: string[] = [];
  for (const text of ascending) {
    while (beginnings.length > 0 && !text.startsWith(beginnings.at(-1) ?? '')) beginnings.pop();
    const stands = byText.get(text)?.map((literal) => literal.stands) ?? [];
    entries.set(text, { stands, shorter: entries.get(beginnings.at(-1) ?? '') });
    beginnings.push(text);
  }
  return entries;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
