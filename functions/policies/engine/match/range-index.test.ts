import fc from 'fast-check';
import { RangeIndex } from './range-index';

const key = fc.integer({ min: 0, max: 30 }).map((number) => `4${String(number).padStart(2, '0')}`);

it('finds exactly the ranges that contain an address, with any overlaps', () => {
  const range = fc.tuple(key, key).map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), key, (ranges, address) => {
      const index = new RangeIndex(ranges.map((one, value) => ({ ...one, value })));
      const found: number[] = [];
      index.find(address, (value) => found.push(value));
      const expected = [...ranges.keys()].filter((position) => {
        const one = ranges[position];
        return one && one.first <= address && address <= one.last;
      });
      expect(found.toSorted((a, b) => a - b)).toEqual(expected);
    }),
  );
});
