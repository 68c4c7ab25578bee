/** Records as converters of `.evtx` files write them: the event's XML as JSON, attributes under `#attributes` or `@`. */
import { unnamedParameters } from './event-data';
import { parseClock, parseUtc } from './event-time';
import { eventIdAt, isObject, type JsonObject, textAt, textFields, valueAt } from './json-values';
import { type LogRecord, textOf } from './log-record';

export function readEvtxRecord(value: JsonObject): LogRecord | undefined {
  const event = isObject(value.Event) ? value.Event : undefined;
  const system = event && isObject(event.System) ? event.System : undefined;
  if (!event || !system) return undefined;
  const eventId = eventIdAt(system, 'EventID', 'EventID.#text');
  const channel = textAt(system, 'Channel');
  const host = textAt(system, 'Computer');
  if (eventId === undefined || channel === undefined || host === undefined) return undefined;
  const data = isObject(event.EventData) ? event.EventData : {};
  return {
    dialect: 'evtx',
    channel,
    provider: textAt(system, 'Provider.#attributes.Name', 'Provider.@Name') ?? '',
    eventId,
    host,
    recordNumber: textAt(system, 'EventRecordID'),
    times: {
      utc: parseUtc(data.UtcTime),
      logged: parseClock(
        valueAt(system, 'TimeCreated.#attributes.SystemTime') ?? valueAt(system, 'TimeCreated.@SystemTime'),
      ),
    },
    details: () => ({
      fields: textFields(data),
      unnamed: unnamedValues(data),
      message: '',
      account: { sid: textAt(system, 'Security.#attributes.UserID', 'Security.@UserID') },
    }),
  };
}

function unnamedValues(data: JsonObject): string[] {
  const values = isObject(data.Data) ? data.Data['#text'] : data.Data;
  return Array.isArray(values)
    ? (values as unknown[]).map((value) => textOf(value) ?? '')
    : unnamedParameters(data);
}
