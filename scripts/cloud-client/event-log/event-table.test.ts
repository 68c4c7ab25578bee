import { sessionEventSchema } from '../../../functions/policies/engine';
import { EVENT_TABLE } from './event-table';
import {
  logoff,
  registryEvent,
  securityEvent,
  sysmonEvent,
  processStart,
  process,
  subject,
  applicationEvent,
} from './testing/events';
import { EXPECTED } from './testing/expected-events';
import { readValues } from './testing/read-lines';
import {
  asElasticCommonSchema,
  asEvtx,
  asGetWinEvent5,
  asGetWinEvent7,
  asNxlog,
  asWinlogbeat6,
  asWinlogbeat8,
  HOST,
  type WrittenEvent,
  type Writer,
} from './testing/write-records';
import {
  asAzureEvent,
  asAzureWindowsEvent,
  asChainsawHunt,
  asEvtxWithSeparateAttributes,
  asFluentBit,
  asFluentd,
  asHayabusa,
  asOldFluentd,
  asSentinelSecurityEvent,
  asXmltodict,
} from './testing/write-shapes';

const WRITERS: Readonly<Record<string, Writer>> = {
  nxlog: asNxlog(),
  'Winlogbeat 6': asWinlogbeat6,
  'Winlogbeat 8': asWinlogbeat8,
  'Get-WinEvent of PowerShell 5': asGetWinEvent5,
  'Get-WinEvent of PowerShell 7': asGetWinEvent7,
  'a converter of .evtx files': asEvtx,
  'a converter of .evtx files with separate attributes': asEvtxWithSeparateAttributes,
  'Chainsaw around the event': asChainsawHunt,
  xmltodict: asXmltodict,
  'fluent-bit': asFluentBit,
  fluentd: asFluentd,
  'the older fluentd': asOldFluentd,
  "Azure Monitor's table Event": asAzureEvent,
  "Azure Monitor's table WindowsEvent": asAzureWindowsEvent,
  Hayabusa: asHayabusa,
};

/** The one event of a log that also has a session for it to belong to. */
async function eventOf(value: unknown): Promise<{ type: string; data: unknown } | undefined> {
  const session = asNxlog()(processStart({ time: '2024-03-04T08:00:00.000Z' }, { recordNumber: 1 }));
  const { sessions } = await readValues([session, value]);
  const event = sessions
    .flatMap(({ events }) => events)
    .find(({ time }) => !time.startsWith('2024-03-04T08:00'));
  if (event) sessionEventSchema.parse(event);
  return event && { type: event.type, data: event.data };
}

async function reasonOf(value: unknown): Promise<string | undefined> {
  const { counts } = await readValues([value]);
  return [...counts.unused.values()][0]?.reason;
}

describe.each(Object.entries(WRITERS))('CCL-9: written by %s', (_name, write) => {
  const rows = EXPECTED.map(
    (expected) => [`${expected.event.provider} ${expected.event.eventId}`, expected] as const,
  );

  test.each(rows)('CCL-7: %s becomes the event of the table', async (_, { event, type, data }) => {
    expect(await eventOf(write({ ...event, recordNumber: 17 }))).toEqual({ type, data });
  });
});

const audits = EXPECTED.filter(({ event }) => event.channel === 'Security');
test.each(audits.map((expected) => [expected.event.eventId, expected] as const))(
  "CCL-9: event %i becomes the event of the table from Sentinel's table SecurityEvent",
  async (_, { event, type, data }) => {
    expect(await eventOf(asSentinelSecurityEvent(event))).toEqual({ type, data });
  },
);

const moved = EXPECTED.filter((expected) => expected.moved);
test.each(moved.map((expected) => [expected.event.eventId, expected] as const))(
  'event %i becomes the event of the table after Elastic moved its fields',
  async (_, { event, type, data, moved: places = {} }) => {
    expect(await eventOf(asElasticCommonSchema(places)(event))).toEqual({ type, data });
  },
);

test('every row of the table has an event here', () => {
  const shown = new Set(EXPECTED.map(({ event, type }) => `${event.eventId} ${type}`));
  const listed = EVENT_TABLE.flatMap((row) => row.ids.map((id) => `${id} ${row.type}`));
  expect([...new Set(listed)].filter((row) => !shown.has(row))).toEqual([]);
});

test.each(['SECURITY', 'security', 'Security'])(
  'a channel written %s is the Security log',
  async (channel) => {
    const event = securityEvent(4725, [['TargetUserName', 'mira'], ...subject()], { channel });
    expect(await eventOf(asNxlog()(event))).toEqual({
      type: 'userAccountModification',
      data: { userName: 'mira' },
    });
  },
);

