import fc from 'fast-check';
import { SendingPace } from './sending-pace';

const WAITS_LONG = 60_000;

it('lets an idle account send at once', () => {
  expect(new SendingPace().reserve('account', 'site', 25, 1_000, WAITS_LONG)).toBe(0);
});

it('never lets an account send more in any second than it may', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (times, perSecond) => {
      const pace = new SendingPace();
      const sent = times
        .sort((a, b) => a - b)
        .map((nowMs) => nowMs + pace.reserve('account', 'site', perSecond, nowMs, Infinity));
      for (const start of sent) {
        expect(sent.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(
          perSecond + 1,
        );
      }
    }),
  );
});

it('holds sites that share an account to the lowest of their limits', () => {
  const pace = new SendingPace();
  pace.reserve('account', 'slow site', 1, 0, WAITS_LONG);
  expect(pace.reserve('account', 'fast site', 100, 0, WAITS_LONG)).toBe(1_000);
  expect(pace.reserve('account', 'fast site', 100, 0, WAITS_LONG)).toBe(2_000);
});

it('keeps accounts apart', () => {
  const pace = new SendingPace();
  pace.reserve('one', 'site', 1, 0, WAITS_LONG);
  expect(pace.reserve('other', 'site', 1, 0, WAITS_LONG)).toBe(0);
});

it('does not take a moment that the caller will not wait for', () => {
  const pace = new SendingPace();
  pace.reserve('account', 'site', 1, 0, 500);
  expect(pace.reserve('account', 'site', 1, 0, 500)).toBe(1_000);
  expect(pace.reserve('account', 'site', 1, 0, 500)).toBe(1_000);
});
