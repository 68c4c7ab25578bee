import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type EventLogCounts, remarksOn, summarise } from './counts';
import { followEventLog } from './read-event-log';
import { type SessionBatch } from './session-batcher';
import { auditedStart, logoff, logon, processStart, registryEvent } from './testing/events';
import { EXPECTED } from './testing/expected-events';
import { readText, readValues } from './testing/read-lines';
import { asEvtx, asGetWinEvent5, asNxlog, asWinlogbeat6, asWinlogbeat8 } from './testing/write-records';

const sum = (counts: EventLogCounts): number =>
  summarise(counts).rows.reduce((total, row) => total + row.records, 0);

describe('the counts', () => {
  test('CCL-7: count every record once, with its outcome', async () => {
    const log = [
      processStart(),
      auditedStart('C:\\Program Files\\Example\\viewer.exe', '0x1fe8'),
      { ...registryEvent(12, 'INFO', 'HKLM\\A'), message: undefined },
      logoff('0x4c2a1', '10'),
    ].map(asNxlog());
    const text = [...log.map((record) => JSON.stringify(record)), 'not JSON', '{"some":"object"}'].join('\n');
    const { counts } = await readText(text);
    expect(summarise(counts)).toEqual({
      recordsRead: 6,
      rows: [
        { what: 'App Start', remark: '', records: 1, inSessions: 1 },
        { what: '(no event log record)', remark: 'not understood', records: 1 },
        { what: '(no JSON object)', remark: 'malformed', records: 1 },
        {
          what: 'Microsoft-Windows-Sysmon/Operational 12',
          remark: 'the forwarder lost which operation it was',
          records: 1,
        },
        { what: 'Security 4634', remark: 'describes a logon only', records: 1 },
        { what: 'Security 4688', remark: 'duplicate of App Start', records: 1 },
      ],
    });
  });

  test('report how many events have no session', async () => {
    const { counts } = await readValues([asNxlog()(auditedStart('C:\\a.exe', '0x10'))]);
    expect(summarise(counts).rows).toEqual([{ what: 'App Start', remark: '', records: 1, inSessions: 0 }]);
  });

  test('add up whatever is read', async () => {
    const writers = [asNxlog(), asWinlogbeat6, asWinlogbeat8, asGetWinEvent5, asEvtx];
    const events = [...EXPECTED.map(({ event }) => event), logon(), logoff('0x4c2a1', '2')];
    const written = fc
      .record({
        event: fc.constantFrom(...events),
        write: fc.constantFrom(...writers),
        recordNumber: fc.nat(20),
      })
      .map(({ event, write, recordNumber }) => write({ ...event, recordNumber }));
    const damaged = fc.tuple(written, fc.string(), fc.jsonValue()).map(([record, field, value]) => ({
      ...record,
      [field]: value,
      EventData: value,
      Properties: [value],
      winlog: value,
    }));
    const line = fc.oneof(
      written.map((record) => JSON.stringify(record)),
      damaged.map((record) => JSON.stringify(record)),
      fc.json(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
        const { counts, sessions } = await readText(lines.join('\n'));
        expect(sum(counts)).toBe(counts.recordsRead);
        const given = sessions.reduce((total, { events: some }) => total + some.length, 0);
        const counted = [...counts.detected.values()];
        expect(counted.reduce((total, { inSessions }) => total + inSessions, 0)).toBe(given);
        for (const count of counted) expect(count.inSessions + count.withoutSession).toBe(count.detected);
      }),
    );
  });
});

describe('the ids of events', () => {
  const log = [processStart({}, { recordNumber: 5 }), auditedStart('C:\\b.exe', '0x10', { recordNumber: 5 })];
  const idsOf = async (values: readonly unknown[]): Promise<string[]> => {
    const { sessions } = await readValues(values);
    return sessions.flatMap(({ events }) => events.map(({ id }) => id));
  };

  test('are the same when the log is read again, and no two are the same', async () => {
    const ids = await idsOf(log.map(asWinlogbeat8));
    expect(await idsOf(log.map(asWinlogbeat8))).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
  });

  test('do not depend on who wrote the records', async () => {
    expect(await idsOf(log.map(asGetWinEvent5))).toEqual(await idsOf(log.map(asWinlogbeat8)));
  });

  test('distinguish equal records without numbers, the same way each time', async () => {
    const record = asNxlog()(registryEvent(13, 'SetValue', 'HKLM\\A\\b'));
    const values = [asNxlog()(processStart()), record, record];
    const ids = await idsOf(values);
    expect(new Set(ids).size).toBe(3);
    expect(await idsOf(values)).toEqual(ids);
  });

  test('CCL-7: are assigned once to a record whose fraction two writers cut differently', async () => {
    const [first] = log;
    const record = asWinlogbeat8(first ?? processStart());
    const { UtcTime: _, ...data } = (record.winlog as { event_data: Record<string, string> }).event_data;
    const cutTo = (time: string): unknown => ({
      ...record,
      '@timestamp': time,
      winlog: { ...(record.winlog as object), event_data: data },
    });
    expect(await idsOf([cutTo('2024-03-04T09:15:02.2501234Z'), cutTo('2024-03-04T09:15:02Z')])).toHaveLength(
      1,
    );
    expect(await idsOf([cutTo('2024-03-04T09:15:02Z'), cutTo('2024-03-04T09:15:03Z')])).toHaveLength(2);
  });

  test('are assigned once to a record that is read twice', async () => {
    const values = [...log, ...log].map(asWinlogbeat8);
    const { counts } = await readValues(values);
    expect(
      summarise(counts).rows.filter(({ remark }) => remark === 'the same record was read before'),
    ).toHaveLength(2);
    expect(await idsOf(values)).toHaveLength(2);
  });
});

