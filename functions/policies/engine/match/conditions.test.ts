/** Limits of number conditions, which policies have in decimal units, against exact arithmetic. */
import fc from 'fast-check';
import { dimensionOf, eventType, type EventTypeId, type NumberDimension } from '../model/event-types';
import type { Condition } from '../model/trigger';
import { PatternCache } from '../text/pattern-cache';
import { compileConditions } from './conditions';
import { NormalizedEvent } from './normalized-event';

const holds = (type: EventTypeId, field: string, condition: object, value: number) =>
  compileConditions(type, [condition as Condition], new PatternCache()).every((test) =>
    test.holds(new NormalizedEvent({ [field]: value })),
  );
const idle = (condition: object, seconds: number) =>
  holds('idle', 'idleSeconds', { dimension: 'idleDuration', ...condition }, seconds);
const size = (condition: object, bytes: number) =>
  holds('fileCreate', 'fileSizeBytes', { dimension: 'fileSize', ...condition }, bytes);

describe('RSP-1: a decimal limit is compared exactly:', () => {
  it.each([
    [4.35, 15_660],
    [0.1, 360],
    [1.1, 3_960],
    [2.3, 8_280],
    [0.01, 36],
    [1e-7, 0.00036],
    [8.7, 31_320],
  ])('%d hours are %d seconds', (hours, seconds) => {
    const above = { operator: 'greaterThan', values: [hours] };
    expect([idle(above, seconds), idle(above, seconds + 1)]).toEqual([false, true]);
  });

  it.each([
    [0.1, 104_857, 104_858],
    [2.5, 2_621_440, 2_621_441],
    [1.001, 1_049_624, 1_049_625],
    [1e21, 1.048576e27, 1.048577e27],
  ])('%d MB are between %d and %d bytes', (megabytes, atMost, more) => {
    const limit = { values: [megabytes] };
    expect(size({ operator: 'greaterThan', ...limit }, atMost)).toBe(false);
    expect(size({ operator: 'greaterThan', ...limit }, more)).toBe(true);
    expect(size({ operator: 'smallerThan', ...limit }, more)).toBe(false);
  });

  it('Between includes its exact limits, and nothing beyond them', () => {
    const between = { operator: 'between', from: 0.0000152587890625, to: 1.8000001907348633 };
    expect([15, 16, 1_887_437, 1_887_438].map((bytes) => size(between, bytes))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  /** Value and limit as whole numbers of a millionth. */
  const MILLION = 1_000_000n;
  const decimal = (millionths: bigint) => Number(`${millionths}e-6`);
  const numbers: [EventTypeId, string][] = [
    ['idle', 'idleDuration'],
    ['fileTransfer', 'fileSize'],
    ['performanceData', 'cpuUsage'],
    ['performanceData', 'rtt'],
  ];

  it.each(numbers)('any limit of up to six decimals of %s, %s', (type, id) => {
    const dimension = dimensionOf(eventType(type), id) as NumberDimension;
    const units = BigInt(dimension.unitsPerLimit);
    const limits = fc.bigInt({ min: 0n, max: 100n * MILLION });
    fc.assert(
      fc.property(limits, fc.bigInt({ min: -3n, max: 3n }), (limit, distance) => {
        const value = (limit * units) / MILLION + distance;
        fc.pre(value >= 0n);
        const condition = { dimension: id, operator: 'greaterThan', values: [decimal(limit)] };
        const isAbove = value * MILLION > limit * units;
        expect([limit, holds(type, dimension.field, condition, Number(value))]).toEqual([limit, isAbove]);
      }),
      { numRuns: 2_000 },
    );
  });
});
