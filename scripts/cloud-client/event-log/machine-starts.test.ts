/** Starts of a machine, after which logon ids are given again. */
import {
  auditedStart,
  logoff,
  logon,
  process,
  processStart,
  securityEvent,
  sysmonEvent,
} from './testing/events';
import { readValues } from './testing/read-lines';
import { at, danaLogsOn, LEE, leeLogsOn, ofDana, ofLee, programsOf, SHARED_ID } from './testing/two-people';
import { asWinlogbeat8, type WrittenEvent } from './testing/write-records';

const system = (provider: string, eventId: number, minute: number): WrittenEvent => ({
  channel: 'System',
  provider,
  eventId,
  time: at(minute),
  data: [],
});
const sysmonService = (state: string, minute: number): WrittenEvent =>
  sysmonEvent(
    4,
    [
      ['UtcTime', at(minute)],
      ['State', state],
      ['Version', '15.0'],
    ],
    { time: at(minute) },
  );

describe('CCL-8: a logon id that is given again after a start of the machine', () => {
  const expected = {
    by: [
      ['dana', ['a.exe']],
      ['lee', ['b.exe', 'c.exe']],
    ],
    rest: 0,
  };
  const log = (...start: WrittenEvent[]): WrittenEvent[] => [
    danaLogsOn,
    ofDana('a.exe', 2),
    ...start,
    leeLogsOn,
    ofLee('b.exe', 32),
    ofLee('c.exe', 33),
  ];

  test.each([
    ['Security 4608', securityEvent(4608, [], { time: at(30) })],
    ['System 6005', system('EventLog', 6005, 30)],
    ['System 6009', system('EventLog', 6009, 30)],
    ['System 12 of the kernel', system('Microsoft-Windows-Kernel-General', 12, 30)],
    ['Sysmon 4', sysmonService('Started', 30)],
  ])('is another logon, when %s shows the start', async (_, start) => {
    expect(await programsOf(log(start))).toEqual(expected);
  });

  test('is another logon, when its user alone shows the start', async () => {
    expect(await programsOf(log())).toEqual(expected);
  });

  test('is another logon in a log that lists the newest first', async () => {
    const { by } = await programsOf([...log()].reverse());
    expect(Object.fromEntries(by)).toEqual(Object.fromEntries(expected.by as [string, string[]][]));
  });

  test('is another logon where the logoff came before the start, and where records of one start are spread', async () => {
    const start = [
      logoff(SHARED_ID, '2', { time: at(20) }),
      system('Microsoft-Windows-Kernel-General', 12, 29),
      system('EventLog', 6005, 30),
    ];
    expect(await programsOf([...log(...start), sysmonService('Started', 32)])).toEqual(expected);
  });

  test('is another logon when the same person gets it', async () => {
    const again = logon({ type: '2', logonId: SHARED_ID }, { time: at(31) });
    const { by } = await programsOf([danaLogsOn, ofDana('a.exe', 2), again, ofDana('b.exe', 32)]);
    expect(by).toEqual([
      ['dana', ['a.exe']],
      ['dana', ['b.exe']],
    ]);
  });

  test("is another logon by Sysmon's GUID of it", async () => {
    const withGuid = (guid: string, minute: number): WrittenEvent => {
      const start = processStart({
        logonId: SHARED_ID,
        terminalSessionId: '1',
        id: String(minute),
        time: at(minute),
      });
      return {
        ...start,
        data: start.data.map(([name, value]) => [name, name === 'LogonGuid' ? guid : value] as const),
      };
    };
    const { by } = await programsOf([
      withGuid('{7c1d0a52-0001-65e5-0000-00000003d2c1}', 2),
      withGuid('{7c1d0a52-0002-65e5-0000-00000003d2c1}', 32),
    ]);
    expect(by.map(([, programs]) => programs)).toEqual([['viewer.exe'], ['viewer.exe']]);
  });

  test('has a key of its own, also where the two days are read one by one', async () => {
    const keys = async (...events: WrittenEvent[]): Promise<string[]> => {
      const { sessions } = await readValues(events.map(asWinlogbeat8));
      return sessions.map(({ key }) => key);
    };
    const [first, second] = [
      await keys(danaLogsOn, ofDana('a.exe', 2)),
      await keys(leeLogsOn, ofLee('b.exe', 32)),
    ];
    expect(first).not.toEqual(second);
    expect(await keys(...log())).toEqual([...first, ...second]);
  });

  test('does not make a session that goes on while Sysmon is updated two', async () => {
    const guid = '{7c1d0a52-5f00-65e5-a1c2-040000000000}';
    const start = (minute: number): WrittenEvent =>
      processStart({ guid: undefined, id: String(minute), time: at(minute) });
    const { by } = await programsOf([start(1), sysmonService('Started', 5), start(9)]);
    expect(start(1).data).toContainEqual(['LogonGuid', guid]);
    expect(by).toEqual([['dana', ['viewer.exe', 'viewer.exe']]]);
  });
});

describe('CCL-8: a start of the machine that no record shows', () => {
  const before = [
    logon({ type: '2', logonId: '0x9d001' }, { time: at(1) }),
    auditedStart('C:\\a.exe', '0x1', { logonId: '0x9d001', time: at(2) }),
  ];
  const after = logon({ ...LEE, type: '2', logonId: '0x2b001' }, { time: at(31) });
  const unnamed = sysmonEvent(
    11,
    [...process('C:\\s.exe', { guid: '{0}', utcTime: at(40) }), ['TargetFilename', 'D:\\s.txt']],
    { time: at(40) },
  );

  test('is concluded from a lower logon id than before: the earlier session is over', async () => {
    expect((await programsOf([...before, after, unnamed])).by).toEqual([
      ['dana', ['a.exe']],
      ['lee', ['D:\\s.txt']],
    ]);
  });

  test('is not concluded while the earlier logon goes on', async () => {
    const goesOn = auditedStart('C:\\b.exe', '0x2', { logonId: '0x9d001', time: at(45) });
    const { by, rest } = await programsOf([...before, after, unnamed, goesOn]);
    expect(by).toEqual([
      ['dana', ['a.exe', 'b.exe']],
      ['lee', []],
    ]);
    expect(rest).toBe(1);
  });

  test.each([
    [
      'begin anew',
      1,
      [
        ['dana', ['a.exe']],
        ['lee', ['D:\\s.txt']],
      ],
    ],
    [
      'go on',
      5_000,
      [
        ['dana', ['a.exe']],
        ['lee', []],
      ],
    ],
  ])('is concluded from a cleared log whose numbers %s', async (_, number, by) => {
    const numbered = before.map((event, index) => ({ ...event, recordNumber: 900 + index }));
    const cleared = {
      ...securityEvent(1102, [], { time: at(20) }),
      provider: 'Microsoft-Windows-Eventlog',
      recordNumber: number,
    };
    const higher = logon(
      { ...LEE, type: '2', logonId: '0xad001' },
      { time: at(31), recordNumber: number + 1 },
    );
    expect((await programsOf([...numbered, cleared, higher, unnamed])).by).toEqual(by);
  });
});