test('times stay, unless the last record is to happen now', async () => {
  const log = [
    processStart({ time: '2024-03-04T09:00:00.000Z' }),
    logoff('0x77', '3', { time: '2024-03-04T09:10:00.000Z' }),
  ];
  const values = log.map(asWinlogbeat8);
  expect((await readValues(values)).sessions[0]?.events[0]?.time).toBe('2024-03-04T09:00:00.000Z');
  const shifted = await readValues(values, { lastRecordAt: new Date('2025-01-01T12:00:00Z') });
  expect(shifted.sessions[0]?.events[0]?.time).toBe('2025-01-01T11:50:00.000Z');
});

describe('CCL-7: one record of a clock that was not set', () => {
  const now = new Date('2025-01-01T12:00:00Z');
  const startAt = (time: string, id: number): unknown =>
    asWinlogbeat8(processStart({ time, id: String(id) }, { recordNumber: id }));
  const log = [0, 1, 2].map((minute) => startAt(`2024-03-04T09:0${minute}:00.000Z`, minute));

  test.each(['2036-02-07T06:28:16.000Z', '1970-01-01T00:00:00.000Z', '1601-01-01T00:00:00.000Z'])(
    'of %s does not move the others, nor the beginning of its session',
    async (time) => {
      const { sessions, counts } = await readValues([...log, startAt(time, 9)], { lastRecordAt: now });
      expect(sessions[0]).toMatchObject({
        firstTime: '2025-01-01T11:58:00.000Z',
        lastTime: '2025-01-01T12:00:00.000Z',
      });
      expect(sessions[0]?.events).toHaveLength(4);
      expect(remarksOn(counts)).toEqual([
        '1 record is years away from all others: not counted for when the log ends.',
      ]);
    },
  );

  test('that tells of no session does not count at all', async () => {
    const other = asWinlogbeat8({ ...processStart({ time: '2024-03-05T09:00:00.000Z' }), eventId: 7 });
    const { sessions } = await readValues([...log, other], { lastRecordAt: now });
    expect(sessions[0]?.lastTime).toBe(now.toISOString());
  });
});

test('which log of a machine comes first makes no difference', async () => {
  const sysmon = [0, 1, 2].map((second) =>
    processStart({ id: String(900 + second), time: `2024-03-04T09:00:0${second}.900Z` }),
  );
  const security = [0, 1, 2].map((second) =>
    auditedStart('C:\\Program Files\\Example\\viewer.exe', `0x${(900 + second).toString(16)}`, {
      time: `2024-03-04T09:00:0${second}.950Z`,
    }),
  );
  const orders = [[...sysmon, ...security], [...security, ...sysmon], [...security, ...sysmon].reverse()];
  for (const order of orders) {
    const { counts } = await readValues(order.map(asNxlog()));
    expect(counts.detected.get('appStart')?.detected).toBe(3);
  }
});

describe('session events as input', () => {
  const id = '0b8f6f0e-6f6e-4c9e-9a53-0a4d2a3f9c11';
  const event = {
    id,
    type: 'topMost',
    time: '2024-03-04T09:00:00Z',
    data: { appName: 'a.exe', windowTitle: 'Plan' },
  };
  const session = { host: 'DESK-11', user: 'EXAMPLE\\dana' };

  test('are taken as they are into the session that they name', async () => {
    const { sessions } = await readValues([{ ...event, session }]);
    expect(sessions).toMatchObject([{ ...session, events: [event] }]);
  });

  test('go to the only session, else to the default', async () => {
    const beside = await readValues([asNxlog()(processStart()), event]);
    expect(beside.sessions[0]?.events.map(({ type }) => type)).toEqual(['topMost', 'appStart']);
    const alone = await readValues([event], { defaultSession: session });
    expect(alone.sessions).toMatchObject([{ ...session, events: [event] }]);
    expect((await readValues([event])).counts.detected.get('topMost')).toMatchObject({ withoutSession: 1 });
  });

  test.each([
    ['an unknown field', { ...event, data: { appName: 'a.exe', colour: 'red' } }],
    ['no id', { ...event, id: undefined }],
    ['a time that is none', { ...event, time: 'noon' }],
  ])('with %s are counted as not valid', async (_, value) => {
    const { counts } = await readValues([value]);
    expect(summarise(counts).rows).toEqual([
      { what: '(session event)', remark: 'not a valid session event', records: 1 },
    ]);
  });
});

