import fc from 'fast-check';
import { Effort } from './step-budget';
import { PartFinder } from './substring-finder';

const text = fc
  .array(fc.constantFrom('a', 'b', 'abc', '-', '0', 'é', '表'), { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''));
/** Few are looked for in another way than many. */
const parts = fc.uniqueArray(text, { minLength: 1, maxLength: 200, size: 'max' });

describe('the part finder', () => {
  it('finds exactly the parts that a text contains', () => {
    fc.assert(
      fc.property(parts, text, (given, whole) => {
        const found = new Set<number>();
        new PartFinder(given, new Effort(Infinity)).find(whole, (position) => found.add(position));
        const expected = given.flatMap((part, position) => (whole.includes(part) ? [position] : []));
        expect([...found].toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('keeps of its parts those that contain no other', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const least = given.filter((part) => !given.some((other) => other !== part && part.includes(other)));
        expect(new PartFinder(given, new Effort(Infinity)).least()).toEqual(least);
      }),
    );
  });
});
