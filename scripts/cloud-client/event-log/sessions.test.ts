import {
  auditedStart,
  connection,
  logoff,
  logon,
  process,
  processStart,
  securityEvent,
  subject,
  sysmonEvent,
  USER_SID,
} from './testing/events';
import { readValues } from './testing/read-lines';
import { asNxlog, asWinlogbeat8, type WrittenEvent } from './testing/write-records';

const at = (minute: number, second = 0): string =>
  `2024-03-04T09:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000Z`;

interface Shown {
  user: string;
  logonId?: string;
  terminalSessionId?: number;
  types: string[];
}

/** The sessions of a log, and how many events have none. */
async function sessionsOf(
  events: readonly WrittenEvent[],
): Promise<{ sessions: Shown[]; withoutSession: number }> {
  const { sessions, counts } = await readValues(events.map(asWinlogbeat8));
  const shown = sessions.map(({ user, logonId, terminalSessionId, events: some }) => ({
    user,
    logonId,
    terminalSessionId,
    types: some.map(({ type }) => type),
  }));
  const withoutSession = [...counts.detected.values()].reduce((sum, count) => sum + count.withoutSession, 0);
  return { sessions: shown, withoutSession };
}

const fileCreated = (time: string, more: { guid?: string; user?: string } = {}): WrittenEvent =>
  sysmonEvent(
    11,
    [
      ...process('C:\\a.exe', { guid: more.guid ?? '{00000000-0000-0000-0000-0000000000ff}', utcTime: time }),
      ['TargetFilename', 'D:\\b.txt'],
      ['User', more.user ?? '-'],
    ],
    { time },
  );

test('a process of a Terminal Services session makes a session of its user', async () => {
  const { sessions } = await sessionsOf([processStart()]);
  expect(sessions).toEqual([
    { user: 'EXAMPLE\\dana', logonId: '0x4c2a1', terminalSessionId: 2, types: ['appStart'] },
  ]);
});

test.each([
  ['local system', 'NT AUTHORITY\\SYSTEM', '0x3e7', '2'],
  ['local system by its localised name', 'NT-AUTORITÄT\\SYSTEM', '0x3e7', '2'],
  ['the window manager', 'Window Manager\\DWM-2', '0x9138c', '2'],
  ['the font driver', 'Font Driver Host\\UMFD-2', '0x90b5f', '2'],
  ['the machine account', 'EXAMPLE\\DESK-11$', '0x77aa1', '2'],
  ['a user in the session of the services', 'EXAMPLE\\dana', '0x77aa2', '0'],
])('%s has no session', async (_, user, logonId, terminalSessionId) => {
  const { sessions, withoutSession } = await sessionsOf([processStart({ user, logonId, terminalSessionId })]);
  expect(sessions).toEqual([]);
  expect(withoutSession).toBe(1);
});

test.each([
  ['2', 1],
  ['10', 1],
  ['11', 1],
  ['7', 1],
  ['3', 0],
  ['5', 0],
  ['4', 0],
])('a logon of type %s makes %i session', async (type, count) => {
  const { sessions } = await sessionsOf([logon({ type })]);
  expect(sessions).toHaveLength(count);
});

test('the system accounts that log on with type 2 make no session', async () => {
  const { sessions } = await sessionsOf([
    logon({ type: '2', user: 'DWM-2', domain: 'Window Manager', sid: 'S-1-5-90-0-2', process: 'Advapi  ' }),
    logon({
      type: '2',
      user: 'UMFD-2',
      domain: 'Font Driver Host',
      sid: 'S-1-5-96-0-2',
      process: 'Advapi  ',
    }),
  ]);
  expect(sessions).toEqual([]);
});

test('full and limited token of one logon are one session, and one RDP connection', async () => {
  const { sessions } = await sessionsOf([
    logon({ logonId: '0x4c0aa', linkedId: '0x4c2a1' }),
    logon({ logonId: '0x4c2a1', linkedId: '0x4c0aa' }),
    processStart({ logonId: '0x4c2a1' }),
    processStart({ logonId: '0x4c0aa', id: '9000' }),
  ]);
  expect(sessions).toHaveLength(1);
  expect(sessions[0]?.types).toEqual(['rdpConnection', 'appStart', 'appStart']);
});

