/** What every storage forecast keeps to: refusal with a reason, growth, weekly pattern, nothing below zero. */
import { forecast } from './forecast';

/** A level with growth and quiet weekends, the same every week. */
const weekly = (days: number) =>
  Array.from({ length: days }, (_, day) => 1000 + 10 * day + (day % 7 >= 5 ? -60 : 20));

function valuesOf(history: readonly number[], horizon = 7): number[] {
  const result = forecast(history, horizon);
  if (!result.available) throw new Error(result.reason);
  return result.days.map(({ value }) => value);
}

describe('storage forecast', () => {
  it('DSH-3: a history that is too short or has gaps is refused with the reason', () => {
    expect(forecast(weekly(27), 7)).toEqual({ available: false, reason: 'historyTooShort' });
    expect(forecast([...weekly(28), NaN], 7)).toEqual({ available: false, reason: 'valuesMissing' });
  });

  it('DSH-3: growth and the weekly pattern go on', () => {
    const expected = weekly(42).slice(35);
    valuesOf(weekly(35)).forEach((value, day) => {
      expect(Math.abs(value - (expected[day] ?? 0))).toBeLessThan(40);
    });
  });

  it('DSH-3: no value and no end of an interval is below zero', () => {
    const falling = Array.from({ length: 30 }, (_, day) => Math.max(0, 290 - 10 * day));
    const result = forecast(falling, 7);
    expect(result.available && result.days.every(({ value, lower }) => value >= 0 && lower >= 0)).toBe(true);
  });
});
