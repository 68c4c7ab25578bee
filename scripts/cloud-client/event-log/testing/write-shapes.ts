/** For tests: writes one event in the shapes of converters, collectors and tables. */
import { HOST, type WrittenEvent, type Writer } from './write-records';

const values = (event: WrittenEvent): readonly string[] =>
  event.strings ?? event.data.map(([, value]) => value);

const named = (event: WrittenEvent): Record<string, string> => Object.fromEntries(event.data);

const optional = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value };

/** As `evtx_dump --separate-json-attributes` and Chainsaw's dump write it. */
export const asEvtxWithSeparateAttributes: Writer = (event) => ({
  Event: {
    System: {
      Provider_attributes: { Name: event.provider },
      EventID: event.eventId,
      EventID_attributes: { Qualifiers: 0 },
      TimeCreated_attributes: { SystemTime: event.time },
      ...optional('EventRecordID', event.recordNumber),
      Channel: event.channel,
      Computer: event.host ?? HOST,
      Security_attributes: { UserID: 'S-1-5-18' },
    },
    EventData: event.strings ? { Data: event.strings } : named(event),
  },
});

/** As Chainsaw's hunt writes it, around the event. */
export const asChainsawHunt: Writer = (event) => ({
  group: 'Example',
  kind: 'individual',
  name: 'A rule of the example',
  timestamp: event.time,
  document: { kind: 'evtx', path: 'example.evtx', data: asEvtxWithSeparateAttributes(event) },
});

/** As Python's xmltodict makes it of the event's XML. */
export const asXmltodict: Writer = (event) => ({
  Event: {
    '@xmlns': 'http://schemas.microsoft.com/win/2004/08/events/event',
    System: {
      Provider: { '@Name': event.provider },
      EventID: { '@Qualifiers': '', '#text': String(event.eventId) },
      TimeCreated: { '@SystemTime': event.time.replace('T', ' ').replace('Z', '') },
      ...optional('EventRecordID', event.recordNumber?.toString()),
      Channel: event.channel,
      Computer: event.host ?? HOST,
      Security: { '@UserID': 'S-1-5-18' },
    },
    EventData: {
      Data: event.strings ?? event.data.map(([name, value]) => ({ '@Name': name, '#text': value })),
    },
  },
});

/** As fluent-bit's `winevtlog` writes it: strings in the event's order, local time with its offset. */
export const asFluentBit: Writer = (event) => ({
  ProviderName: event.provider,
  EventID: event.eventId,
  Version: 2,
  TimeCreated: `${new Date(Date.parse(event.time) + 3_600_000).toISOString().slice(0, 23).replace('T', ' ')} +0100`,
  ...optional('EventRecordID', event.recordNumber),
  ProcessID: 700,
  Channel: event.channel,
  Computer: event.host ?? HOST,
  UserID: '',
  Message: event.message ?? '',
  StringInserts: values(event),
});

/** As fluentd's `in_windows_eventlog2` writes it. */
export const asFluentd: Writer = (event) => ({
  ProviderName: event.provider,
  EventID: String(event.eventId),
  Level: '0',
  TimeCreated: event.time.replaceAll('-', '/').replace('T', ' ').replace('Z', ''),
  ...optional('EventRecordID', event.recordNumber?.toString()),
  Channel: event.channel,
  Computer: event.host ?? HOST,
  Description: event.message ?? '',
  EventData: values(event),
});

/** As fluentd's older `in_windows_eventlog` writes it. */
export const asOldFluentd: Writer = (event) => ({
  channel: event.channel.toLowerCase(),
  source_name: event.provider,
  event_id: String(event.eventId),
  computer_name: event.host ?? HOST,
  ...optional('record_number', event.recordNumber?.toString()),
  time_generated: event.time.replace('T', ' ').replace('Z', ' +0000'),
  description: event.message ?? '',
  string_inserts: values(event),
});

/** As Azure Monitor's table `Event` has it: the event's XML. */
export const asAzureEvent: Writer = (event) => ({
  TimeGenerated: event.time,
  Source: event.provider,
  EventLog: event.channel,
  Computer: event.host ?? HOST,
  EventID: event.eventId,
  ...optional('EventRecordId', event.recordNumber?.toString()),
  RenderedDescription: event.message ?? '',
  UserName: 'N/A',
  EventData: `<DataItem type="System.XmlData" time="${event.time}"><EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">${elements(event)}</EventData></DataItem>`,
  Type: 'Event',
});

/** As Azure Monitor's table `WindowsEvent` has it. */
export const asAzureWindowsEvent: Writer = (event) => ({
  TimeGenerated: event.time,
  Provider: event.provider,
  Channel: event.channel,
  Computer: event.host ?? HOST,
  EventID: event.eventId,
  ...optional('EventRecordId', event.recordNumber?.toString()),
  EventData: event.strings ? { Data: event.strings } : named(event),
  Type: 'WindowsEvent',
});

/** As Sentinel's table `SecurityEvent` has it: a column for each value. */
export const asSentinelSecurityEvent: Writer = (event) => ({
  'TimeGenerated [UTC]': americanTime(event.time),
  Account: 'EXAMPLE\\dana',
  Computer: event.host ?? HOST,
  EventSourceName: event.provider,
  Channel: event.channel,
  EventID: event.eventId,
  Activity: `${event.eventId} - An activity of the example.`,
  ...optional('EventRecordId', event.recordNumber?.toString()),
  ...named(event),
  Type: 'SecurityEvent',
});

/** As Hayabusa's timelines have it, with a profile that keeps provider and all fields. */
export const asHayabusa: Writer = (event) => ({
  Timestamp: event.time.replace('T', ' ').replace('Z', ' +00:00'),
  RuleTitle: 'A rule of the example',
  Computer: event.host ?? HOST,
  Channel: SHORT_CHANNELS[event.channel] ?? event.channel,
  EventID: event.eventId,
  ...optional('RecordID', event.recordNumber),
  Provider: event.provider,
  AllFieldInfo: event.strings ? { Data: event.strings } : named(event),
});

const SHORT_CHANNELS: Readonly<Record<string, string>> = {
  Security: 'Sec',
  'Microsoft-Windows-Sysmon/Operational': 'Sysmon',
  Application: 'App',
};

function elements(event: WrittenEvent): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  if (event.strings) return event.strings.map((text) => `<Data>${escaped(text)}</Data>`).join('');
  return event.data.map(([name, value]) => `<Data Name="${name}">${escaped(value)}</Data>`).join('');
}

/** `3/4/2024, 9:15:02.250 AM`. */
function americanTime(time: string): string {
  const at = new Date(time);
  const [hour, rest] = [at.getUTCHours(), time.slice(13, 23)];
  const date = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}`;
  return `${date}, ${hour % 12 || 12}${rest} ${hour < 12 ? 'AM' : 'PM'}`;
}