test('the tokens are matched by their time, where an older Windows does not link them', async () => {
  const { sessions } = await sessionsOf([
    logon({ logonId: '0x4c0aa', type: '2' }, { time: at(1) }),
    logon({ logonId: '0x4c2a1', type: '2' }, { time: at(1) }),
  ]);
  expect(sessions).toHaveLength(1);
});

test('what is elevated with another password within the session stays in it', async () => {
  const { sessions } = await sessionsOf([
    processStart({ time: at(1) }),
    logon(
      { user: 'admin-dana', type: '2', logonId: '0x9f001', linkedId: '0x9f022', process: 'CredPro ' },
      { time: at(2) },
    ),
    logon(
      { user: 'admin-dana', type: '2', logonId: '0x9f022', linkedId: '0x9f001', process: 'CredPro ' },
      { time: at(2) },
    ),
    logoff('0x9f022', '2', { time: at(2) }),
    processStart({ user: 'EXAMPLE\\admin-dana', logonId: '0x9f001', id: '77', time: at(3) }),
  ]);
  expect(sessions).toEqual([
    { user: 'EXAMPLE\\dana', logonId: '0x4c2a1', terminalSessionId: 2, types: ['appStart', 'appStart'] },
  ]);
});

test('what is run as another user belongs to the session that asked for it', async () => {
  const { sessions } = await sessionsOf([
    logon({ type: '2' }, { time: at(1) }),
    logon(
      { user: 'svc', type: '2', logonId: '0xa0001', subjectLogonId: '0x4c2a1', process: 'seclogo' },
      { time: at(2) },
    ),
    auditedStart('C:\\a.exe', '0x10', { logonId: '0xa0001', time: at(3) }),
  ]);
  expect(sessions).toEqual([
    { user: 'EXAMPLE\\dana', logonId: '0x4c2a1', terminalSessionId: undefined, types: ['appStart'] },
  ]);
});

test('unlocking makes no second session', async () => {
  const { sessions } = await sessionsOf([
    processStart({ time: at(1) }),
    logon({ type: '7', logonId: '0xc1', linkedId: '0xc2' }, { time: at(5) }),
    logon({ type: '7', logonId: '0xc2', linkedId: '0xc1' }, { time: at(5) }),
    logoff('0xc1', '7', { time: at(5) }),
    logoff('0xc2', '7', { time: at(5) }),
    logon({ type: '7', logonId: '0xc3' }, { time: at(9) }),
  ]);
  expect(sessions).toHaveLength(1);
});

test('reconnecting makes no second session', async () => {
  const { sessions } = await sessionsOf([
    processStart({ time: at(1) }),
    logon({ logonId: '0xd1' }, { time: at(5) }),
    logoff('0xd1', '10', { time: at(5, 1) }),
    processStart({ id: '44', time: at(9) }),
  ]);
  expect(sessions.map(({ types }) => types)).toEqual([['appStart', 'rdpConnection', 'appStart']]);
});

test('reconnecting does not begin a session that was there before', async () => {
  const log = [
    processStart({ time: at(1) }),
    fileCreated(at(3)),
    logon({ logonId: '0x5d001' }, { time: at(5) }),
    logoff('0x5d001', '10', { time: at(5, 1) }),
  ];
  const { sessions } = await readValues(log.map(asWinlogbeat8));
  expect(sessions.map(({ firstTime, events }) => [firstTime, events.map(({ type }) => type)])).toEqual([
    [at(1), ['appStart', 'fileCreate', 'rdpConnection']],
  ]);
});

test('logging off and on again makes two sessions, in the same Terminal Services session too', async () => {
  const { sessions } = await sessionsOf([
    logon({ type: '2', logonId: '0x51' }, { time: at(1) }),
    processStart({ logonId: '0x51', terminalSessionId: '1', time: at(2) }),
    logoff('0x51', '2', { time: at(3) }),
    logon({ type: '2', logonId: '0x52' }, { time: at(10) }),
    processStart({ logonId: '0x52', terminalSessionId: '1', id: '12', time: at(11) }),
  ]);
  expect(sessions.map(({ logonId, types }) => [logonId, types])).toEqual([
    ['0x51', ['appStart']],
    ['0x52', ['appStart']],
  ]);
});

