/** Which steps of a history are level shifts: those that last, and nothing of ordinary days. */
import fc from 'fast-check';
import { removeLevelShifts } from './level-shifts';

const DAYS = 40;
/** Growth of 1 % of the first value a day, with noise of the same size. */
const history = fc
  .array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: DAYS, maxLength: DAYS })
  .map((noise) => noise.map((value, day) => 1_000 + 10 * day + value));

it('DSH-3: a history without level shifts is left as it is', () => {
  fc.assert(fc.property(history, (values) => expect(removeLevelShifts(values)).toEqual(values)));
});

it('DSH-3: a run that removes a part of the storage for good is taken for no growth: earlier days move to the new level', () => {
  const shift = fc.record({
    share: fc.double({ min: 0.2, max: 0.6, noNaN: true }),
    day: fc.integer({ min: 10, max: DAYS - 4 }),
  });
  fc.assert(
    fc.property(history, shift, (values, { share, day }) => {
      const removed = share * (values[day] ?? 0);
      const shifted = values.map((value, index) => (index < day ? value : value - removed));
      const steps = removeLevelShifts(shifted).map((value, index, all) => value - (all[index - 1] ?? value));
      // Without the run no step is larger than the growth and twice the noise, here with what the estimate of the step adds.
      expect(Math.max(...steps.map(Math.abs))).toBeLessThan(45);
    }),
  );
});

it('DSH-3: a single day that differs is no level shift', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 8, max: DAYS - 9 }), (values, day) => {
      const spiked = values.map((value, index) => (index === day ? value * 1.5 : value));
      const adjusted = removeLevelShifts(spiked);
      expect(Math.abs((adjusted[0] ?? 0) - (values[0] ?? 0))).toBeLessThan(45);
    }),
  );
});
