import fc from 'fast-check';
import {
  bucketStarts,
  FileTransfers,
  TRANSFER_INTERVALS,
  type TransferInterval,
  transferredBytes,
} from './file-transfers';
import { eventAt } from '../testing/events';

const START = Date.UTC(2030, 0, 15, 12);
const INTERVALS = Object.keys(TRANSFER_INTERVALS) as TransferInterval[];

const transfer = (milliseconds: number, fileSource: string | undefined, fileSizeBytes?: number) =>
  eventAt(milliseconds, 'fileTransfer', { fileSource, fileSizeBytes, fileName: 'a.txt' });

function transfersOf(events: ReturnType<typeof transfer>[]): FileTransfers {
  const transfers = new FileTransfers();
  for (const event of events) transfers.add(event);
  return transfers;
}

it('RCD-6: transfers are counted by direction in buckets on boundaries of the clock', () => {
  const transfers = transfersOf([
    transfer(START + 59_999, 'host', 10),
    transfer(START + 60_000, 'host', 5),
    transfer(START + 61_000, 'client', 7),
    transfer(START + 62_000, 'client'),
    transfer(START + 600_000, 'host', 1),
    transfer(START, undefined, 3),
  ]);
  expect(transfers.buckets('tenMinutes', 'UTC')).toEqual([
    { start: START, hostToClient: { files: 2, sizeBytes: 15 }, clientToHost: { files: 2, sizeBytes: 7 } },
    {
      start: START + 600_000,
      hostToClient: { files: 1, sizeBytes: 1 },
      clientToHost: { files: 0, sizeBytes: 0 },
    },
  ]);
  expect(transfers.buckets('minute', 'UTC', ['clientToHost']).map(({ start }) => start)).toEqual([
    START + 60_000,
  ]);
  expect(transfers.unknownDirection).toBe(1);
});

const local = (instant: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(instant);

it.each([
  ['Asia/Kolkata', '2030-01-15T12:10:00Z', '17:00'],
  ['Asia/Kathmandu', '2030-01-15T12:20:00Z', '18:00'],
  ['America/New_York', '2030-01-15T12:20:00Z', '07:00'],
])('RCD-6: an hour in %s begins on its own clock', (timeZone, instant, expected) => {
  expect(local(bucketStarts('hour', timeZone)(Date.parse(instant)), timeZone)).toBe(expected);
});

it('RCD-6: a bucket begins when the clock was set back by half an hour within it', () => {
  const startOf = bucketStarts('hour', 'Australia/Lord_Howe');
  const change = Date.parse('2030-04-06T15:00:00Z');
  expect(startOf(change - 60_000)).toBe(change - 60 * 60_000);
  expect(startOf(change + 60_000)).toBe(change);
});

const ZONES = Intl.supportedValuesOf('timeZone');

it('RCD-6: in every time zone buckets begin on a boundary of the clock, or when it was changed, and never overlap', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...INTERVALS),
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2026, 11) }),
      (timeZone, interval, begin) => {
        const length = TRANSFER_INTERVALS[interval];
        const startOf = bucketStarts(interval, timeZone);
        for (let instant = begin - (begin % 60_000); instant < begin + 3 * 3_600_000; instant += 420_000) {
          const start = startOf(instant);
          expect(start).toBeLessThanOrEqual(instant);
          expect(instant - start).toBeLessThan(length);
          expect(startOf(start)).toBe(start);
          // The rest of the hour, or of ten minutes, is in the same bucket.
          expect(startOf(start + Math.floor((instant - start) / 2))).toBe(start);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('RCD-6: the sums of the buckets are the transfers, whatever their order', () => {
  const anyTransfers = fc.array(
    fc
      .tuple(
        fc.integer({ min: START, max: START + 86_400_000 }),
        fc.constantFrom('host', 'client', undefined),
        fc.integer({ min: 0, max: 1_000_000 }),
      )
      .map(([time, source, size]) => transfer(time, source, size)),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(anyTransfers, fc.constantFrom(...INTERVALS), (events, interval) => {
      const buckets = transfersOf(events).buckets(interval, 'Asia/Kathmandu');
      const sum = (pick: (bucket: (typeof buckets)[number]) => number) =>
        buckets.reduce((total, bucket) => total + pick(bucket), 0);
      const from = (source: string) => events.filter(({ data }) => data['fileSource'] === source);
      const bytes = (some: typeof events) =>
        some.reduce((total, event) => total + transferredBytes(event), 0);
      expect(sum(({ hostToClient }) => hostToClient.files)).toBe(from('host').length);
      expect(sum(({ clientToHost }) => clientToHost.sizeBytes)).toBe(bytes(from('client')));
      expect(transfersOf([...events].reverse()).buckets(interval, 'Asia/Kathmandu')).toEqual(buckets);
    }),
  );
});
