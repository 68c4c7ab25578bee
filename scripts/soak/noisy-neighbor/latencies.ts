/** How long requests took, by kind: what the suite measures and what it expects of it. */

export interface Latencies {
  count: number;
  medianMs: number;
  p99Ms: number;
  maxMs: number;
}

/** What is expected of a disturbed customer. */
export interface Expectations {
  /** The p99 may be this many times the undisturbed one. */
  timesUndisturbed: number;
  /** No request may take longer. */
  longestMs: number;
}

/** Nearest-rank quantiles of durations in milliseconds. @throws RangeError without any */
export function latenciesOf(durations: readonly number[]): Latencies {
  if (durations.length === 0) throw new RangeError('There are no durations.');
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** What of the disturbed latencies is worse than expected; each a sentence. */
export function excessOf(
  kind: string,
  undisturbed: Latencies,
  disturbed: Latencies,
  { timesUndisturbed, longestMs }: Expectations,
): string[] {
  const excess: string[] = [];
  const times = disturbed.p99Ms / undisturbed.p99Ms;
  if (times > timesUndisturbed) {
    const figures = `${Math.round(disturbed.p99Ms)} ms against ${Math.round(undisturbed.p99Ms)} ms undisturbed`;
    excess.push(
      `${kind}: p99 is ${times.toFixed(1)} times as long, ${figures}; at most ${timesUndisturbed} times is expected`,
    );
  }
  if (disturbed.maxMs > longestMs)
    excess.push(`${kind}: one took ${Math.round(disturbed.maxMs)} ms; at most ${longestMs} ms are expected`);
  return excess;
}