describe('following', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'event-log-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
  const write = asNxlog();
  const startAt = (second: number): unknown =>
    write(
      processStart(
        { id: String(1000 + second), time: `2024-03-04T09:00:${String(second).padStart(2, '0')}.000Z` },
        { recordNumber: second },
      ),
    );

  test('emits what is appended to a folder, new files and renamed ones', async () => {
    const ended = new AbortController();
    const log = followEventLog(
      { kind: 'folder', path: folder },
      { holdMilliseconds: 0, pollMilliseconds: 5, signal: ended.signal },
    );
    const file = path.join(folder, 'a.ndjson');
    const steps = [
      () => appendFile(file, line(startAt(2)).slice(0, 50)),
      () => appendFile(file, line(startAt(2)).slice(50)),
      () => rename(file, path.join(folder, 'a.1.ndjson')),
      () => writeFile(file, line(startAt(3))),
      async () => ended.abort(),
    ];
    await writeFile(file, line(startAt(1)));
    const times: string[] = [];
    for await (const { events } of log.batches) {
      times.push(...events.map(({ time }) => time.slice(17, 19)));
      for (const step of steps.splice(0, times.length < 2 ? 2 : 3)) await step();
    }
    expect(times).toEqual(['01', '02', '03']);
    expect(sum(log.counts)).toBe(log.counts.recordsRead);
  });

  test('emits each session once it is known, and reports its end', async () => {
    const values = [
      write(logon({ type: '2' })),
      startAt(1),
      write(logoff('0x4c2a1', '2', { time: '2024-03-04T09:30:00.000Z' })),
    ];
    const stream = (async function* () {
      for (const value of values) {
        yield Buffer.from(line(value));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const batches: SessionBatch[] = [];
    const log = followEventLog({ kind: 'stream', stream }, { holdMilliseconds: 0, pollMilliseconds: 2 });
    for await (const batch of log.batches) batches.push(batch);
    expect(new Set(batches.map(({ session }) => session.key))).toEqual(
      new Set(['desk-11.example.test/0x4c2a1/2024-03-04T10:15:02.000Z']),
    );
    expect(batches.flatMap(({ events }) => events.map(({ type }) => type))).toEqual(['appStart']);
    expect(batches.at(-1)?.endedAt).toBe('2024-03-04T09:30:00.000Z');
  });

  test('CCL-8: emits one session, whatever order its records come in and is learned of them', async () => {
    const minutes = [10, 12, 9, 14, 7];
    const values = minutes.map((minute) =>
      write(
        processStart({
          id: String(minute),
          time: `2024-03-04T09:${String(minute).padStart(2, '0')}:00.000Z`,
        }),
      ),
    );
    const stream = (async function* () {
      for (const value of values) {
        yield Buffer.from(line(value));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const log = followEventLog({ kind: 'stream', stream }, { holdMilliseconds: 0, pollMilliseconds: 2 });
    const keys = new Set<string>();
    let count = 0;
    for await (const { session, events } of log.batches) {
      keys.add(session.key);
      count += events.length;
    }
    expect([keys.size, count]).toEqual([1, minutes.length]);
  });

  test('pairs the logs of a machine across releases, and keeps little in memory', async () => {
    const leads = Array.from({ length: 300 }, (_, index) =>
      processStart({ id: String(index + 1), time: timeOf(index) }, { recordNumber: index }),
    );
    const followers = leads.map((_, index) =>
      auditedStart('C:\\Program Files\\Example\\viewer.exe', `0x${(index + 1).toString(16)}`, {
        time: timeOf(index),
        recordNumber: index,
      }),
    );
    const file = path.join(folder, 'a.ndjson');
    await writeFile(file, [...leads, ...followers].map(write).map(line).join(''));
    const log = followEventLog({ kind: 'file', path: file }, { maxPendingEvents: 40 });
    let events = 0;
    for await (const batch of log.batches) events += batch.events.length;
    expect(events).toBe(300);
    expect(log.counts.unused.get('security 4688 duplicate of App Start')?.count).toBe(300);
  });

  const timeOf = (index: number): string =>
    new Date(Date.parse('2024-03-04T09:00:00Z') + index * 3_000).toISOString();
});
