/** Several records and names of one person, and one name of several people. */
import {
  auditedStart,
  connection,
  logoff,
  logon,
  processStart,
  securityEvent,
  subject,
  USER_SID,
} from './testing/events';
import { readText, readValues } from './testing/read-lines';
import { at, danaLogsOn, LEE, ofDana, programsOf, SHARED_ID } from './testing/two-people';
import { asNxlog, asWinlogbeat8, type WrittenEvent } from './testing/write-records';

describe('CCL-8: remote desktop', () => {
  const ADDRESS = '203.0.113.9';
  const danaByRdp = logon({ address: ADDRESS, logonId: '0x7a001' }, { time: at(1) });
  const leeByRdp = (minute: number, second = 0): WrittenEvent =>
    logon({ ...LEE, address: ADDRESS, logonId: '0x7a009' }, { time: at(minute, second) });

  test('two people from one address at about the same time are two connections', async () => {
    const { by } = await programsOf([danaByRdp, leeByRdp(1, 1)]);
    expect(by).toEqual([
      ['dana', ['rdpConnection']],
      ['lee', ['rdpConnection']],
    ]);
  });

  test('of a connection and its logon the logon says whose it is', async () => {
    const inbound = connection({
      initiated: false,
      source: ADDRESS,
      destination: '192.0.2.5',
      port: '3389',
      time: at(20),
    });
    const { by, rest } = await programsOf([danaByRdp, inbound, leeByRdp(20, 20)]);
    expect([by, rest]).toEqual([
      [
        ['dana', ['rdpConnection']],
        ['lee', ['rdpConnection']],
      ],
      0,
    ]);
  });

  test('a connection to the address that a logon comes from is another connection', async () => {
    const outbound = connection({
      initiated: true,
      source: '192.0.2.5',
      destination: ADDRESS,
      port: '3389',
      time: at(20),
    });
    const { sessions, counts } = await readValues([danaByRdp, outbound, leeByRdp(20, 20)].map(asWinlogbeat8));
    expect(counts.detected.get('rdpConnection')?.detected).toBe(3);
    expect(sessions).toHaveLength(2);
  });
});

test('CCL-8: of a pair the record that names the person decides whose event it is', async () => {
  const start = processStart({ id: '4096', time: at(20) });
  const unnamed = {
    ...start,
    data: start.data.filter(
      ([name]) => !['User', 'LogonId', 'LogonGuid', 'TerminalSessionId', 'ParentUser'].includes(name),
    ),
  };
  const audit = securityEvent(
    4688,
    [
      ...subject(LEE.user, '0x7a009', 'EXAMPLE', LEE.sid),
      ['NewProcessId', '0x1000'],
      ['NewProcessName', 'C:\\Program Files\\Example\\viewer.exe'],
    ],
    { time: at(20) },
  );
  const logons = [
    logon({ type: '2' }, { time: at(1) }),
    logon({ ...LEE, type: '2', logonId: '0x7a009' }, { time: at(2) }),
  ];
  for (const pair of [
    [unnamed, audit],
    [audit, unnamed],
  ]) {
    const { sessions } = await readValues([...logons, ...pair].map(asWinlogbeat8));
    expect(sessions.map(({ user, events }) => [user, events.map(({ data }) => data)])).toEqual([
      ['EXAMPLE\\dana', []],
      [
        'EXAMPLE\\lee',
        [
          {
            appName: 'viewer.exe',
            commandLine: '"C:\\Program Files\\Example\\viewer.exe" --open "D:\\a b.pdf"',
            processId: 4096,
            parentProcessId: 5012,
            parentAppName: 'explorer.exe',
          },
        ],
      ],
    ]);
  }
});