describe('a Sysmon 12 whose operation the forwarder overwrote', () => {
  const lost = (more: Partial<WrittenEvent>): Record<string, unknown> => ({
    ...asNxlog()({
      ...registryEvent(12, 'DeleteKey', 'HKLM\\SOFTWARE\\Example'),
      message: undefined,
      ...more,
    }),
    EventType: 'INFO',
  });

  test('is counted with the reason, not guessed', async () => {
    expect(await eventOf(lost({}))).toBeUndefined();
    expect(await reasonOf(lost({}))).toBe('the forwarder lost which operation it was');
  });

  test('is known again by its message', async () => {
    const message =
      'Registry object added or deleted:\r\nRuleName: -\r\nEventType: DeleteKey\r\nUtcTime: 2024-03-04 09:15:02.250';
    expect((await eventOf(lost({ message })))?.type).toBe('registryDelete');
  });

  test('is lost as well when the field is gone altogether', async () => {
    const { EventType: _, ...record } = lost({});
    expect(await reasonOf({ ...record, EventTypeOrignal: 'INFO' })).toBe(
      'the forwarder lost which operation it was',
    );
  });
});

test('a Sysmon 13 whose operation was overwritten is a value being set all the same', async () => {
  const record = { ...asNxlog()(registryEvent(13, 'SetValue', 'HKLM\\SOFTWARE\\A\\b')), EventType: 'INFO' };
  expect(await eventOf(record)).toEqual({
    type: 'registrySetValue',
    data: { keyName: 'HKLM\\SOFTWARE\\A', valueName: 'b' },
  });
});

test.each([
  [
    'a device that is not on USB',
    securityEvent(6416, [
      ...subject(),
      ['DeviceId', 'SWD\\RemoteDisplayEnum\\RdpIdd'],
      ['DeviceDescription', 'Display'],
    ]),
    'not a USB device',
  ],
  [
    'a failed installation',
    applicationEvent('MsiInstaller', 1033, ['Example Tools', '1', '1033', '1603', 'Example Ltd', ''], ''),
    'the installation failed',
  ],
  [
    'a logon over the network',
    securityEvent(4624, [
      ['TargetLogonId', '0x77'],
      ['LogonType', '3'],
    ]),
    'not a remote desktop logon',
  ],
  [
    'a connection to another port',
    sysmonEvent(3, [...process('C:\\a.exe'), ['DestinationPort', '443']]),
    'not a remote desktop connection',
  ],
  ['an event that is not in the table', sysmonEvent(7, process('C:\\a.exe')), 'not a session event'],
  [
    'a record of another program under the same id',
    applicationEvent('Example Proxy', 1002, ['x'], 'x'),
    'not a session event',
  ],
])('%s makes no event', async (_, event, reason) => {
  expect(await reasonOf(asWinlogbeat8(event))).toBe(reason);
});

describe('CCL-9: a record whose header is read and whose event data are not', () => {
  const events = EXPECTED.map(({ event }) => event).filter(({ channel }) => channel !== 'Application');
  const all = [...events, logoff('0x4c2a1', '2'), securityEvent(4800, [])];

  test.each(all.map((event) => [event.eventId, event] as const))(
    '%i is no event, and has no other reason',
    async (_, event) => {
      const unread = { ...asWinlogbeat8({ ...event, message: 'A text in a language.' }) };
      const withForeignNames = {
        ...unread,
        winlog: { ...(unread.winlog as object), event_data: { 'Nom de compte': 'x' } },
      };
      expect(await reasonOf(withForeignNames)).toBe('event data not understood');
    },
  );

  test.each(['MsiInstaller', 'Application Error', 'Application Hang'])(
    'of %s is no event',
    async (provider) => {
      const ids = { MsiInstaller: 11707, 'Application Error': 1000, 'Application Hang': 1002 } as const;
      const event = applicationEvent(provider, ids[provider as keyof typeof ids], [], 'Something happened');
      expect(await reasonOf(asWinlogbeat8({ ...event, strings: undefined }))).toBe(
        'event data not understood',
      );
    },
  );

  test('has what a short -Depth left of it, and no field is made of the name of a class', async () => {
    const record = {
      ...asGetWinEvent5(securityEvent(4688, [])),
      Properties: [
        'System.Diagnostics.Eventing.Reader.EventProperty',
        'System.Diagnostics.Eventing.Reader.EventProperty',
      ],
    };
    expect(await reasonOf(record)).toBe('event data not understood');
  });
});

test.each(['WEC2-Process-Execution', 'ForwardedEvents', ''])(
  'CCL-9: a collector that calls its channel “%s” does not hide which program wrote the record',
  async (channel) => {
    for (const { event, type, data } of EXPECTED)
      expect(await eventOf(asNxlogWithStrings({ ...event, channel }))).toEqual({ type, data });
  },
);

/** nxlog has the message alone where the strings have no names. */
function asNxlogWithStrings(event: WrittenEvent): unknown {
  return { ...asNxlog()(event), ...(event.strings && { EventData: event.strings }) };
}