test('CCL-8: a new logon after a restart makes a new session where no logoff was seen', async () => {
  const { sessions } = await sessionsOf([
    processStart({ logonId: '0x51', terminalSessionId: '1', time: at(2) }),
    securityEvent(4608, [], { time: at(5) }),
    processStart({ logonId: '0x61', terminalSessionId: '1', id: '12', time: at(11) }),
  ]);
  expect(sessions.map(({ logonId }) => logonId)).toEqual(['0x51', '0x61']);
});

test('lock and unlock identify the Terminal Services session and its logon', async () => {
  const { sessions } = await sessionsOf([
    securityEvent(4800, [
      ['TargetUserSid', USER_SID],
      ['TargetUserName', 'dana'],
      ['TargetDomainName', 'EXAMPLE'],
      ['TargetLogonId', '0x4c2a1'],
      ['SessionId', '3'],
    ]),
    processStart({ logonId: '0x4c0aa', terminalSessionId: '3' }),
  ]);
  expect(sessions).toEqual([
    { user: 'EXAMPLE\\dana', logonId: '0x4c2a1', terminalSessionId: 3, types: ['appStart'] },
  ]);
});

describe('on a machine with one session', () => {
  test('what no interactive user caused goes to it', async () => {
    const { sessions } = await sessionsOf([
      processStart({ time: at(1) }),
      fileCreated(at(2)),
      processStart({
        user: 'NT AUTHORITY\\SYSTEM',
        logonId: '0x3e7',
        terminalSessionId: '0',
        id: '9',
        time: at(3),
      }),
      connection({
        initiated: false,
        source: '198.51.100.23',
        destination: '192.0.2.11',
        port: '3389',
        time: at(4),
      }),
    ]);
    expect(sessions.map(({ types }) => types)).toEqual([
      ['appStart', 'fileCreate', 'appStart', 'rdpConnection'],
    ]);
  });

  test('CCL-8: what comes before the logon does not, nor what comes after the logoff', async () => {
    const { sessions, withoutSession } = await sessionsOf([
      fileCreated(at(1)),
      logon({ type: '2' }, { time: at(2) }),
      logoff('0x4c2a1', '2', { time: at(3) }),
      fileCreated(at(4)),
    ]);
    expect(sessions.map(({ types }) => types)).toEqual([[]]);
    expect(withoutSession).toBe(2);
  });

  test('what happens on another machine does not', async () => {
    const { withoutSession } = await sessionsOf([
      processStart(),
      { ...fileCreated(at(2)), host: 'OTHER.example.test' },
    ]);
    expect(withoutSession).toBe(1);
  });
});

describe('on a machine with two sessions', () => {
  const dana = processStart({ time: at(1), guid: '{00000000-0000-0000-0000-0000000000d1}' });
  const lee = processStart({
    user: 'EXAMPLE\\lee',
    logonId: '0x7f001',
    terminalSessionId: '3',
    id: '31',
    guid: '{00000000-0000-0000-0000-0000000000e1}',
    time: at(1),
  });
  const ofLee = async (event: WrittenEvent): Promise<boolean> => {
    const { sessions } = await sessionsOf([dana, lee, event]);
    return sessions.find(({ user }) => user === 'EXAMPLE\\lee')?.types.length === 2;
  };

  test('CCL-8: an event is assigned by the logon of its process', async () => {
    expect(await ofLee(fileCreated(at(2), { guid: '{00000000-0000-0000-0000-0000000000e1}' }))).toBe(true);
  });

  test('an event is assigned by its user', async () => {
    expect(await ofLee(fileCreated(at(2), { user: 'example\\LEE' }))).toBe(true);
  });

  test('an event is assigned by its Terminal Services session', async () => {
    const clipboard = sysmonEvent(24, [...process('C:\\rdpclip.exe', { guid: '{0}' }), ['Session', '3']], {
      time: at(2),
    });
    expect(await ofLee(clipboard)).toBe(true);
  });

  test('an event is assigned by the logon that an audit names', async () => {
    const audit = securityEvent(4724, [['TargetUserName', 'mira'], ...subject('lee', '0x7f001')], {
      time: at(2),
    });
    expect(await ofLee(audit)).toBe(true);
  });

  test('CCL-8: what no interactive user caused is counted without a session', async () => {
    const { withoutSession } = await sessionsOf([dana, lee, fileCreated(at(2))]);
    expect(withoutSession).toBe(1);
  });

  test('what no interactive user caused goes to the open session, when the other has ended', async () => {
    const over = logoff('0x7f001', '10', { time: at(3) }, 'lee');
    const { sessions } = await sessionsOf([dana, lee, over, fileCreated(at(4))]);
    expect(sessions.map(({ user, types }) => [user, types.length])).toEqual([
      ['EXAMPLE\\dana', 2],
      ['EXAMPLE\\lee', 1],
    ]);
  });
});

