/** Records as `Get-WinEvent | ConvertTo-Json` writes them: event data are positional, times take three forms. */
import { parseUtc } from './clock-text';
import { eventIdAt, isObject, type JsonObject, textAt, valueAt } from './json-values';
import { type LogRecord, sourceOf, textOf } from './log-record';
import { recordTimes } from './record-times';

/** Sysmon writes its own time as one of the first three values. */
const UTC_TIME_PLACES = 3;

export function readGetWinEventRecord(value: JsonObject): LogRecord | undefined {
  const eventId = eventIdAt(value, 'Id');
  const channel = textAt(value, 'LogName');
  const host = textAt(value, 'MachineName');
  if (eventId === undefined || channel === undefined || host === undefined) return undefined;
  const header = {
    dialect: 'get-winevent',
    channel,
    provider: textAt(value, 'ProviderName') ?? '',
    eventId,
    host,
  } as const;
  const unnamed = positionalValues(value.Properties);
  return {
    ...header,
    recordNumber: textAt(value, 'RecordId'),
    times: recordTimes({
      utc: sourceOf(header) === 'sysmon' ? sysmonTime(unnamed) : undefined,
      logged: [powerShellDate(value.TimeCreated)],
    }),
    details: () => ({
      fields: {},
      unnamed,
      message: textOf(value.Message) ?? '',
      // A SecurityIdentifier is an object with the SID in `Value`.
      account: { sid: textAt(value, 'UserId.Value', 'UserId') },
    }),
  };
}

function sysmonTime(unnamed: readonly string[]): string | undefined {
  return unnamed.slice(0, UTC_TIME_PLACES).find((text) => parseUtc(text) !== undefined);
}

/** `TimeCreated` as PowerShell 7 (ISO 8601), 5 (`/Date(…)/`), or 5 with its extra members (`{ value, DateTime, … }`) writes it. */
function powerShellDate(value: unknown): unknown {
  return isObject(value) ? (value.value ?? value.Value) : value;
}

/** The values in order, `Properties: [{ "Value": … }]`; a list cut short by `-Depth` yields none. */
function positionalValues(properties: unknown): string[] {
  if (!Array.isArray(properties) || properties.some(isNameOfClass)) return [];
  const values = (properties as unknown[]).map((property) =>
    isObject(property) ? property.Value : property,
  );
  return values.map((value) => textOf(isObject(value) ? valueAt(value, 'Value') : value) ?? '');
}

/** What `ConvertTo-Json` writes in place of objects that lie deeper than `-Depth`. */
function isNameOfClass(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('System.Diagnostics.');
}
