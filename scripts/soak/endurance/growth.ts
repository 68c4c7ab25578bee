/** Whether a process holds more and more: the growth that all samples together show, whatever a single one says. */
import { median } from '../../bench/statistics';
import type { Holding } from './probes';

export interface Sample extends Holding {
  /** Requests that the stack has answered so far. */
  requests: number;
}

/** What a process may gain. One kilobyte that is kept of every request would be one megabyte per thousand. */
export const LIMITS = {
  heapBytesPerThousand: 256 * 1024,
  rssBytesPerThousand: 1024 * 1024,
  /** Between the first and the last third of the samples. */
  connections: 8,
} as const;

/** The first part of the samples is no growth yet: caches and compiled code fill. */
const WARM_UP_SHARE = 0.25;

export interface Growth {
  heapBytesPerThousand: number;
  rssBytesPerThousand: number;
  connections: number;
}

/** @param samples of one process, oldest first; at least four */
export function growthOf(samples: readonly Sample[]): Growth {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const third = Math.max(1, Math.floor(settled.length / 3));
  const connections = (some: readonly Sample[]): number => median(some.map((one) => one.connections));
  return {
    heapBytesPerThousand: 1000 * slope(settled, ({ heapBytes }) => heapBytes),
    rssBytesPerThousand: 1000 * slope(settled, ({ rssBytes }) => rssBytes),
    connections: connections(settled.slice(-third)) - connections(settled.slice(0, third)),
  };
}

/** What of it is too much, in words. */
export function excessOf(growth: Growth): string[] {
  return (Object.keys(LIMITS) as (keyof Growth)[])
    .filter((what) => growth[what] > LIMITS[what])
    .map((what) => `${what} ${Math.round(growth[what])}, at most ${LIMITS[what]}`);
}

/** The median of the slopes of all pairs (Theil and Sen): single samples that lie far off do not move it. */
function slope(samples: readonly Sample[], valueOf: (sample: Sample) => number): number {
  const slopes = samples.flatMap((from, index) =>
    samples
      .slice(index + 1)
      .filter((to) => to.requests > from.requests)
      .map((to) => (valueOf(to) - valueOf(from)) / (to.requests - from.requests)),
  );
  return slopes.length === 0 ? 0 : median(slopes);
}
