/**
 * Records as converters of `.evtx` files write them: the event's XML as JSON, attributes under `#attributes`, under `@…`
 * (xmltodict), or beside the element (`evtx_dump --separate-json-attributes`, Chainsaw).
 */
import { parseUtc } from './clock-text';
import { readEventData } from './event-data';
import { eventIdAt, isObject, type JsonObject, textAt, valueAt } from './json-values';
import { type LogRecord, textOf } from './log-record';
import { recordTimes } from './record-times';

export function readEvtxRecord(value: JsonObject): LogRecord | undefined {
  const event = isObject(value.Event) ? value.Event : value;
  const system = isObject(event.System) ? event.System : undefined;
  if (!system) return undefined;
  const eventId = eventIdAt(system, 'EventID', 'EventID.#text');
  const channel = textAt(system, 'Channel');
  const host = textAt(system, 'Computer');
  if (eventId === undefined || channel === undefined || host === undefined) return undefined;
  const data = readEventData(event.EventData);
  return {
    dialect: 'evtx',
    channel,
    provider: attribute(system, 'Provider', 'Name') ?? '',
    eventId,
    host,
    recordNumber: textAt(system, 'EventRecordID'),
    times: recordTimes({ utc: data.fields.UtcTime, logged: [systemTime(system)] }),
    details: () => ({
      ...data,
      message: textOf(valueAt(event, 'RenderingInfo.Message')) ?? '',
      account: { sid: attribute(system, 'Security', 'UserID') },
    }),
  };
}

function attribute(system: JsonObject, element: string, name: string): string | undefined {
  return textAt(
    system,
    `${element}.#attributes.${name}`,
    `${element}_attributes.${name}`,
    `${element}.@${name}`,
    `${element}.${name}`,
  );
}

/** UTC by definition, so a converter that leaves the letter out means it. */
function systemTime(system: JsonObject): string | undefined {
  const text = attribute(system, 'TimeCreated', 'SystemTime') ?? textAt(system, 'TimeCreated');
  return text !== undefined && parseUtc(`${text}Z`) !== undefined ? `${text}Z` : text;
}
