/**
 * Records as Winlogbeat sends them: 6 (`log_name`, `event_data`), 7 and 8 (`winlog.*`), and 8 after Elastic's own pipelines, which
 * move event data into the Elastic Common Schema.
 */
import { unnamedParameters } from './event-data';
import { eventIdAt, isObject, type JsonObject, textAt, textFields, valueAt } from './json-values';
import { accountName, type EventDetails, type LogRecord, sourceOf, textOf } from './log-record';
import { recordTimes } from './record-times';

/** Where the pipelines of the Sysmon and Security modules put event data, by the name it had before. */
const MOVED_BY_SYSMON_PIPELINE = {
  Image: 'process.executable',
  CommandLine: 'process.command_line',
  ProcessGuid: 'process.entity_id',
  ProcessId: 'process.pid',
  TargetObject: 'registry.path',
  TargetFilename: 'file.path',
  SourceIp: 'source.ip',
  DestinationIp: 'destination.ip',
  DestinationPort: 'destination.port',
} as const;

const MOVED_BY_SECURITY_PIPELINE: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  4624: { IpAddress: 'source.ip' },
  4688: {
    NewProcessName: 'process.executable',
    NewProcessId: 'process.pid',
    CommandLine: 'process.command_line',
  },
  4689: { ProcessName: 'process.executable', ProcessId: 'process.pid' },
};

const EVENT_DATA_PREFIX = 'winlog.event_data.';

export function readWinlogbeatRecord(value: JsonObject): LogRecord | undefined {
  const eventId = eventIdAt(value, 'winlog.event_id', 'event_id');
  const channel = textAt(value, 'winlog.channel', 'log_name');
  const host = textAt(value, 'winlog.computer_name', 'computer_name', 'host.name');
  if (eventId === undefined || channel === undefined || host === undefined) return undefined;
  const header = {
    dialect: 'winlogbeat',
    channel,
    provider: textAt(value, 'winlog.provider_name', 'source_name', 'event.provider') ?? '',
    eventId,
    host,
  } as const;
  const data = eventDataOf(value);
  return {
    ...header,
    recordNumber: textAt(value, 'winlog.record_id', 'record_number'),
    times: recordTimes({
      utc: data.UtcTime,
      logged: [valueAt(value, 'winlog.time_created')],
      stamped: [valueAt(value, '@timestamp')],
    }),
    details: () => winlogbeatDetails(value, data, movedFields(value, header)),
  };
}

function eventDataOf(value: JsonObject): JsonObject {
  const nested = valueAt(value, 'winlog.event_data') ?? value.event_data;
  if (isObject(nested)) return nested;
  const dotted = Object.keys(value).filter((name) => name.startsWith(EVENT_DATA_PREFIX));
  return Object.fromEntries(
    dotted.map((name) => [name.slice(EVENT_DATA_PREFIX.length), valueAt(value, name)]),
  );
}

function winlogbeatDetails(
  value: JsonObject,
  data: JsonObject,
  moved: Record<string, string | undefined>,
): EventDetails {
  return {
    fields: { ...moved, ...textFields(data) },
    unnamed: unnamedParameters(data),
    message: textOf(valueAt(value, 'message')) ?? '',
    account: {
      name: accountName(
        textAt(value, 'winlog.user.domain', 'user.domain'),
        textAt(value, 'winlog.user.name', 'user.name'),
      ),
      sid: textAt(value, 'winlog.user.identifier', 'user.identifier'),
    },
  };
}

function movedFields(
  value: JsonObject,
  header: Pick<LogRecord, 'channel' | 'provider' | 'eventId'>,
): Record<string, string | undefined> {
  // Winlogbeat 6 has a `user` of its own, the one of the header.
  if (!isObject(value.winlog) && !Object.hasOwn(value, 'winlog.channel')) return {};
  if (sourceOf(header) !== 'sysmon') return picked(value, MOVED_BY_SECURITY_PIPELINE[header.eventId] ?? {});
  const direction = textAt(value, 'network.direction');
  return {
    ...picked(value, MOVED_BY_SYSMON_PIPELINE),
    User: accountName(textAt(value, 'user.domain'), textAt(value, 'user.name')),
    Initiated: direction === undefined ? undefined : String(/^(outbound|egress)$/i.test(direction)),
  };
}

function picked(
  value: JsonObject,
  places: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(places).map(([name, place]) => [name, textAt(value, place)]));
}
