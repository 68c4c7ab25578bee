/** A Windows event log record in one shape, whatever program wrote it, and the rules for its values. */

/** The programs whose field names are understood. */
export type Dialect = 'nxlog' | 'winlogbeat' | 'get-winevent' | 'evtx';

/** What a timestamp says about its zone: true UTC, labelled UTC (some exporters label local time so), or local. */
export type ClockZone = 'absolute' | 'labelled-utc' | 'local';

export interface ClockReading {
  /** The reading as if it were UTC, in milliseconds since 1970. */
  readonly milliseconds: number;
  readonly zone: ClockZone;
}

/** The times of a record, best first; see event-time.ts for how one of them is chosen. */
export interface RecordTimes {
  /** Sysmon's own `UtcTime`, milliseconds since 1970. */
  readonly utc?: number;
  /** When the event log received the record (`TimeCreated`, `EventTime`). */
  readonly logged?: ClockReading;
  /** `@timestamp` and the like: the event's time in Winlogbeat, the time of arrival elsewhere. */
  readonly stamped?: number;
  /** Whether the record has a time at all, understood or not. */
  readonly isWritten?: boolean;
}

export interface Account {
  /** `DOMAIN\name`, or the bare name when the record gives no domain. */
  readonly name?: string;
  readonly sid?: string;
}

/** What an event says beyond its header. */
export interface EventDetails {
  /** Named event data. `-`, the event log's empty value, is left out. */
  readonly fields: Fields;
  /** Event data in the event's order, where the writer gave no names; empty text for no value. */
  readonly unnamed: readonly string[];
  /** The rendered text; empty when the writer left it out. */
  readonly message: string;
  /** The account in the record's header. */
  readonly account: Account;
}

export interface LogRecord {
  readonly dialect: Dialect;
  /** As written; compare in lower case. */
  readonly channel: string;
  readonly provider: string;
  readonly eventId: number;
  /** The machine on which the event occurred, never the collector. */
  readonly host: string;
  readonly recordNumber?: string;
  readonly times: RecordTimes;
  /** Read on demand: most records of a log are of no interest. */
  readonly details: () => EventDetails;
}

export type Fields = Readonly<Record<string, string | undefined>>;

export type LogSource = 'sysmon' | 'security' | 'application' | 'system';

const SOURCES_BY_CHANNEL: Readonly<Record<string, LogSource>> = {
  'microsoft-windows-sysmon/operational': 'sysmon',
  security: 'security',
  application: 'application',
  system: 'system',
};

const SOURCES_BY_PROVIDER: Readonly<Record<string, LogSource>> = {
  'microsoft-windows-sysmon': 'sysmon',
  'microsoft-windows-security-auditing': 'security',
  'microsoft-windows-eventlog': 'security',
  msiinstaller: 'application',
  'application error': 'application',
  'application hang': 'application',
  eventlog: 'system',
  'microsoft-windows-kernel-general': 'system',
};

/** Which log a record belongs to: by channel, or by provider where a collector wrote a channel of its own or none. */
export function sourceOf(record: Pick<LogRecord, 'channel' | 'provider'>): LogSource | undefined {
  const channel = record.channel.toLowerCase();
  if (Object.hasOwn(SOURCES_BY_CHANNEL, channel)) return SOURCES_BY_CHANNEL[channel];
  const provider = record.provider.toLowerCase();
  return Object.hasOwn(SOURCES_BY_PROVIDER, provider) ? SOURCES_BY_PROVIDER[provider] : undefined;
}

/** The text of a scalar value; undefined for an empty value (`-` included) and for anything but a scalar. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' || value === '-' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return undefined;
}

/** A process or logon id, which logs write as `0x1fe8` or `8168`, in one form: lower-case hexadecimal. */
export function normaliseId(value: string | undefined): string | undefined {
  const text = value?.trim();
  if (!text || !/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text)) return undefined;
  return `0x${BigInt(text).toString(16)}`;
}

/** A GUID with or without braces, in lower case; undefined for the empty one. */
export function normaliseGuid(value: string | undefined): string | undefined {
  const guid = value?.replace(/[{}\s]/g, '').toLowerCase();
  return guid && /[1-9a-f]/.test(guid) ? guid : undefined;
}

/** The last part of a Windows path. */
export function fileName(path: string | undefined): string | undefined {
  return path === undefined
    ? undefined
    : path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1) || path;
}

/** `DOMAIN\name`, or the part that is present. */
export function accountName(domain: string | undefined, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return domain === undefined || name.includes('\\') ? name : `${domain}\\${name}`;
}
