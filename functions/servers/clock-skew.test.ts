import fc from 'fast-check';
import {
  correctPastTime,
  correctTime,
  measureSkewMilliseconds,
  skewToUse,
  withMeasurement,
} from './clock-skew';

const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });

describe('the skew of a clock', () => {
  it('CCL-5: brings a time of a server to what it really was, however far the clock is off', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -86_400_000, max: 86_400_000 }), (now, offMilliseconds) => {
        const shown = new Date(now.getTime() + offMilliseconds).toISOString();
        const corrected = correctTime(shown, measureSkewMilliseconds(shown, now));
        expect(Math.abs(corrected.getTime() - now.getTime())).toBeLessThan(2_000);
      }),
    );
  });

  it('is nothing while it may as well be the way through the network', () => {
    const now = new Date('2030-01-15T12:00:00.000Z');
    expect(measureSkewMilliseconds('2030-01-15T11:59:58.500Z', now)).toBe(0);
    expect(measureSkewMilliseconds('2030-01-15T11:59:58.000Z', now)).toBe(2_000);
  });

  it('takes times with any offset', () => {
    const now = new Date('2030-01-15T12:00:00.000Z');
    expect(measureSkewMilliseconds('2030-01-15T12:00:00+01:00', now)).toBe(3_600_000);
    expect(correctTime('2030-01-15T13:00:00+01:00', 5_000).toISOString()).toBe('2030-01-15T12:00:05.000Z');
  });

  it('leads to times that RFC 3339 can write, whatever the clock shows', () => {
    const written = fc
      .tuple(
        fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') }),
        fc.constantFrom('Z', '-23:59', '+23:59'),
      )
      .map(([date, offset]) => date.toISOString().replace('Z', offset));
    fc.assert(
      fc.property(written, written, instant, (shown, clientTime, now) => {
        const corrected = correctTime(shown, measureSkewMilliseconds(clientTime, now)).toISOString();
        expect(corrected).toMatch(/^\d{4}-/);
        expect(corrected >= '1970').toBe(true);
      }),
    );
    expect(correctTime('9999-12-31T23:59:59-01:00', 0).toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });

  it('CCL-5: never makes what has happened later than its report', () => {
    const receivedAt = new Date('2030-01-15T12:00:00.000Z');
    const past = (time: string) => correctPastTime(time, 5_000, receivedAt).toISOString();
    expect(past('2099-01-01T00:00:00Z')).toBe('2030-01-15T12:00:00.000Z');
    expect(past('2030-01-15T11:59:58Z')).toBe('2030-01-15T12:00:00.000Z');
    expect(past('2030-01-15T11:00:00Z')).toBe('2030-01-15T11:00:05.000Z');
  });
});

describe('CCL-5: the correction of a clock that is measured again and again', () => {
  const HOUR = 3_600_000;
  const ABSURD = -250_000_000_000_000;
  const uses = (...measured: number[]) => {
    let counting: number[] = [];
    return measured.map((skew) => {
      counting = withMeasurement(counting, skew);
      return skewToUse(counting);
    });
  };

  it('is not spoilt by a single absurd measurement, whenever it comes', () => {
    expect(uses(HOUR, HOUR, ABSURD, HOUR, HOUR)).toEqual([HOUR, HOUR, HOUR, HOUR, HOUR]);
    expect(uses(0, ABSURD, 0, 0)).toEqual([0, 0, 0, 0]);
    expect(uses(ABSURD, 0, 0)).toEqual([ABSURD, 0, 0]);
    expect(uses(HOUR, HOUR, -ABSURD, ABSURD, HOUR)).toEqual([HOUR, HOUR, HOUR, HOUR, HOUR]);
  });

  it('follows a clock that has changed at the second measurement', () => {
    expect(uses(0, 0, HOUR, HOUR)).toEqual([0, 0, 0, HOUR]);
    expect(uses(0, HOUR, HOUR)).toEqual([0, 0, HOUR]);
    expect(uses(HOUR, HOUR, HOUR, 0, 0)).toEqual([HOUR, HOUR, HOUR, HOUR, 0]);
  });

  it('is nothing before the first one', () => {
    expect(skewToUse([])).toBe(0);
  });
});
