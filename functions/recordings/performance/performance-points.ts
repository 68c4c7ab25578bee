/** Reduces performance samples to a bounded number of points, each an average over the same interval: pure. */

/** A sample is taken every second; points are averages over this time at least. */
const BASE_INTERVAL_SECONDS = 5;
/** Two points a pixel of a wide screen; longer recordings get longer intervals. */
export const MAX_POINTS = 2_000;

/** What was measured at one moment; what was not is left out. */
export interface MeasuredValues {
  cpuPercent?: number | undefined;
  memoryPercent?: number | undefined;
  networkSendBytes?: number | undefined;
  networkReceiveBytes?: number | undefined;
  roundTripMilliseconds?: number | undefined;
}

export interface PerformancePoint {
  /** Of the beginning of the interval, in seconds from the start of the recording. */
  positionSeconds: number;
  cpuPercent?: number;
  memoryPercent?: number;
  networkSendBytesPerSecond?: number;
  networkReceiveBytesPerSecond?: number;
  roundTripMilliseconds?: number;
}

/** Seconds that a point covers: a multiple of 5, so that there are at most `MAX_POINTS` of them. */
export function intervalFor(durationSeconds: number): number {
  // The sample at the very end begins an interval of its own.
  return (
    BASE_INTERVAL_SECONDS *
    Math.ceil((durationSeconds + 0.001) / (BASE_INTERVAL_SECONDS * (MAX_POINTS - 1)) || 1)
  );
}

const AVERAGED = ['cpuPercent', 'memoryPercent', 'roundTripMilliseconds'] as const;
const SUMMED = {
  networkSendBytes: 'networkSendBytesPerSecond',
  networkReceiveBytes: 'networkReceiveBytesPerSecond',
} as const;

type Name = keyof MeasuredValues;

interface Interval {
  index: number;
  sums: Partial<Record<Name, { sum: number; count: number }>>;
}

/**
 * The points of samples that come in order of time. CPU, memory and round trip are averages of the samples of an interval,
 * network is its bytes by its seconds: what flowed in total stays the same. Intervals without samples have no point.
 */
export async function performancePoints(
  samples: AsyncIterable<MeasuredValues & { positionSeconds: number }>,
  intervalSeconds: number,
): Promise<PerformancePoint[]> {
  const points: PerformancePoint[] = [];
  let current: Interval | undefined;
  for await (const sample of samples) {
    const index = Math.floor(sample.positionSeconds / intervalSeconds);
    if (current?.index !== index) {
      if (current) points.push(toPoint(current, intervalSeconds));
      current = { index, sums: {} };
    }
    addTo(current.sums, sample);
  }
  if (current) points.push(toPoint(current, intervalSeconds));
  return points;
}

function addTo(sums: Interval['sums'], sample: MeasuredValues): void {
  for (const name of [...AVERAGED, 'networkSendBytes', 'networkReceiveBytes'] as const) {
    const value = sample[name];
    if (value === undefined) continue;
    const { sum, count } = sums[name] ?? { sum: 0, count: 0 };
    sums[name] = { sum: sum + value, count: count + 1 };
  }
}

function toPoint({ index, sums }: Interval, intervalSeconds: number): PerformancePoint {
  const point: PerformancePoint = { positionSeconds: index * intervalSeconds };
  for (const name of AVERAGED) {
    const total = sums[name];
    if (total) point[name] = total.sum / total.count;
  }
  for (const name of ['networkSendBytes', 'networkReceiveBytes'] as const) {
    const total = sums[name];
    if (total) point[SUMMED[name]] = total.sum / intervalSeconds;
  }
  return point;
}
