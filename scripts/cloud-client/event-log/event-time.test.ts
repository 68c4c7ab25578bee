import fc from 'fast-check';
import { parseClock } from './clock-text';
import { MachineClocks } from './event-time';
import { type RecordTimes } from './log-record';

const at = (text: string): number => Date.parse(text);
const times = (utcTime: string | undefined, logged: string | undefined, stamped?: string): RecordTimes => ({
  utc: utcTime === undefined ? undefined : at(utcTime),
  logged: parseClock(logged),
  stamped: stamped === undefined ? undefined : at(stamped),
});

describe('a time stamp', () => {
  test.each([
    ['2024-03-04 10:15:02', '2024-03-04T10:15:02.000Z', 'local'],
    ['2024-03-04 10:15:02.25', '2024-03-04T10:15:02.250Z', 'local'],
    ['2024-03-04T10:15:02.2501234Z', '2024-03-04T10:15:02.250Z', 'labelled-utc'],
    ['2024-03-04T10:15:02.2501234+01:00', '2024-03-04T09:15:02.250Z', 'absolute'],
    ['2024-03-04T10:15:02-0530', '2024-03-04T15:45:02.000Z', 'absolute'],
    ['/Date(1709543702250)/', '2024-03-04T09:15:02.250Z', 'absolute'],
    ['/Date(1709543702250+0100)/', '2024-03-04T09:15:02.250Z', 'absolute'],
    ['2024/03/04 10:15:02', '2024-03-04T10:15:02.000Z', 'local'],
    ['2024-03-04 10:15:02.250123 UTC', '2024-03-04T10:15:02.250Z', 'labelled-utc'],
    ['2024-03-04 10:15:02 +0100', '2024-03-04T09:15:02.000Z', 'absolute'],
    ['2024-03-04 10:15:02.250 +00:00', '2024-03-04T10:15:02.250Z', 'absolute'],
    ['2024-3-4 9:15:02', '2024-03-04T09:15:02.000Z', 'local'],
    ['3/4/2024, 9:15:02.250 PM', '2024-03-04T21:15:02.250Z', 'local'],
    ['3/4/2024 12:15:02 AM', '2024-03-04T00:15:02.000Z', 'local'],
    ['04.03.2024 10:15:02', '2024-03-04T10:15:02.000Z', 'local'],
    ['24/03/2024 10:15:02', '2024-03-24T10:15:02.000Z', 'local'],
    ['20240304101502.250000+060', '2024-03-04T09:15:02.250Z', 'absolute'],
    ['1709543702', '2024-03-04T09:15:02.000Z', 'absolute'],
    [1709543702.25, '2024-03-04T09:15:02.250Z', 'absolute'],
    [1709543702250, '2024-03-04T09:15:02.250Z', 'absolute'],
  ])('CCL-9: %s is read', (text, time, zone) => {
    expect(parseClock(text)).toEqual({ milliseconds: at(time), zone });
  });

  test.each([
    '',
    'yesterday',
    '2024-02-30 10:00:00',
    '2024-03-04 25:00:00',
    // What a calendar or a clock does not have is not carried over into another month, hour, or year.
    '2024-13-01 10:00:00',
    '2024-00-10 10:00:00',
    '2024-03-04 10:60:00',
    '2024-03-04 10:00:61',
    '0024-03-04 10:00:00',
    '2024-03-04T10:00:00+99:00',
    '2024-03-04T10:00:00+01:99',
    '3/24/2024 13:15:02 AM',
    '3/24/2024 0:15:02 PM',
    '20240304101502.250000+999',
    // March or April: no guess.
    '03/04/2024 10:15:02',
    '/Date(99999999999999999)/',
    17,
    null,
    {},
  ])('%p is none', (value) => {
    expect(parseClock(value)).toBeUndefined();
  });

  test('never makes the reader throw', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parseClock(value)));
    fc.assert(fc.property(fc.string(), (value) => void parseClock(value)));
  });
});

