/** For tests: a clock that stands still until it is moved. */
import type { Clock } from '../../shared/clock';

export class TestClock implements Clock {
  constructor(private instant = new Date('2030-01-15T12:00:00.000Z')) {}

  now(): Date {
    return new Date(this.instant);
  }

  advanceSeconds(seconds: number): void {
    this.instant = new Date(this.instant.getTime() + seconds * 1000);
  }
}
