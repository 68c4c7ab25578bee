/** What searches know of the events of a recording: how many, of which types, and their words. Pure. */
import type { SessionEvent } from '../../policies/engine';

/** Written once the recording has ended, so that the events of a live session cost no write of its recording. */
export interface EventFields {
  eventCount?: number | undefined;
  /** Sorted. */
  eventTypes?: string[] | undefined;
  /**
   * Distinct words of the texts of the events, also of the further fields of custom ones, in lower case, in order of
   * time; see `MAX_EVENT_WORDS`.
   */
  eventWords?: string[] | undefined;
  /** There are more words: only the first ones are found. */
  eventWordsOverflow?: boolean | undefined;
}

export const MAX_EVENT_WORDS = 256;
/** Longer runs of letters, such as encoded data, are no words that somebody looks for. */
export const MAX_WORD_UNITS = 64;
const MAX_DEPTH = 4;

/**
 * The words of a text, without regard to letter case: runs of letters, digits and underscores, of two characters or more
 * unless it is one beyond ASCII. A run of a script that is written without spaces gives all its pairs of characters, so
 * that every part of it of two characters or more is found.
 */
export function wordsIn(text: string): string[] {
  return runsIn(text)
    .filter((run) => run.length <= MAX_WORD_UNITS || WITHOUT_SPACES.test(run))
    .flatMap((run) => (WITHOUT_SPACES.test(run) ? pairsIn(run) : [run]))
    .filter((word) => !/^[\x00-\x7f]$/u.test(word));
}

/** Whether a part of the text is too long to be one of its words. */
export function hasLongRun(text: string): boolean {
  return runsIn(text).some((run) => run.length > MAX_WORD_UNITS && !WITHOUT_SPACES.test(run));
}

const SCRIPTS_WITHOUT_SPACES = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join('');
const WITHOUT_SPACES = new RegExp(`^[${SCRIPTS_WITHOUT_SPACES}]`, 'u');
/** A run goes on in its own kind of script, with marks of either. */
const RUN = new RegExp(
  String.raw`[[${SCRIPTS_WITHOUT_SPACES}]&&[\p{L}\p{M}\p{N}_]]+|[[\p{L}\p{M}\p{N}_]--[${SCRIPTS_WITHOUT_SPACES}]]+`,
  'gv',
);

function runsIn(text: string): string[] {
  return folded(text).match(RUN) ?? [];
}

/** One form of all letter cases and widths: İ is i, ß is ss, ς is σ, ＣＭＤ is cmd. */
function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .normalize('NFKC');
}

/** Each character with the next one; a single character alone. */
function pairsIn(run: string): string[] {
  const characters = [...run];
  return characters.length === 1
    ? characters
    : characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** Collects the fields of a recording from its events. Memory is bounded, however many they are. */
export class EventFieldsCollector {
  private eventCount = 0;
  private readonly types = new Set<string>();
  private readonly words = new Set<string>();
  private hasMoreWords = false;

  /** In order of time. */
  add({ type, data, fields }: SessionEvent): void {
    this.eventCount += 1;
    this.types.add(type);
    for (const word of [...textsIn(data), ...textsIn(fields)].flatMap(wordsIn)) {
      if (this.words.size < MAX_EVENT_WORDS) this.words.add(word);
      else this.hasMoreWords ||= !this.words.has(word);
    }
  }

  result(): Required<EventFields> {
    return {
      eventCount: this.eventCount,
      eventTypes: [...this.types].sort(),
      eventWords: [...this.words],
      eventWordsOverflow: this.hasMoreWords,
    };
  }
}

/** The fields of a recording with these events, which are in order of time. */
export async function foldEvents(
  events: AsyncIterable<SessionEvent> | Iterable<SessionEvent>,
): Promise<Required<EventFields>> {
  const collector = new EventFieldsCollector();
  for await (const event of events) collector.add(event);
  return collector.result();
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return [];
  return Object.values(value).flatMap((inner) => textsIn(inner, depth + 1));
}