describe('CCL-8: the name of a machine', () => {
  const short = { host: 'DESK-11' };

  test('is the same short and full: one session, one event', async () => {
    const audit = auditedStart('C:\\Program Files\\Example\\viewer.exe', '0x1fe8', { time: at(2) });
    const sysmon = { ...processStart({ time: at(2) }), ...short };
    for (const order of [
      [audit, sysmon],
      [sysmon, audit],
    ]) {
      const { sessions } = await readValues(
        [logon({ type: '2' }, { time: at(1) }), ...order].map(asWinlogbeat8),
      );
      expect(sessions.map(({ host, events }) => [host, events.length])).toEqual([
        ['DESK-11.example.test', 1],
      ]);
    }
  });

  test('is not the same where the short one can mean two machines', async () => {
    const elsewhere = { host: 'desk-11.other.test' };
    const { sessions } = await readValues(
      [
        processStart({ time: at(1) }),
        { ...processStart({ ...LEE, user: 'EXAMPLE\\lee', logonId: '0x77', time: at(1) }), ...elsewhere },
        { ...ofDana('a.exe', 2), ...short },
      ].map(asWinlogbeat8),
    );
    expect(sessions.map(({ events }) => events.length)).toEqual([1, 1]);
  });

  test('lends the offset of the clock that it showed under the other name', async () => {
    const write = asNxlog(-240);
    const { sessions } = await readValues([
      write({ ...processStart({ time: at(2) }), ...short }),
      write(auditedStart('C:\\b.exe', '0x10', { time: at(5) })),
    ]);
    expect(sessions[0]?.events.map(({ time }) => time)).toEqual([at(2), at(5)]);
  });
});

test('CCL-8: an account with a name of its own at Microsoft is one person, by its SID', async () => {
  const logOn = logon(
    { user: 'dana@example.test', domain: 'MicrosoftAccount', type: '2', logonId: SHARED_ID },
    { time: at(1) },
  );
  const sysmon = processStart({ logonId: SHARED_ID, terminalSessionId: '1', time: at(2) });
  const { by } = await programsOf([
    logOn,
    sysmon,
    ofDana('a.exe', 3),
    logoff(SHARED_ID, '2', { time: at(9) }),
  ]);
  expect(by.map(([, programs]) => programs)).toEqual([['viewer.exe', 'a.exe']]);
});

test('CCL-8: members of groups are named as their accounts are, by SID', async () => {
  const sid = `${USER_SID}7`;
  const member = (eventId: number, name: string): WrittenEvent =>
    securityEvent(
      eventId,
      [['MemberName', name], ['MemberSid', sid], ['TargetUserName', 'Admins'], ...subject()],
      { time: at(5) },
    );
  const created = securityEvent(4720, [['TargetUserName', 'mnovak'], ['TargetSid', sid], ...subject()], {
    time: at(4),
  });
  const { by } = await programsOf([
    processStart({ time: at(2) }),
    created,
    member(4728, 'CN=Novak\\, Mira,OU=Staff'),
    member(4732, '-'),
  ]);
  expect(by).toEqual([['dana', ['viewer.exe', 'mnovak', 'mnovak', 'mnovak']]]);
});

describe('CCL-8: session events as input', () => {
  const event = (user: string, id: string): string =>
    JSON.stringify({
      id: `0b8f6f0e-6f6e-4c9e-9a53-0a4d2a3f9c${id}`,
      type: 'appStart',
      time: at(3),
      data: { appName: `${user}.exe` },
      session: { host: 'DESK-11.example.test', user: `EXAMPLE\\${user}`, logonId: SHARED_ID },
    });

  test('of two people with one logon id are of two sessions', async () => {
    const { sessions } = await readText([event('dana', '01'), event('lee', '02')].join('\n'));
    expect(sessions.map(({ user, events }) => [user, events.length])).toEqual([
      ['EXAMPLE\\dana', 1],
      ['EXAMPLE\\lee', 1],
    ]);
  });

  test("go to the log's session of that logon, if it is the same person's", async () => {
    const log = [danaLogsOn, ofDana('a.exe', 2)].map((record) => JSON.stringify(asWinlogbeat8(record)));
    const { sessions } = await readText([...log, event('dana', '01'), event('lee', '02')].join('\n'));
    expect(sessions.map(({ user, events }) => [user, events.length])).toEqual([
      ['EXAMPLE\\dana', 2],
      ['EXAMPLE\\lee', 1],
    ]);
  });
});
