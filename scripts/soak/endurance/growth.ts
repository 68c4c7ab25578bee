/** Whether a process leaks: the trend over all samples, robust to outliers. */
import { median } from '../../bench/statistics';
import type { Holding } from './probes';

export interface Sample extends Holding {
  /** Requests that the stack has answered so far. */
  requests: number;
}

/** What a process may grow after it has warmed up. */
export const LIMITS = {
  /** Some two hundred bytes of every request: an entry of a map without eviction, and a fraction of a connection. */
  heapBytesPerThousand: 192 * 1024,
  /** From the first to the last third of the samples; the system reclaims freed memory at any time. */
  rssBytes: 32 * 1024 * 1024,
  connections: 8,
} as const;

/** The first part of the samples is warm-up: caches and compiled code fill. */
const WARM_UP_SHARE = 0.25;

export type Growth = Record<keyof typeof LIMITS, number>;

/** @param samples of one process, oldest first; at least four */
export function growthOf(samples: readonly Sample[]): Growth {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const third = Math.max(1, Math.floor(settled.length / 3));
  const gain = (valueOf: (sample: Sample) => number): number =>
    median(settled.slice(-third).map(valueOf)) - median(settled.slice(0, third).map(valueOf));
  return {
    heapBytesPerThousand: 1000 * slope(settled, ({ heapBytes }) => heapBytes),
    rssBytes: gain(({ rssBytes }) => rssBytes),
    connections: gain(({ connections }) => connections),
  };
}

/** The growth above the limits, as text. */
export function excessOf(growth: Growth): string[] {
  return (Object.keys(LIMITS) as (keyof Growth)[])
    .filter((what) => growth[what] > LIMITS[what])
    .map((what) => `${what} ${Math.round(growth[what])}, at most ${LIMITS[what]}`);
}

/** The median of the slopes of all pairs (Theil and Sen): outliers do not move it. */
function slope(samples: readonly Sample[], valueOf: (sample: Sample) => number): number {
  const slopes = samples.flatMap((from, index) =>
    samples
      .slice(index + 1)
      .filter((to) => to.requests > from.requests)
      .map((to) => (valueOf(to) - valueOf(from)) / (to.requests - from.requests)),
  );
  return slopes.length === 0 ? 0 : median(slopes);
}