test('CCL-9: times that are not understood are no missing ones', async () => {
  const { EventTime: _, '@timestamp': __, UtcTime: ___, ...record } = asNxlog()(processStart());
  expect(await reasonOf(record)).toBe('the record has no time');
  expect(await reasonOf({ ...record, EventTime: 'vor einer Stunde' })).toBe('its time is not understood');
});

test('CCL-9: a table of Azure Monitor, as its API answers it, is a row a record', async () => {
  const written = asAzureWindowsEvent(processStart());
  const columns = Object.keys(written).map((name) => ({ name, type: 'string' }));
  const answer = { tables: [{ name: 'PrimaryResult', columns, rows: [Object.values(written)] }] };
  expect((await eventOf(answer))?.type).toBe('appStart');
});

test('a device of which early Windows 10 logs only the hardware ids is identified by them', async () => {
  const early = securityEvent(6416, [
    ...subject(),
    ['ClassId', '{4d36e967-e325-11ce-bfc1-08002be10318}'],
    ['VendorIds', 'USB\\VID_1234&PID_0001'],
    ['CompatibleIds', '-'],
    ['LocationInformation', '-'],
  ]);
  expect(await eventOf(asGetWinEvent5(early))).toEqual({
    type: 'genericUsb',
    data: { deviceName: 'USB\\VID_1234&PID_0001' },
  });
});

test('a member of a local group, logged by SID only, gets the name from another record', async () => {
  const sid = 'S-1-5-21-1004-2008-3012-1190';
  const values = [
    processStart(),
    securityEvent(4732, [
      ['MemberName', '-'],
      ['MemberSid', sid],
      ['TargetUserName', 'Administrators'],
      ...subject(),
    ]),
    securityEvent(4720, [['TargetUserName', 'mira'], ['TargetSid', sid], ...subject()]),
  ].map(asNxlog());
  const { sessions } = await readValues(values);
  const names = sessions[0]?.events.flatMap(({ data }) => data.userName ?? []);
  expect(names).toEqual(['mira', 'mira']);
});

describe('the versions of Sysmon', () => {
  const start = processStart();
  const without = (...names: string[]): WrittenEvent => ({
    ...start,
    data: start.data.filter(([name]) => !names.includes(name)),
  });

  test.each([
    ['13.30', start],
    ['10', without('ParentUser')],
    ['8', without('ParentUser', 'OriginalFileName')],
    ['7', without('ParentUser', 'OriginalFileName', 'RuleName')],
  ])('%s is read by position', async (_, event) => {
    expect(await eventOf(asGetWinEvent5(event))).toEqual({
      type: 'appStart',
      data: {
        appName: 'viewer.exe',
        commandLine: '"C:\\Program Files\\Example\\viewer.exe" --open "D:\\a b.pdf"',
        processId: 8168,
        parentProcessId: 5012,
        parentAppName: 'explorer.exe',
      },
    });
  });

  test('that is not known is read from the message', async () => {
    const message = ['Process Create:', ...start.data.map(([name, value]) => `${name}: ${value}`)].join(
      '\r\n',
    );
    const unknown = { ...start, data: [...start.data, ['Novelty', 'x'] as const], message };
    expect((await eventOf(asGetWinEvent5(unknown)))?.data).toMatchObject({ appName: 'viewer.exe' });
  });

  test('whose values were cut off with -Depth are read from the message', async () => {
    const message =
      'File created:\r\nUtcTime: 2024-03-04 09:15:02.250\r\nImage: C:\\a.exe\r\nTargetFilename: D:\\b.txt';
    const record = {
      ...asGetWinEvent5({ ...sysmonEvent(11, []), message }),
      Properties: 'System.Diagnostics.EventProperty',
    };
    expect(await eventOf(record)).toEqual({ type: 'fileCreate', data: { path: 'D:\\b.txt' } });
  });
});

test('event data that come as JSON or XML text are read', async () => {
  const header = {
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider: 'Microsoft-Windows-Sysmon',
    EventID: 11,
    Computer: HOST,
    TimeGenerated: '2024-03-04T09:15:02.25Z',
  };
  const path = 'D:\\a & b.txt';
  const json = {
    ...header,
    EventData: JSON.stringify({ UtcTime: '2024-03-04T09:15:02.2500000Z', TargetFilename: path }),
  };
  const xml = {
    ...header,
    EventData: `<EventData><Data Name="TargetFilename">D:\\a &amp; b.txt</Data><Data Name="X">-</Data></EventData>`,
  };
  expect((await eventOf(json))?.data).toEqual({ path });
  expect((await eventOf(xml))?.data).toEqual({ path });
});

test('texts longer than the service takes are cut', async () => {
  const event = processStart({ commandLine: 'x'.repeat(40_000) });
  const { sessions } = await readValues([asNxlog()(event)]);
  expect(sessions[0]?.events[0]?.data.commandLine).toHaveLength(32_767);
});