describe('the time of an event', () => {
  const clocks = (...records: RecordTimes[]): MachineClocks => {
    const learned = new MachineClocks();
    records.forEach((record, index) => learned.learn('desk', record, index));
    return learned;
  };
  const resolve = (known: MachineClocks, record: RecordTimes, sequence = 0): string | undefined => {
    const time = known.resolve('desk', record, sequence);
    return time === undefined ? undefined : new Date(time).toISOString();
  };

  test('is UtcTime where there is one', () => {
    expect(resolve(clocks(), times('2024-03-04T09:15:02.250Z', '2024-03-04 10:15:03'))).toBe(
      '2024-03-04T09:15:02.250Z',
    );
  });

  test('CCL-7: is the local time at the offset that other records of the machine show', () => {
    const known = clocks(times('2024-03-04T09:15:02.900Z', '2024-03-04 10:15:02'));
    expect(resolve(known, times(undefined, '2024-03-04 11:20:00', '2024-03-04T10:20:07Z'))).toBe(
      '2024-03-04T10:20:00.000Z',
    );
  });

  test('is the timestamp of the record where the machine showed no offset', () => {
    expect(resolve(clocks(), times(undefined, '2024-03-04 11:20:00', '2024-03-04T10:20:07Z'))).toBe(
      '2024-03-04T10:20:07.000Z',
    );
  });

  test('does not take the offset of another machine', () => {
    const known = new MachineClocks();
    known.learn('other', times('2024-03-04T09:15:02Z', '2024-03-04 10:15:02'), 0);
    expect(resolve(known, times(undefined, '2024-03-04 11:20:00', '2024-03-04T10:20:07Z'))).toBe(
      '2024-03-04T10:20:07.000Z',
    );
  });

  test('is a reading with an offset of its own, whatever was learned', () => {
    const known = clocks(times('2024-03-04T09:15:02Z', '2024-03-04 10:15:02'));
    expect(resolve(known, times(undefined, '2024-03-04T11:20:00+02:00'))).toBe('2024-03-04T09:20:00.000Z');
  });

  test('is a reading labelled UTC as it stands, until the machine is known to label local time so', () => {
    const labelled = times(undefined, '2024-03-04T04:07:44.485Z');
    expect(resolve(clocks(), labelled)).toBe('2024-03-04T04:07:44.485Z');
    const known = clocks(times('2024-03-04T08:07:36.125Z', '2024-03-04T04:07:36.129Z'));
    expect(resolve(known, labelled)).toBe('2024-03-04T08:07:44.485Z');
  });

  test('survives an exporter that writes the hours of the afternoon as those of the morning', () => {
    const known = clocks(
      times('2024-03-05T01:07:15.633Z', '2024-03-04T09:07:15.635Z'),
      times('2024-03-05T05:10:00.000Z', '2024-03-05T01:10:00.001Z'),
    );
    expect(resolve(known, times(undefined, '2024-03-04T09:08:00.000Z'))).toBe('2024-03-05T01:08:00.000Z');
    expect(resolve(known, times(undefined, '2024-03-05T01:11:00.000Z'))).toBe('2024-03-05T05:11:00.000Z');
  });

  test('follows the change to summer time', () => {
    const known = clocks(
      times('2024-03-31T00:50:00Z', '2024-03-31 01:50:00'),
      times('2024-03-31T01:10:00Z', '2024-03-31 03:10:00'),
    );
    expect(resolve(known, times(undefined, '2024-03-31 01:51:00'), 1)).toBe('2024-03-31T00:51:00.000Z');
    expect(resolve(known, times(undefined, '2024-03-31 03:09:00'), 1)).toBe('2024-03-31T01:09:00.000Z');
  });

  test('distinguishes the two hours of the change to winter time by their neighbours', () => {
    const known = clocks(
      times('2024-10-27T00:30:00Z', '2024-10-27 02:30:00'),
      times('2024-10-27T00:40:00Z', '2024-10-27 02:40:00'),
      times('2024-10-27T01:30:00Z', '2024-10-27 02:30:00'),
      times('2024-10-27T01:40:00Z', '2024-10-27 02:40:00'),
    );
    expect(resolve(known, times(undefined, '2024-10-27 02:35:00'), 1)).toBe('2024-10-27T00:35:00.000Z');
    expect(resolve(known, times(undefined, '2024-10-27 02:35:00'), 3)).toBe('2024-10-27T01:35:00.000Z');
  });

  test('is not led astray by single records that are hours off', () => {
    const usual = Array.from({ length: 30 }, (_, minute) =>
      times(
        `2024-03-04T09:${String(minute).padStart(2, '0')}:00Z`,
        `2024-03-04 10:${String(minute).padStart(2, '0')}:00`,
      ),
    );
    const known = clocks(times('2024-03-04T05:00:20Z', '2024-03-04 10:05:00'), ...usual);
    expect(resolve(known, times(undefined, '2024-03-04 10:06:00'), 0)).toBe('2024-03-04T09:06:00.000Z');
  });

  describe('CCL-7: is not decided by one record that was logged late,', () => {
    const minutes = (zone: string, offsetHours: number): RecordTimes[] =>
      Array.from({ length: 60 }, (_, minute) => {
        const text = `${String(minute).padStart(2, '0')}:00`;
        return times(
          `2024-03-04T09:${text}Z`,
          `2024-03-04T${String(9 + offsetHours).padStart(2, '0')}:${text}${zone}`,
        );
      });
    const late = (zone: string, loggedAt: string): RecordTimes =>
      times('2024-03-04T11:46:30Z', `2024-03-04T${loggedAt}${zone}`);

    test('in the quarter of an hour that has no other', () => {
      const known = clocks(...minutes('Z', 0), late('Z', '12:01:30'));
      expect(resolve(known, times(undefined, '2024-03-04T12:02:00Z'))).toBe('2024-03-04T12:02:00.000Z');
    });

    test('by a whole hour', () => {
      const known = clocks(...minutes('Z', 0), late('Z', '12:46:30'));
      expect(resolve(known, times(undefined, '2024-03-04T12:47:00Z'))).toBe('2024-03-04T12:47:00.000Z');
    });

    test('when the clock is local', () => {
      const known = clocks(...minutes('', 1), late('', '13:01:30'));
      expect(resolve(known, times(undefined, '2024-03-04T13:02:00'))).toBe('2024-03-04T12:02:00.000Z');
    });

    test('when it is the only one and the reading says UTC', () => {
      const known = clocks(late('Z', '12:01:30'));
      expect(resolve(known, times(undefined, '2024-03-04T12:02:00Z'))).toBe('2024-03-04T12:02:00.000Z');
    });
  });

  test('is the local reading when the record has nothing else, and undefined when it has none', () => {
    expect(resolve(clocks(), times(undefined, '2024-03-04 11:20:00'))).toBe('2024-03-04T11:20:00.000Z');
    expect(resolve(clocks(), {})).toBeUndefined();
  });

  test('comes out right at every offset', () => {
    const offset = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 900_000);
    const minute = fc.integer({ min: 0, max: 500_000 });
    fc.assert(
      fc.property(offset, minute, minute, (offsetMs, learned, asked) => {
        const base = at('2024-01-01T00:00:00Z');
        const written = (ms: number): string =>
          new Date(ms + offsetMs).toISOString().slice(0, 19).replace('T', ' ');
        const [first, second] = [base + learned * 60_000, base + asked * 60_000];
        const known = clocks({ utc: first, logged: parseClock(written(first)) });
        expect(known.resolve('desk', { logged: parseClock(written(second)) }, 1)).toBe(second);
      }),
    );
  });
});
