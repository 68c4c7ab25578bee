import fc from 'fast-check';
import { StepBudget } from './step-budget';
import { SubstringFinder } from './substring-finder';

const text = fc
  .array(fc.constantFrom('a', 'b', 'abc', '-', '0', 'é', '表'), { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''));
/** Few are searched for one by one, many with a prefilter. */
const substrings = fc.uniqueArray(text, { minLength: 1, maxLength: 200, size: 'max' });

describe('the substring finder', () => {
  it('finds exactly the texts that another text contains', () => {
    fc.assert(
      fc.property(substrings, text, (given, whole) => {
        const found = new Set<number>();
        new SubstringFinder(given, new StepBudget(Infinity)).find(whole, (position) => found.add(position));
        const expected = given.flatMap((one, position) => (whole.includes(one) ? [position] : []));
        expect([...found].toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('reduces its texts to those that contain no other', () => {
    fc.assert(
      fc.property(substrings, (given) => {
        const minimal = given.filter((one) => !given.some((other) => other !== one && one.includes(other)));
        expect(new SubstringFinder(given, new StepBudget(Infinity)).minimal()).toEqual(minimal);
      }),
    );
  });
});
