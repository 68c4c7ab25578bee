/** The figures of the noisy-neighbor suite. */
import { excessOf, latenciesOf } from './latencies';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it('takes quantiles by nearest rank, whatever the order', () => {
  expect(latenciesOf(upTo(200).reverse())).toEqual({ count: 200, medianMs: 100, p99Ms: 198, maxMs: 200 });
  expect(latenciesOf([7])).toEqual({ count: 1, medianMs: 7, p99Ms: 7, maxMs: 7 });
  expect(() => latenciesOf([])).toThrow(RangeError);
});

it('finds what is worse than expected, and nothing else', () => {
  const expected = { timesUndisturbed: 3, longestMs: 500 };
  const undisturbed = latenciesOf(upTo(100));
  expect(excessOf('reads', undisturbed, latenciesOf(upTo(100).map((ms) => ms * 3)), expected)).toEqual([]);
  expect(excessOf('reads', undisturbed, latenciesOf(upTo(100).map((ms) => ms * 4)), expected)).toEqual([
    expect.stringMatching(/^reads: p99 is 4\.0 times/),
  ]);
  expect(excessOf('reads', undisturbed, latenciesOf([...upTo(290), 501]), expected)).toEqual([
    expect.stringMatching(/^reads: one took 501 ms/),
  ]);
});
