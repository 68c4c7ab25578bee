import fc from 'fast-check';
import type { RecordedSpan } from './recorded-span';
import { ScreenTime } from './screen-time';
import { eventAt } from '../testing/events';

const START = Date.UTC(2030, 0, 15, 12);
const span: RecordedSpan = { start: START, end: START + 600_000 };

const focused = (seconds: number, appName: string | undefined) =>
  eventAt(START + seconds * 1000, 'topMost', { appName });

function screenTime(events: readonly ReturnType<typeof focused>[], within = span) {
  const time = new ScreenTime();
  for (const event of events) time.add(event);
  return time.result(within);
}

const seconds = (times: readonly number[]) => times.map((time) => (time - START) / 1000);

it('RCD-6: a window is in focus until the next one is, the last one until the end', () => {
  const { applications, unknownMilliseconds } = screenTime([
    focused(10, 'excel.exe'),
    focused(100, 'C:\\Windows\\notepad.exe'),
    focused(130, 'Excel.exe'),
  ]);
  expect(applications.map(({ appName, starts, ends }) => [appName, seconds(starts), seconds(ends)])).toEqual([
    ['Excel.exe', [10, 130], [100, 600]],
    ['notepad.exe', [100], [130]],
  ]);
  expect(unknownMilliseconds).toBe(10_000);
});

it('RCD-6: two windows of one application one after the other are one interval', () => {
  const [application] = screenTime([focused(0, 'excel.exe'), focused(5, 'excel.exe')]).applications;
  expect([application?.starts.length, application?.totalMilliseconds]).toEqual([1, 600_000]);
});

it('RCD-6: a window that was in focus before the recording counts from its start', () => {
  const { applications, unknownMilliseconds } = screenTime([
    focused(-60, 'excel.exe'),
    focused(9, 'cmd.exe'),
  ]);
  expect(applications.map(({ totalMilliseconds }) => totalMilliseconds)).toEqual([591_000, 9_000]);
  expect(unknownMilliseconds).toBe(0);
});

it('RCD-6: windows without the name of an application count as one', () => {
  expect(screenTime([focused(0, undefined), focused(9, '')]).applications).toMatchObject([
    { appName: undefined, totalMilliseconds: 600_000 },
  ]);
});

const anyEvents = fc.array(
  fc
    .tuple(
      fc.integer({ min: -700_000, max: 700_000 }),
      fc.constantFrom('a.exe', 'A.exe', 'b.exe', '', 'c.exe'),
    )
    .map(([offset, appName]) => focused(offset / 1000, appName)),
  { maxLength: 60 },
);

it('RCD-6: intervals never overlap, never leave the recording, and add up to it', () => {
  fc.assert(
    fc.property(anyEvents, fc.integer({ min: 0, max: 600_000 }), (events, length) => {
      const within = { start: START, end: START + length };
      const { applications, unknownMilliseconds } = screenTime(events, within);
      const all = applications
        .flatMap(({ starts, ends }) => starts.map((start, index) => [start, ends[index] ?? NaN] as const))
        .sort(([a], [b]) => a - b);
      let before = within.start + unknownMilliseconds;
      for (const [start, end] of all) {
        expect(start).toBe(before);
        expect(end).toBeGreaterThan(start);
        before = end;
      }
      expect(before).toBe(within.end);
      const total = applications.reduce((sum, { totalMilliseconds }) => sum + totalMilliseconds, 0);
      expect(total + unknownMilliseconds).toBe(length);
    }),
  );
});

it('RCD-6: the order in which events arrive does not change screen time', () => {
  fc.assert(
    fc.property(
      anyEvents.chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
        ),
      ),
      ([events, shuffled]) => {
        expect(screenTime(shuffled)).toEqual(screenTime(events));
      },
    ),
  );
});
