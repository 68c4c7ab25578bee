/**
 * Records whose event data lie beside the header in one flat object: nxlog's `im_msvistalog` with `to_json`, and the exporters
 * that keep its names with `TimeCreated` (PowerShell scripts) or with `EventData` as text (Azure Monitor's tables).
 */
import { parseClock, parseUtc } from './event-time';
import { eventDataFromText, unnamedParameters } from './event-data';
import { eventIdAt, isObject, type JsonObject, textAt, textFields } from './json-values';
import { accountName, type EventDetails, type LogRecord, textOf } from './log-record';

export function readFlatRecord(value: JsonObject): LogRecord | undefined {
  const eventId = eventIdAt(value, 'EventID', 'EventId');
  const channel = textAt(value, 'Channel', 'EventLog');
  const provider = textAt(value, 'SourceName', 'ProviderName', 'Provider', 'EventSourceName', 'Source');
  const host = textAt(value, 'Hostname', 'HostName', 'Computer', 'MachineName', 'ComputerName');
  if (eventId === undefined || host === undefined || (channel ?? provider) === undefined) return undefined;
  const nested = nestedEventData(value);
  return {
    dialect: 'nxlog',
    channel: channel ?? '',
    provider: provider ?? '',
    eventId,
    host,
    recordNumber: textAt(value, 'RecordNumber', 'EventRecordID', 'RecordId', 'EventRecordId'),
    times: {
      utc: parseUtc(value.UtcTime ?? nested?.fields.UtcTime),
      logged: parseClock(value.TimeCreated) ?? parseClock(value.EventTime),
      stamped: parseUtc(value['@timestamp']) ?? parseUtc(value.TimeGenerated),
    },
    details: () => flatDetails(value, nested),
  };
}

type NestedData = Pick<EventDetails, 'fields' | 'unnamed'>;

function nestedEventData(value: JsonObject): NestedData | undefined {
  const data = value.EventData;
  if (typeof data === 'string') return eventDataFromText(data);
  return isObject(data) ? { fields: textFields(data), unnamed: unnamedParameters(data) } : undefined;
}

function flatDetails(value: JsonObject, nested: NestedData | undefined): EventDetails {
  const unnamed = unnamedParameters(value);
  return {
    fields: { ...textFields(value), ...nested?.fields },
    unnamed: unnamed.length > 0 ? unnamed : (nested?.unnamed ?? []),
    message: textOf(value.Message) ?? '',
    account: {
      name: accountName(textAt(value, 'Domain'), textAt(value, 'AccountName')),
      sid: textAt(value, 'UserID'),
    },
  };
}
