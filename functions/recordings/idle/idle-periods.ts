/** Idle periods of a recording, computed from the idle events of its session: pure. */
import type { SessionEvent } from '../../policies/engine';

/** Seconds from the start of the recording. */
export interface IdlePeriod {
  startSeconds: number;
  endSeconds: number;
}

/** More than a recording of a day can have at the default threshold: 86,400 s / 30 s. */
export const MAX_IDLE_PERIODS = 3_000;

export interface IdlePeriods {
  /** In order of time; they neither overlap nor touch. */
  periods: IdlePeriod[];
  /** Of all periods, also of those that are not among `periods`. */
  idleSeconds: number;
  /** The shortest ones that are not among `periods`, since there are too many. */
  omitted: number;
}

/**
 * Collects idle periods from events in any order. An idle event says at its end, or while it goes on, for how many
 * seconds nothing has happened: neither keyboard or mouse nor enough graphics packets. Several events of one period count
 * once.
 */
export class IdlePeriodCollector {
  private spans: IdlePeriod[] = [];

  /** @param startedAt of the recording (RFC 3339); durationSeconds undefined: it is live */
  constructor(
    private readonly startedAt: string,
    private readonly durationSeconds: number | undefined,
    private readonly thresholdSeconds: number,
  ) {}

  /** Events of other types are ignored. */
  add({ type, time, data }: Pick<SessionEvent, 'type' | 'time' | 'data'>): void {
    if (type !== 'idle') return;
    // Without a duration it says no more than that the threshold was reached.
    const seconds = Number(data['idleSeconds'] ?? this.thresholdSeconds);
    const end = (Date.parse(time) - Date.parse(this.startedAt)) / 1000;
    const startSeconds = Math.max(0, end - seconds);
    const endSeconds = Math.min(end, this.durationSeconds ?? end);
    if (endSeconds > startSeconds) this.spans.push({ startSeconds, endSeconds });
    if (this.spans.length > 2 * MAX_SPANS) this.spans = united(this.spans);
  }

  result(): IdlePeriods {
    const all = united(this.spans).filter(
      ({ startSeconds, endSeconds }) => endSeconds - startSeconds >= this.thresholdSeconds,
    );
    const longest = all.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, MAX_IDLE_PERIODS);
    return {
      periods: longest.toSorted((a, b) => a.startSeconds - b.startSeconds),
      idleSeconds: all.reduce((sum, period) => sum + secondsOf(period), 0),
      omitted: all.length - longest.length,
    };
  }
}

/** Spans that are collected before those that overlap are united. */
const MAX_SPANS = 100_000;

function secondsOf({ startSeconds, endSeconds }: IdlePeriod): number {
  return endSeconds - startSeconds;
}

/** The same spans, in order, with those that overlap or touch as one. */
function united(spans: readonly IdlePeriod[]): IdlePeriod[] {
  const merged: IdlePeriod[] = [];
  for (const { startSeconds, endSeconds } of spans.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
    const last = merged.at(-1);
    if (last && startSeconds <= last.endSeconds) last.endSeconds = Math.max(last.endSeconds, endSeconds);
    else merged.push({ startSeconds, endSeconds });
  }
  return merged;
}
