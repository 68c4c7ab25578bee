/** For tests: writes one event in the format of each program. */

export interface WrittenEvent {
  readonly channel: string;
  readonly provider: string;
  readonly eventId: number;
  readonly host?: string;
  readonly recordNumber?: number;
  /** RFC 3339, UTC, with milliseconds. */
  readonly time: string;
  /** Names and values in the event's order; values as the event log shows them. */
  readonly data: readonly (readonly [name: string, value: string])[];
  /** Strings without names, for the events that have such. */
  readonly strings?: readonly string[];
  readonly message?: string;
}

export type Writer = (event: WrittenEvent) => Record<string, unknown>;

export const HOST = 'DESK-11.example.test';

/** As nxlog writes it: flat, the log's time local and without fraction, the stamp two seconds later. */
export function asNxlog(offsetMinutes = 60): Writer {
  return (event) => ({
    EventTime: local(event.time, offsetMinutes).slice(0, 19),
    Hostname: event.host ?? HOST,
    EventType: event.channel === 'Security' ? 'AUDIT_SUCCESS' : 'INFO',
    EventID: event.eventId,
    SourceName: event.provider,
    Channel: event.channel,
    ...(event.recordNumber !== undefined && { RecordNumber: event.recordNumber }),
    SourceModuleType: 'im_msvistalog',
    '@timestamp': new Date(Date.parse(event.time) + 2_000).toISOString(),
    ...(event.message !== undefined && { Message: event.message }),
    ...Object.fromEntries(event.data),
  });
}

/** As Winlogbeat 6 writes it. */
export const asWinlogbeat6: Writer = (event) => ({
  '@timestamp': event.time,
  type: 'wineventlog',
  log_name: event.channel,
  source_name: event.provider,
  event_id: event.eventId,
  computer_name: event.host ?? HOST,
  ...(event.recordNumber !== undefined && { record_number: String(event.recordNumber) }),
  beat: { name: 'collector', hostname: 'collector' },
  host: { name: 'collector' },
  user: { name: 'SYSTEM', domain: 'NT AUTHORITY', identifier: 'S-1-5-18' },
  event_data: { ...Object.fromEntries(event.data), ...parameters(event) },
  ...(event.message !== undefined && { message: event.message }),
});

/** As Winlogbeat 8 writes it. */
export const asWinlogbeat8: Writer = (event) => ({
  '@timestamp': event.time,
  event: { code: String(event.eventId), provider: event.provider, kind: 'event' },
  host: { name: 'collector' },
  winlog: {
    channel: event.channel,
    provider_name: event.provider,
    event_id: String(event.eventId),
    computer_name: event.host ?? HOST,
    ...(event.recordNumber !== undefined && { record_id: event.recordNumber }),
    event_data: { ...Object.fromEntries(event.data), ...parameters(event) },
  },
  ...(event.message !== undefined && { message: event.message }),
});

/** As Elastic's pipelines leave it: parts of the event data in the common schema, `moved` by their path there. */
export function asElasticCommonSchema(moved: Readonly<Record<string, string>>): Writer {
  return (event) => {
    const written = asWinlogbeat8(event);
    const rest = event.data.filter(([name]) => !Object.hasOwn(moved, name) && name !== 'UtcTime');
    const common: Record<string, unknown> = {};
    for (const [name, value] of event.data) {
      const path = moved[name];
      if (path !== undefined) setAt(common, path.split('.'), value);
    }
    return {
      ...written,
      ...common,
      winlog: { ...(written.winlog as object), event_data: Object.fromEntries(rest) },
    };
  };
}

/** As PowerShell 5 writes what `Get-WinEvent` returns: no names, numbers as numbers, SIDs as objects, dates of its own. */
export const asGetWinEvent5: Writer = (event) => ({
  ...getWinEventHeader(event),
  TimeCreated: `/Date(${Date.parse(event.time)})/`,
  Properties: valuesOf(event).map(([name, value]) => ({ Value: typed(name, value) })),
});

/** As PowerShell 7 writes it. */
export const asGetWinEvent7: Writer = (event) => ({
  ...getWinEventHeader(event),
  TimeCreated: `${local(event.time, 120).replace(' ', 'T')}0000+02:00`,
  Properties: valuesOf(event).map(([, value]) => ({ Value: value })),
});

/** As converters of `.evtx` files write it. */
export const asEvtx: Writer = (event) => ({
  Event: {
    System: {
      Provider: { '#attributes': { Name: event.provider } },
      EventID: event.eventId,
      Channel: event.channel,
      Computer: event.host ?? HOST,
      ...(event.recordNumber !== undefined && { EventRecordID: event.recordNumber }),
      TimeCreated: { '#attributes': { SystemTime: event.time } },
    },
    EventData: event.strings ? { Data: { '#text': event.strings } } : Object.fromEntries(event.data),
  },
});

function getWinEventHeader(event: WrittenEvent): Record<string, unknown> {
  return {
    Message: event.message ?? null,
    Id: event.eventId,
    ProviderName: event.provider,
    LogName: event.channel,
    MachineName: event.host ?? HOST,
    ...(event.recordNumber !== undefined && { RecordId: event.recordNumber }),
    UserId: { BinaryLength: 12, AccountDomainSid: null, Value: 'S-1-5-18' },
    LevelDisplayName: 'Information',
  };
}

function valuesOf(event: WrittenEvent): readonly (readonly [string, string])[] {
  return event.strings?.map((text) => ['', text] as const) ?? event.data;
}

function parameters(event: WrittenEvent): Record<string, string> {
  return Object.fromEntries((event.strings ?? []).map((text, index) => [`param${index + 1}`, text]));
}

/** `2024-03-04 10:15:02.250`, the clock on the wall. */
function local(time: string, offsetMinutes: number): string {
  return new Date(Date.parse(time) + offsetMinutes * 60_000).toISOString().replace('T', ' ').replace('Z', '');
}

function typed(name: string, value: string): unknown {
  if (/Sid$/.test(name)) return { BinaryLength: 28, AccountDomainSid: null, Value: value };
  if (/^0x[0-9a-f]+$/i.test(value) || /^\d{1,9}$/.test(value)) return Number(value);
  if (value === 'true' || value === 'false') return value === 'true';
  return /Guid$/.test(name) ? value.replace(/[{}]/g, '') : value;
}

function setAt(target: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = (target[head] ?? {}) as Record<string, unknown>;
  target[head] = inner;
  setAt(inner, rest, value);
}
