/** Measures the skew of a server's clock and corrects times by it (CCL-5). */
import { withinCalendar } from '../../shared/clock';

/** A smaller difference may as well be network latency. */
const TOLERANCE_MILLISECONDS = 2_000;

/**
 * The correction to add to a server's times, in milliseconds: 0 while its clock is within the tolerance.
 * @param clientTime the server's clock when it sent the request, RFC 3339
 */
export function measureSkewMilliseconds(clientTime: string, receivedAt: Date): number {
  const difference = receivedAt.getTime() - Date.parse(clientTime);
  return Math.abs(difference) < TOLERANCE_MILLISECONDS ? 0 : difference;
}

/** How many measurements count. */
const MEASUREMENTS = 3;

/** The measurements that count after this one, the newest last. */
export function withMeasurement(earlier: readonly number[], skewMilliseconds: number): number[] {
  return [...earlier, skewMilliseconds].slice(-MEASUREMENTS);
}

/**
 * The correction to use: the middle one of three measurements, so that a single absurd one has no effect and a clock
 * that has really changed is followed at the second heartbeat. Of two the one that corrects less; 0 without any.
 */
export function skewToUse(measurements: readonly number[]): number {
  const sorted = [...measurements].sort((a, b) => a - b);
  if (sorted.length === 2) sorted.sort((a, b) => Math.abs(a) - Math.abs(b));
  return sorted[sorted.length === 3 ? 1 : 0] ?? 0;
}

/** A time of the server's clock (RFC 3339), corrected and limited to the range of RFC 3339. */
export function correctTime(time: string, skewMilliseconds: number): Date {
  return withinCalendar(new Date(Date.parse(time) + skewMilliseconds));
}

/** The same for what has happened when the server reports it: never later than the report. */
export function correctPastTime(time: string, skewMilliseconds: number, receivedAt: Date): Date {
  const corrected = correctTime(time, skewMilliseconds);
  return corrected > receivedAt ? receivedAt : corrected;
}
