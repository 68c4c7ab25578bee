/** Whose event it is: nobody is given what somebody else did. */
import {
  logoff,
  logon,
  process,
  processStart,
  securityEvent,
  subject,
  sysmonEvent,
  USER_SID,
  type Data,
} from './testing/events';
import { readValues } from './testing/read-lines';
import { at, danaLogsOn, leeLogsOn, ofDana, programsOf, SHARED_ID } from './testing/two-people';
import { asWinlogbeat8, type WrittenEvent } from './testing/write-records';

describe('CCL-8: a Terminal Services session number', () => {
  const inSession3 = (user: string, logonId: string, minute: number, parentUser?: string): WrittenEvent => {
    const start = processStart({
      user: `EXAMPLE\\${user}`,
      logonId,
      terminalSessionId: '3',
      id: String(minute),
      time: at(minute),
    });
    const parent = parentUser ?? user;
    return {
      ...start,
      data: start.data.map(
        ([name, value]) => [name, name === 'ParentUser' ? `EXAMPLE\\${parent}` : value] as const,
      ),
    };
  };
  const clipboard = (minute: number): WrittenEvent =>
    sysmonEvent(24, [...process('C:\\clip.exe', { guid: '{0}', utcTime: at(minute) }), ['Session', '3']], {
      time: at(minute),
    });

  test('that another person has later is another session', async () => {
    const { by } = await programsOf([
      inSession3('dana', '0x7b001', 2),
      clipboard(3),
      inSession3('lee', '0x9b001', 30),
      clipboard(31),
    ]);
    expect(by).toEqual([
      ['dana', ['viewer.exe', 'clipboardOperation']],
      ['lee', ['viewer.exe', 'clipboardOperation']],
    ]);
  });

  test('is not the session of somebody who was there before, and got the same logon id again after a start', async () => {
    const inSession1 = (user: string, logonId: string, minute: number): WrittenEvent =>
      processStart({
        user: `EXAMPLE\\${user}`,
        logonId,
        terminalSessionId: '1',
        id: String(minute),
        time: at(minute),
      });
    for (const logsOff of [[logoff(SHARED_ID, '2', { time: at(3) })], []]) {
      const { by } = await programsOf(
        [leeLogsOn, ...logsOff, inSession1('dana', '0x7b001', 35), inSession1('lee', SHARED_ID, 50)].map(
          (event) => (event === leeLogsOn ? { ...event, time: at(1) } : event),
        ),
      );
      expect(Object.fromEntries(by).dana).toEqual(['viewer.exe']);
      expect(Object.fromEntries(by).lee).toEqual(['viewer.exe']);
    }
  });

  test('stays the session of its user, who runs a program as somebody else', async () => {
    const { by } = await programsOf([
      inSession3('dana', '0x7b001', 2),
      inSession3('adm', '0x9b001', 3, 'dana'),
    ]);
    expect(by).toEqual([['dana', ['viewer.exe', 'viewer.exe']]]);
    const interleaved = [
      inSession3('dana', '0x7b001', 2),
      inSession3('adm', '0x9b001', 3),
      inSession3('dana', '0x7b001', 4),
    ];
    expect((await programsOf(interleaved)).by).toHaveLength(1);
  });
});

