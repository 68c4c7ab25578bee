/**
 * Records whose event data lie beside the header in one flat object: nxlog's `im_msvistalog` with `to_json`, the exporters
 * that keep its names, fluent-bit and fluentd (strings in a list), Azure Monitor's tables, Hayabusa's timelines.
 */
import { readEventData, unnamedParameters } from './event-data';
import { eventIdAt, isObject, type JsonObject, textAt, textFields } from './json-values';
import { accountName, type EventDetails, type LogRecord, textOf } from './log-record';
import { recordTimes } from './record-times';

/** Names of one thing, best first. */
const NAMES = {
  eventId: ['EventID', 'EventId', 'event_id'],
  channel: ['Channel', 'EventLog', 'channel'],
  provider: ['SourceName', 'ProviderName', 'Provider', 'EventSourceName', 'Source', 'source_name'],
  host: ['Hostname', 'HostName', 'Computer', 'MachineName', 'ComputerName', 'computer_name'],
  recordNumber: [
    'RecordNumber',
    'EventRecordID',
    'RecordId',
    'EventRecordId',
    'RecordID',
    'record_number',
    'Index',
  ],
  message: ['Message', 'RenderedDescription', 'Description', 'message', 'description'],
} as const;

/** Where event data are by themselves: by name, or as strings in the event's order. */
const DATA_NAMES = [
  'EventData',
  'AllFieldInfo',
  'StringInserts',
  'string_inserts',
  'ReplacementStrings',
  'RawEventData',
  'ParameterXml',
] as const;

const STAMP_NAMES = [
  '@timestamp',
  'TimeGenerated',
  'TimeGenerated [UTC]',
  'time_generated',
  'Timestamp',
  'timestamp',
  'date',
] as const;

/** How Hayabusa shortens the names of channels. */
const SHORT_CHANNELS: Readonly<Record<string, string>> = {
  sec: 'Security',
  sys: 'System',
  app: 'Application',
  sysmon: 'Microsoft-Windows-Sysmon/Operational',
};

export function readFlatRecord(value: JsonObject): LogRecord | undefined {
  const eventId = eventIdAt(value, ...NAMES.eventId);
  const channel = textAt(value, ...NAMES.channel);
  const provider = textAt(value, ...NAMES.provider);
  const host = textAt(value, ...NAMES.host);
  if (eventId === undefined || host === undefined || (channel ?? provider) === undefined) return undefined;
  const nested = nestedEventData(value);
  return {
    dialect: 'nxlog',
    channel: SHORT_CHANNELS[channel?.toLowerCase() ?? ''] ?? channel ?? '',
    provider: provider ?? '',
    eventId,
    host,
    recordNumber: textAt(value, ...NAMES.recordNumber),
    times: recordTimes({
      utc: value.UtcTime ?? nested.fields.UtcTime,
      logged: [created(value.TimeCreated), value.EventTime],
      stamped: STAMP_NAMES.map((name) => value[name]),
    }),
    details: () => flatDetails(value, nested),
  };
}

/** `TimeCreated` as text, or as the object that a converter of XML or PowerShell makes of it. */
function created(value: unknown): unknown {
  return isObject(value) ? (textAt(value, 'SystemTime', '@SystemTime', 'value') ?? '') : value;
}

type NestedData = Pick<EventDetails, 'fields' | 'unnamed'>;

function nestedEventData(value: JsonObject): NestedData {
  const empty: NestedData = { fields: {}, unnamed: [] };
  const all = DATA_NAMES.filter((name) => Object.hasOwn(value, name)).map((name) =>
    readEventData(value[name]),
  );
  return all.find(({ fields, unnamed }) => Object.keys(fields).length + unnamed.length > 0) ?? empty;
}

function flatDetails(value: JsonObject, nested: NestedData): EventDetails {
  const unnamed = unnamedParameters(value);
  return {
    fields: { ...textFields(value), ...nested.fields },
    unnamed: unnamed.length > 0 ? unnamed : nested.unnamed,
    message: textOf(textAt(value, ...NAMES.message)) ?? '',
    account: {
      name: accountName(textAt(value, 'Domain'), textAt(value, 'AccountName')),
      sid: textAt(value, 'UserID', 'Sid'),
    },
  };
}