test('an installer event is assigned by the account in its header', async () => {
  const header = { winlog: { user: { identifier: USER_SID } } };
  const event = asWinlogbeat8({
    channel: 'Application',
    provider: 'MsiInstaller',
    eventId: 11707,
    time: at(2),
    data: [],
    strings: ['Product: Example Tools -- Installation completed successfully.'],
  });
  const written = { ...event, winlog: { ...(event.winlog as object), ...header.winlog } };
  const others = [
    logon({ type: '2', logonId: '0x51' }, { time: at(1) }),
    logon({ user: 'lee', sid: 'S-1-5-21-1-2-3-4', type: '2', logonId: '0x99' }, { time: at(1) }),
  ];
  const { sessions } = await readValues([...others.map(asWinlogbeat8), written]);
  expect(sessions.find(({ user }) => user === 'EXAMPLE\\dana')?.events.map(({ type }) => type)).toEqual([
    'newAppInstalled',
  ]);
});

test('a session reports when it began and ended', async () => {
  const log = [
    logon({ type: '2' }, { time: at(1) }),
    processStart({ time: at(2) }),
    logoff('0x4c2a1', '2', { time: at(9) }),
  ];
  const { sessions } = await readValues(log.map(asWinlogbeat8));
  expect(sessions[0]).toMatchObject({ firstTime: at(1), lastTime: at(9) });
});

test('the names of machines are the same in upper and lower case', async () => {
  const { sessions } = await sessionsOf([
    processStart(),
    { ...fileCreated(at(2)), host: 'desk-11.EXAMPLE.test' },
  ]);
  expect(sessions[0]?.types).toHaveLength(2);
});

test('a log that is written in local time is put in order with one in UTC', async () => {
  const write = asNxlog(-240);
  const log = [
    auditedStart('C:\\b.exe', '0x10', { time: at(5) }),
    processStart({ time: at(2) }),
    fileCreated(at(9)),
  ];
  const { sessions } = await readValues(log.map(write));
  expect(sessions[0]?.events.map(({ time }) => time)).toEqual([at(2), at(5), at(9)]);
});

test('a log in reverse order, as Get-WinEvent lists it, yields the same sessions', async () => {
  const log = [
    logon({ type: '2', logonId: '0x51' }, { time: at(1) }),
    processStart({ logonId: '0x51', terminalSessionId: '1', time: at(2) }),
    logoff('0x51', '2', { time: at(3) }),
    logon({ type: '2', logonId: '0x52' }, { time: at(10) }),
    processStart({ logonId: '0x52', terminalSessionId: '1', id: '12', time: at(11) }),
    logon({ logonId: '0xd1' }, { time: at(15) }),
    logoff('0xd1', '10', { time: at(15, 1) }),
    fileCreated(at(16)),
  ];
  const { sessions } = await sessionsOf(log);
  const backwards = await sessionsOf([...log].reverse());
  expect(sessions).toHaveLength(2);
  expect(backwards.sessions).toEqual(expect.arrayContaining(sessions));
});
