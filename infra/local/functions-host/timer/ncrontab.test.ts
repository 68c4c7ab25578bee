import fc from 'fast-check';
import { Ncrontab } from './ncrontab';

jest.setTimeout(30_000);

const next = (expression: string, after: string) =>
  Ncrontab.parse(expression).next(new Date(after))?.toISOString();

/** A field's text with the numbers that it means. */
function field(min: number, max: number): fc.Arbitrary<{ text: string; values: number[] }> {
  const range = (low: number, high: number, step = 1) =>
    Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
  const number = fc.integer({ min, max });
  return fc.oneof(
    fc.constant({ text: '*', values: range(min, max) }),
    number.map((value) => ({ text: `${value}`, values: [value] })),
    fc.tuple(number, number).map(([a, b]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${low}-${high}`, values: range(low, high) };
    }),
    fc.integer({ min: 1, max: 20 }).map((step) => ({ text: `*/${step}`, values: range(min, max, step) })),
    fc
      .uniqueArray(number, { minLength: 1, maxLength: 3 })
      .map((values) => ({ text: values.join(','), values })),
  );
}

describe('NCRONTAB schedules', () => {
  it.each([
    ['0 */5 * * * *', '2024-01-01T00:00:00Z', '2024-01-01T00:05:00.000Z'],
    ['*/10 * * * * *', '2024-01-01T00:00:09.999Z', '2024-01-01T00:00:10.000Z'],
    ['0 30 4 * * *', '2024-01-01T04:30:00Z', '2024-01-02T04:30:00.000Z'],
    ['0 0 0 29 2 *', '2024-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 9-17/4 * * Mon-Fri', '2024-01-05T17:30:00Z', '2024-01-08T09:00:00.000Z'],
    ['0 0 0 1 January *', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00.000Z'],
    ['0 0 12 13 * 5', '2024-01-01T00:00:00Z', '2024-09-13T12:00:00.000Z'],
    ['*/15 * * * *', '2024-01-01T00:01:00Z', '2024-01-01T00:15:00.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('never occur on a day that does not exist', () => {
    expect(next('0 0 0 30 2 *', '2024-01-01T00:00:00Z')).toBeUndefined();
  });

  it.each([
    '',
    '* * * *',
    '60 * * * * *',
    '* * * * * 7',
    '* * * 0 * *',
    '* * * * 13 *',
    '5-2 * * * * *',
    '*/0 * * * * *',
    'a * * * * *',
    '*-5 * * * * *',
  ])('refuse %j', (expression) => {
    expect(() => Ncrontab.parse(expression)).toThrow('is no NCRONTAB expression');
  });

  it('find the first second that fits all fields, and none before it', () => {
    const fields = fc.tuple(field(0, 59), field(0, 59), field(0, 23));
    const instant = fc.date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2035-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fields, instant, ([second, minute, hour], after) => {
        const found = Ncrontab.parse(`${second.text} ${minute.text} ${hour.text} * * *`).next(after);
        const fits = (time: Date) =>
          second.values.includes(time.getUTCSeconds()) &&
          minute.values.includes(time.getUTCMinutes()) &&
          hour.values.includes(time.getUTCHours());
        expect(found && fits(found)).toBe(true);
        let time = Math.floor(after.getTime() / 1000) * 1000 + 1000;
        while (!fits(new Date(time))) time += 1000;
        expect(found?.getTime()).toBe(time);
      }),
      { numRuns: 25 },
    );
  });
});
