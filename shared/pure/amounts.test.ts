import fc from 'fast-check';
import { addAmounts, amount, toWholeAmount, wholeAmount } from './amounts';

const numbers = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });

it('CCL-2: every number that is not negative is taken as an amount that is exact, the absurd ones bounded', () => {
  for (const value of [0, 7, 2 ** 53 - 1])
    expect([amount.parse(value), wholeAmount.parse(value)]).toEqual([value, value]);
  expect([amount.parse(2 ** 60), wholeAmount.parse(2 ** 60)]).toEqual([2 ** 53 - 1, 2 ** 53 - 1]);
  expect([amount.parse(1.5), wholeAmount.parse(1.5)]).toEqual([1.5, 2]);
  for (const value of [-1, Number.NaN, '1', Infinity])
    expect([amount.safeParse(value).success, wholeAmount.safeParse(value).success]).toEqual([false, false]);
  fc.assert(
    fc.property(numbers, (value) => {
      expect(Number.isSafeInteger(wholeAmount.parse(value))).toBe(true);
    }),
  );
});

it('SRV-1: a sum of amounts is an amount', () => {
  fc.assert(
    fc.property(numbers.map(toWholeAmount), numbers.map(toWholeAmount), (one, other) => {
      expect(Number.isSafeInteger(addAmounts(one, other))).toBe(true);
    }),
  );
  expect(addAmounts(2 ** 52, 2 ** 52 - 1)).toBe(2 ** 53 - 1);
});
