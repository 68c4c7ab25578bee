/** For how long, and when, the windows of each application were in focus (RCD-6). Pure; the order of events does not matter. */
import type { SessionEvent } from '../../policies/engine';
import { programKey, programOf } from './app-names';
import type { RecordedSpan } from './recorded-span';

/** More applications than a person uses: beyond it they are counted together. */
const MAX_DISTINCT = 2_000;
/** For events that do not name the application, and for those beyond the maximum. */
const UNNAMED = 0;

/** When an application was in focus: intervals by start, which neither overlap nor touch; milliseconds since 1970. */
export interface ApplicationFocus {
  /** Undefined: events did not name it. */
  readonly appName: string | undefined;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly totalMilliseconds: number;
}

export interface FocusOfRecording {
  /** Those in focus for the longest time first. */
  readonly applications: readonly ApplicationFocus[];
  /** From the start of the recording to the first window in focus. */
  readonly unknownMilliseconds: number;
}

interface Focus {
  starts: number[];
  ends: number[];
  totalMilliseconds: number;
}

/** Collects the Top Most events of a recording: a window is in focus until the next one is. */
export class ScreenTime {
  /** 16 bytes for each Top Most event. */
  private readonly times: number[] = [];
  private readonly applications: number[] = [];
  private readonly names: (string | undefined)[] = [undefined];
  private readonly indexes = new Map<string, number>();

  add(event: SessionEvent): void {
    if (event.type !== 'topMost') return;
    this.times.push(Date.parse(event.time));
    this.applications.push(this.indexOf(programOf(event.data['appName'])));
  }

  /** The intervals, clipped to the recording: the window that was in focus before counts from its start. */
  result({ start, end }: RecordedSpan): FocusOfRecording {
    const focus = new Map<number, Focus>();
    const order = this.inOrder();
    let first = end;
    for (const [position, row] of order.entries()) {
      const next = order[position + 1];
      const from = Math.max(this.times[row] ?? 0, start);
      const to = Math.min(next === undefined ? end : (this.times[next] ?? end), end);
      if (to <= from) continue;
      first = Math.min(first, from);
      addInterval(focus, this.applications[row] ?? UNNAMED, from, to);
    }
    const applications = [...focus]
      .map(([index, found]) => ({ appName: this.names[index], ...found }))
      .sort((a, b) => b.totalMilliseconds - a.totalMilliseconds || compare(a.appName, b.appName));
    return { applications, unknownMilliseconds: Math.max(0, first - start) };
  }

  /** Rows by time; windows of the same instant by name. */
  private inOrder(): Uint32Array {
    const nameOf = (row: number) => this.names[this.applications[row] ?? UNNAMED];
    return Uint32Array.from(this.times.keys()).sort(
      (a, b) => (this.times[a] ?? 0) - (this.times[b] ?? 0) || compare(nameOf(a), nameOf(b)),
    );
  }

  private indexOf(name: string | undefined): number {
    if (name === undefined) return UNNAMED;
    const key = programKey(name);
    const known = this.indexes.get(key);
    if (known !== undefined) {
      // Of several spellings the same one is shown, whichever came first.
      if (name < (this.names[known] ?? name)) this.names[known] = name;
      return known;
    }
    if (this.names.length > MAX_DISTINCT) return UNNAMED;
    this.indexes.set(key, this.names.length);
    this.names.push(name);
    return this.names.length - 1;
  }
}

/** Adds an interval behind all others; one that touches the last one of the application extends it. */
function addInterval(focus: Map<number, Focus>, application: number, from: number, to: number): void {
  const found = focus.get(application) ?? { starts: [], ends: [], totalMilliseconds: 0 };
  focus.set(application, found);
  found.totalMilliseconds += to - from;
  if (found.ends.at(-1) === from) found.ends[found.ends.length - 1] = to;
  else {
    found.starts.push(from);
    found.ends.push(to);
  }
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
