import fc from 'fast-check';
import { median, quantile, summarise } from './statistics';

const numbers = fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), { minLength: 1 });

describe('quantiles', () => {
  it('are the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  it('begin at the smallest value, end at the largest and never fall, in whatever order the values are', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        expect(quantile(values, 0)).toBe(Math.min(...values));
        expect(quantile(values, 1)).toBe(Math.max(...values));
        expect(quantile(values, share)).toBe(quantile([...values].reverse(), share));
        expect(quantile(values, share)).toBeLessThanOrEqual(quantile(values, Math.min(1, share + 0.1)));
      }),
    );
  });

  it('need values', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a summary', () => {
  it('has no spread when all runs are alike, and one outlier does not move it', () => {
    expect(summarise([7, 7, 7])).toEqual({ median: 7, spread: 0 });
    expect(summarise([7, 7, 7, 7, 700])).toEqual({ median: 7, spread: 0 });
  });

  it('reports the spread as a share of the median', () => {
    expect(summarise([80, 90, 100, 110, 120])).toEqual({ median: 100, spread: 0.1 });
  });
});
