/** How far a server's clock is off, and times corrected by that (CCL-5). */
import { withinCalendar } from '../../shared/clock';

/** Below this, the difference may as well be the way of the request through the network. */
const TOLERANCE_MILLISECONDS = 2_000;

/**
 * What is to be added to a server's times, in milliseconds: 0 while its clock is right within the tolerance.
 * @param clientTime the server's clock when it sent the request, RFC 3339
 */
export function measureSkewMilliseconds(clientTime: string, receivedAt: Date): number {
  const difference = receivedAt.getTime() - Date.parse(clientTime);
  return Math.abs(difference) < TOLERANCE_MILLISECONDS ? 0 : difference;
}

/** A time of the server's clock (RFC 3339) as it really was, as far as RFC 3339 can say. */
export function correctTime(time: string, skewMilliseconds: number): Date {
  return withinCalendar(new Date(Date.parse(time) + skewMilliseconds));
}
