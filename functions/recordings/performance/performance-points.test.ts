import fc from 'fast-check';
import { intervalFor, MAX_POINTS, type MeasuredValues, performancePoints } from './performance-points';

type Sample = MeasuredValues & { positionSeconds: number };

async function* stream(samples: Sample[]) {
  yield* samples.toSorted((a, b) => a.positionSeconds - b.positionSeconds);
}

it('RCD-7: samples become averages per 5 seconds; what was not measured is left out', async () => {
  const samples = [
    { positionSeconds: 0, cpuPercent: 10, networkSendBytes: 100 },
    { positionSeconds: 4.9, cpuPercent: 20, networkSendBytes: 400, roundTripMilliseconds: 30 },
    { positionSeconds: 16, memoryPercent: 50 },
  ];
  expect(await performancePoints(stream(samples), 5)).toEqual([
    { positionSeconds: 0, cpuPercent: 15, networkSendBytesPerSecond: 100, roundTripMilliseconds: 30 },
    { positionSeconds: 15, memoryPercent: 50 },
  ]);
});

it('RCD-7: recordings of any length have at most 2,000 points; up to 2 hours and 46 minutes of 5 seconds each', () => {
  expect(MAX_POINTS).toBe(2_000);
  expect([0, 3_600, 9_960].map(intervalFor)).toEqual([5, 5, 5]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 31 * 86_400 }), (durationSeconds) => {
      const interval = intervalFor(durationSeconds);
      expect(interval % 5).toBe(0);
      expect(Math.floor(durationSeconds / interval) + 1).toBeLessThanOrEqual(2_000);
    }),
  );
});

it('RCD-7: reducing keeps the bytes that flowed, and the averages within what was measured', async () => {
  const sample = fc.record({
    positionSeconds: fc.integer({ min: 0, max: 100_000 }),
    cpuPercent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    networkReceiveBytes: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      async (samples, times) => {
        const interval = 5 * times;
        const points = await performancePoints(stream(samples), interval);
        const received = samples.reduce((sum, { networkReceiveBytes = 0 }) => sum + networkReceiveBytes, 0);
        const shown = points.reduce(
          (sum, point) => sum + (point.networkReceiveBytesPerSecond ?? 0) * interval,
          0,
        );
        expect(shown).toBeCloseTo(received, 3);
        for (const { positionSeconds, cpuPercent } of points) {
          const within = samples
            .filter((given) => Math.floor(given.positionSeconds / interval) * interval === positionSeconds)
            .flatMap((given) => given.cpuPercent ?? []);
          expect(cpuPercent === undefined).toBe(within.length === 0);
          if (cpuPercent === undefined) continue;
          expect(cpuPercent).toBeGreaterThanOrEqual(Math.min(...within) - 1e-9);
          expect(cpuPercent).toBeLessThanOrEqual(Math.max(...within) + 1e-9);
        }
      },
    ),
  );
});
