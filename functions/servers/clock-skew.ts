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

/** A time of the server's clock (RFC 3339), corrected and limited to the range of RFC 3339. */
export function correctTime(time: string, skewMilliseconds: number): Date {
  return withinCalendar(new Date(Date.parse(time) + skewMilliseconds));
}

/** The same for what has happened when the server reports it: never later than the report. */
export function correctPastTime(time: string, skewMilliseconds: number, receivedAt: Date): Date {
  const corrected = correctTime(time, skewMilliseconds);
  return corrected > receivedAt ? receivedAt : corrected;
}