describe('CCL-8: on a machine with one session', () => {
  const network = logon(
    { user: 'svc-backup', sid: `${USER_SID}2`, type: '3', logonId: '0x99001', process: 'Kerberos' },
    { time: at(20) },
  );
  const byNetwork = (eventId: number, data: Data): WrittenEvent =>
    securityEvent(eventId, [...data, ...subject('svc-backup', '0x99001', 'EXAMPLE', `${USER_SID}2`)], {
      time: at(21),
    });

  test.each([
    [
      'a process',
      byNetwork(4688, [
        ['NewProcessId', '0x1'],
        ['NewProcessName', 'C:\\wsmprovhost.exe'],
      ]),
    ],
    ['an account', byNetwork(4720, [['TargetUserName', 'backdoor']])],
    [
      'a file, with its user',
      sysmonEvent(
        11,
        [
          ...process('C:\\a.exe', { guid: '{1}', utcTime: at(21) }),
          ['TargetFilename', 'D:\\x'],
          ['User', 'EXAMPLE\\svc-backup'],
        ],
        { time: at(21) },
      ),
    ],
    [
      'a process of a logon without a name',
      securityEvent(
        4688,
        [
          ['SubjectLogonId', '0x99001'],
          ['NewProcessId', '0x1'],
          ['NewProcessName', 'C:\\w.exe'],
        ],
        { time: at(21) },
      ),
    ],
    [
      'a clipboard of another session number',
      sysmonEvent(24, [...process('C:\\clip.exe', { guid: '{1}', utcTime: at(21) }), ['Session', '7']], {
        time: at(21),
      }),
    ],
    ['a record with the header of another account', { ...applicationBy(`${USER_SID}2`), time: at(21) }],
  ])('%s of another person belongs to no session', async (_, event) => {
    const own = processStart({ time: at(2) });
    const { sessions, counts } = await readValues([
      ...[danaOnConsole, own, network].map(asWinlogbeat8),
      withHeader(event),
    ]);
    expect(sessions.map(({ user, events }) => [user, events.length])).toEqual([['EXAMPLE\\dana', 1]]);
    expect([...counts.detected.values()].reduce((sum, { withoutSession }) => sum + withoutSession, 0)).toBe(
      1,
    );
  });

  test('what the process of another person did belongs to no session', async () => {
    const guid = '{00000000-0000-0000-0000-0000000000aa}';
    const service = processStart({
      user: 'EXAMPLE\\svc-backup',
      logonId: '0x99001',
      terminalSessionId: '0',
      guid,
      id: '7',
      time: at(3),
    });
    const file = sysmonEvent(
      11,
      [...process('C:\\a.exe', { guid, utcTime: at(4) }), ['TargetFilename', 'D:\\x']],
      { time: at(4) },
    );
    const { by, rest } = await programsOf([processStart({ time: at(2) }), service, file]);
    expect(by).toEqual([['dana', ['viewer.exe']]]);
    expect(rest).toBe(2);
  });

  test.each([
    ['with its SID', subject('ANONYMOUS-ANMELDUNG', '0x3e6', 'NT-AUTORITÄT', 'S-1-5-7')],
    ['by its logon id', [['SubjectLogonId', '0x3e6']] as const],
  ])(
    'CCL-8: who came over the network without a name, %s, is not the person of the session',
    async (_, actor) => {
      const changed = securityEvent(4738, [['TargetUserName', 'dc-01$'], ...actor], { time: at(5) });
      const { by, rest } = await programsOf([danaLogsOn, ofDana('a.exe', 2), changed]);
      expect([by, rest]).toEqual([[['dana', ['a.exe']]], 1]);
    },
  );

  test('a localised system account is nobody: what it did goes to the session', async () => {
    const file = sysmonEvent(
      11,
      [
        ...process('C:\\a.exe', { guid: '{1}', utcTime: at(4) }),
        ['TargetFilename', 'D:\\x'],
        ['User', 'NT-AUTORITÄT\\SYSTEM'],
      ],
      { time: at(4) },
    );
    expect((await programsOf([processStart({ time: at(2) }), file])).by).toEqual([
      ['dana', ['viewer.exe', 'D:\\x']],
    ]);
  });

  test('what was before the logon belongs to no session, and the session begins with the logon', async () => {
    const boot = securityEvent(4608, [], { time: at(0) });
    const service = securityEvent(
      4688,
      [
        ...subject('DESK-11$', '0x3e7', 'EXAMPLE', 'S-1-5-18'),
        ['NewProcessId', '0x1'],
        ['NewProcessName', 'C:\\svchost.exe'],
      ],
      { time: at(0, 30) },
    );
    const { sessions, counts } = await readValues(
      [boot, service, danaLogsOn, ofDana('a.exe', 2)].map(asWinlogbeat8),
    );
    expect(sessions.map(({ firstTime, events }) => [firstTime, events.length])).toEqual([[at(1), 1]]);
    expect(counts.detected.get('appStart')).toMatchObject({ inSessions: 1, withoutSession: 1 });
  });

  test('the domain is short in one log and a DNS name in the other: one person', async () => {
    const file = sysmonEvent(
      11,
      [
        ...process('C:\\a.exe', { guid: '{1}', utcTime: at(4) }),
        ['TargetFilename', 'D:\\x'],
        ['User', 'example.test\\dana'],
      ],
      { time: at(4) },
    );
    const local = sysmonEvent(
      11,
      [
        ...process('C:\\a.exe', { guid: '{1}', utcTime: at(5) }),
        ['TargetFilename', 'D:\\y'],
        ['User', 'DESK-11\\dana'],
      ],
      { time: at(5) },
    );
    const { by, rest } = await programsOf([processStart({ time: at(2) }), file, local]);
    expect([by, rest]).toEqual([[['dana', ['viewer.exe', 'D:\\x']]], 1]);
  });
});

const danaOnConsole = logon({ type: '2' }, { time: at(1) });

function applicationBy(sid: string): WrittenEvent & { headerSid: string } {
  return {
    channel: 'Application',
    provider: 'MsiInstaller',
    eventId: 11707,
    time: at(1),
    data: [],
    strings: ['Product: Example Tools -- Installation completed successfully.'],
    headerSid: sid,
  };
}

function withHeader(event: WrittenEvent & { headerSid?: string }): unknown {
  const written = asWinlogbeat8(event);
  if (event.headerSid === undefined) return written;
  return { ...written, winlog: { ...(written.winlog as object), user: { identifier: event.headerSid } } };
}
