import fc from 'fast-check';
import { type IdlePeriod, IdlePeriodCollector, MAX_IDLE_PERIODS } from './idle-periods';

const START = '2030-01-15T12:00:00.000Z';
const DURATION = 3_600;

interface IdleEvent {
  /** Seconds from the start of the recording. */
  at: number;
  idleSeconds?: number | undefined;
}

function collect(events: IdleEvent[], thresholdSeconds = 30, durationSeconds: number | undefined = DURATION) {
  const collector = new IdlePeriodCollector(START, durationSeconds, thresholdSeconds);
  for (const { at, idleSeconds } of events) {
    const time = new Date(Date.parse(START) + at * 1000).toISOString();
    collector.add({ type: 'idle', time, data: { idleSeconds } });
  }
  return collector.result();
}

const spans = (periods: IdlePeriod[]) =>
  periods.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);

it.each<[string, IdleEvent[], number[][]]>([
  ['an event at the end of a period', [{ at: 100, idleSeconds: 60 }], [[40, 100]]],
  ['an event without a duration', [{ at: 100 }], [[70, 100]]],
  [
    'several events of one period',
    [
      { at: 60, idleSeconds: 30 },
      { at: 90, idleSeconds: 60 },
    ],
    [[30, 90]],
  ],
  [
    'periods that touch',
    [
      { at: 60, idleSeconds: 30 },
      { at: 90, idleSeconds: 30 },
    ],
    [[30, 90]],
  ],
  [
    'periods apart',
    [
      { at: 200, idleSeconds: 40 },
      { at: 90, idleSeconds: 30 },
    ],
    [
      [60, 90],
      [160, 200],
    ],
  ],
  ['a period below the threshold', [{ at: 60, idleSeconds: 29.9 }], []],
  ['a period that began before the recording', [{ at: 40, idleSeconds: 500 }], [[0, 40]]],
  ['a period that goes on behind the recording', [{ at: 3_700, idleSeconds: 200 }], [[3_500, 3_600]]],
])('RCD-5: %s', (_name, events, expected) => {
  expect(spans(collect(events).periods)).toEqual(expected);
});

it('RCD-5: other events say nothing about idle periods', () => {
  const collector = new IdlePeriodCollector(START, DURATION, 30);
  collector.add({ type: 'appStart', time: START, data: { idleSeconds: 100 } });
  expect(collector.result()).toEqual({ periods: [], idleSeconds: 0, omitted: 0 });
});

it('RCD-5: idle periods are in order, apart, within the recording, and no second of an event is lost or added', () => {
  const event = fc.record({
    at: fc.integer({ min: 0, max: 4_000 }),
    idleSeconds: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (events, threshold) => {
      const { periods, idleSeconds, omitted } = collect(events, threshold);
      const idle = new Set<number>();
      for (const { at, idleSeconds: seconds } of events)
        for (let second = Math.max(0, at - seconds); second < Math.min(at, DURATION); second++)
          idle.add(second);
      // Runs of idle seconds that reach the threshold, found second by second.
      const expected: number[][] = [];
      for (let second = 0, since: number | undefined; second <= DURATION; second++) {
        if (idle.has(second)) since ??= second;
        else {
          if (since !== undefined && second - since >= threshold) expected.push([since, second]);
          since = undefined;
        }
      }
      expect(spans(periods)).toEqual(expected);
      expect(idleSeconds).toBe(expected.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0));
      expect(omitted).toBe(0);
    }),
  );
});

it('RCD-5: of very many periods the longest are shown, and the others are counted', () => {
  const events = Array.from({ length: MAX_IDLE_PERIODS + 5 }, (_, index) => ({
    at: (index + 1) * 100,
    idleSeconds: index < 5 ? 40 : 50,
  }));
  const { periods, idleSeconds, omitted } = collect(events, 30, 1_000_000);
  expect(periods).toHaveLength(MAX_IDLE_PERIODS);
  expect(periods.every((period) => period.endSeconds - period.startSeconds === 50)).toBe(true);
  expect(omitted).toBe(5);
  expect(idleSeconds).toBe(MAX_IDLE_PERIODS * 50 + 5 * 40);
});
