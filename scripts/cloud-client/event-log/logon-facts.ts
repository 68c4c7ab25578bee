/** What records say about logons and starts of a machine, as they come: nothing is concluded here. */
import { terminalSession } from './actor';
import { isPerson, personalLogonId } from './accounts';
import { BoundedMap } from './bounded-map';
import {
  type Account,
  accountName,
  type Fields,
  type LogRecord,
  type LogSource,
  normaliseGuid,
} from './log-record';
import { type Timestamp, rawReading } from './timestamps';

/** One mention of a logon. */
export interface LogonFact {
  /**
   * `logon` is a 4624 of an interactive kind, `logoff` the end of one, `presence` something in between; `process` is a process
   * that Sysmon saw, `audit` one that the Security log has.
   */
  readonly kind: 'logon' | 'presence' | 'logoff' | 'process' | 'audit';
  /** Lower-case hexadecimal; unique between two starts of the machine only. */
  readonly id: string;
  readonly account: Account;
  /** The first and the last time of several like mentions. */
  readonly first: Timestamp;
  readonly last: Timestamp;
  /** Position in the input of the first that was read. */
  readonly sequence: number;
  readonly terminalSessionId?: number;
  /** Sysmon's `LogonGuid`, which is unique; the one in 4624 is another. */
  readonly guid?: string;
  /** Who started the process, where that is somebody else. */
  readonly startedBy?: Account;
  readonly isUnlock?: boolean;
  /** A user logged on at the console or by remote desktop: 4624 by Winlogon. */
  readonly isPrimary?: boolean;
  /** Mentioned by a record that only interactive logons have: lock, unlock, reconnect, log off. */
  readonly isPresent?: boolean;
  /** The other token of the same logon: Windows creates a full and a limited one. */
  readonly linkedId?: string;
  /** The logon that asked for this one (run as another user). */
  readonly parentId?: string;
  readonly recordNumber?: number;
}

/** A record that shows that the machine started, or that its Security log began anew. */
export interface StartFact {
  readonly kind: 'system' | 'sysmon' | 'logCleared';
  /** What tells records of one start from those of two. */
  readonly eventId: number;
  readonly timestamp: Timestamp;
  readonly recordNumber?: number;
}

export interface MachineFacts {
  readonly logons: Map<string, LogonFact>;
  readonly starts: StartFact[];
}

/** The logon that a process runs under. */
export interface ProcessOwner {
  readonly host: string;
  readonly logonId: string;
  readonly timestamp: Timestamp;
}

/** Console, remote desktop, console with cached credentials. */
const INTERACTIVE_TYPES = ['2', '10', '11'];
const UNLOCK_TYPE = '7';
/** Winlogon's name as a logon process; UAC, runas and services have others. */
const WINLOGON = /^(user32|winlogon)\s*$/i;
/** Most processes remembered with their logon: those of a busy terminal server in a day. */
const MAX_PROCESSES = 200_000;
/** Like mentions of a logon within this time are kept as one. */
const COLLECTED_MS = 60 * 60 * 1000;

const LOGON_IDS: Readonly<Record<LogSource, readonly number[]>> = {
  sysmon: [1],
  security: [4624, 4634, 4647, 4688, 4778, 4779, 4800, 4801],
  system: [],
  application: [],
};

/** Whether records with this id describe logons. */
export function isLogonRecord(source: LogSource, eventId: number): boolean {
  return LOGON_IDS[source].includes(eventId);
}

/** Whether a record shows a start of the machine or of its Security log. */
export function isStartRecord(
  { eventId, provider }: Pick<LogRecord, 'eventId' | 'provider'>,
  source: LogSource,
): boolean {
  if (source === 'security') return eventId === 4608 || eventId === 1102;
  if (source === 'sysmon') return eventId === 4;
  if (source !== 'system') return false;
  const isKernel = provider.toLowerCase() === 'microsoft-windows-kernel-general';
  return isKernel
    ? eventId === 12
    : (eventId === 6005 || eventId === 6009) && /^(eventlog)?$/i.test(provider);
}

export class LogonFacts {
  /** By machine, in the spelling of its records. */
  readonly machines = new Map<string, MachineFacts>();
  private readonly processes = new BoundedMap<ProcessOwner>(MAX_PROCESSES);

  /** The logon that a process runs under, when its start was seen. */
  ownerOf(processGuid: string): ProcessOwner | undefined {
    return this.processes.get(processGuid);
  }

  /** Learns from one record; most of them concern neither logons nor starts. */
  learn(source: LogSource, record: LogRecord, host: string, fields: Fields, timestamp: Timestamp): void {
    if (isStartRecord(record, source)) this.learnStart(source, record, host, fields, timestamp);
    else if (isLogonRecord(source, record.eventId)) this.learnLogon(source, record, host, fields, timestamp);
  }

  private learnLogon(
    source: LogSource,
    record: LogRecord,
    host: string,
    fields: Fields,
    timestamp: Timestamp,
  ): void {
    const written = source === 'sysmon' ? processFact(fields) : securityFact(record.eventId, fields);
    const id = personalLogonId(written?.logonId);
    if (!written || id === undefined || !isPerson(written.account)) return;
    const recordNumber = source === 'security' ? numberOf(record) : undefined;
    const { sequence } = timestamp;
    this.add(host, { ...written, id, first: timestamp, last: timestamp, sequence, recordNumber });
    const process = source === 'sysmon' ? normaliseGuid(fields.ProcessGuid) : undefined;
    if (process !== undefined) this.processes.set(process, { host, logonId: id, timestamp });
  }

  private learnStart(
    source: LogSource,
    record: LogRecord,
    host: string,
    fields: Fields,
    timestamp: Timestamp,
  ): void {
    const { eventId } = record;
    if (source === 'sysmon' && fields.State?.toLowerCase() === 'stopped') return;
    const kind = eventId === 1102 ? 'logCleared' : source === 'sysmon' ? 'sysmon' : 'system';
    this.factsOf(host).starts.push({ kind, eventId, timestamp, recordNumber: numberOf(record) });
  }

  private add(host: string, fact: LogonFact): void {
    const { logons } = this.factsOf(host);
    const key = keyOf(fact);
    const known = logons.get(key);
    if (!known) logons.set(key, fact);
    else if (rawReading(fact.first).milliseconds < rawReading(known.first).milliseconds)
      logons.set(key, { ...known, first: fact.first });
    else if (rawReading(fact.first).milliseconds > rawReading(known.last).milliseconds)
      logons.set(key, { ...known, last: fact.first });
  }

  private factsOf(host: string): MachineFacts {
    const known = this.machines.get(host);
    if (known) return known;
    const created = { logons: new Map<string, LogonFact>(), starts: [] };
    this.machines.set(host, created);
    return created;
  }
}

/** Mentions with the same key are kept as one. */
function keyOf({
  kind,
  id,
  account,
  terminalSessionId,
  guid,
  startedBy,
  first,
  sequence,
}: LogonFact): string {
  const { clock, milliseconds } = rawReading(first);
  const isMany = kind === 'process' || kind === 'audit';
  const when = isMany ? `${clock} ${Math.floor(milliseconds / COLLECTED_MS)}` : String(sequence);
  return [kind, id, account.sid, account.name, terminalSessionId, guid, startedBy?.name, when].join('|');
}

type WrittenFact = Omit<LogonFact, 'id' | 'first' | 'last' | 'sequence'> & { readonly logonId?: string };

function processFact(fields: Fields): WrittenFact {
  const { User: user, ParentUser: parentUser } = fields;
  return {
    kind: 'process',
    logonId: fields.LogonId,
    account: { name: user },
    terminalSessionId: terminalSession(fields.TerminalSessionId),
    guid: normaliseGuid(fields.LogonGuid),
    startedBy: parentUser?.toLowerCase() === user?.toLowerCase() ? undefined : { name: parentUser },
  };
}

/** Undefined for records that do not tell of a logon of interest. */
function securityFact(eventId: number, fields: Fields): WrittenFact | undefined {
  switch (eventId) {
    case 4624:
      return logonFact(fields);
    case 4634:
    case 4647:
      return logoffFact(eventId, fields);
    case 4688:
      return auditFact(fields);
    case 4778:
    case 4779:
      return {
        kind: 'presence',
        logonId: fields.LogonID,
        account: { name: accountName(fields.AccountDomain, fields.AccountName) },
        isPresent: true,
      };
    case 4800:
    case 4801:
      return { ...presence(fields), terminalSessionId: terminalSession(fields.SessionId) };
    default:
      return undefined;
  }
}

function logonFact(fields: Fields): WrittenFact | undefined {
  const type = fields.LogonType ?? '';
  const isUnlock = type === UNLOCK_TYPE;
  if (!isUnlock && !INTERACTIVE_TYPES.includes(type)) return undefined;
  const process = fields.LogonProcessName;
  return {
    kind: 'logon',
    logonId: fields.TargetLogonId,
    account: targetAccount(fields),
    isUnlock,
    isPrimary: !isUnlock && (process === undefined || WINLOGON.test(process)),
    linkedId: personalLogonId(fields.TargetLinkedLogonId),
    parentId: personalLogonId(fields.SubjectLogonId),
  };
}

function logoffFact(eventId: number, fields: Fields): WrittenFact | undefined {
  const type = fields.LogonType ?? '';
  const isInteractive = eventId === 4647 || INTERACTIVE_TYPES.includes(type);
  if (!isInteractive) return undefined;
  // Only interactive logons end in 4647; of the types in 4634, 10 has no other meaning (2 and 11 are UAC's as well).
  return { ...presence(fields), kind: 'logoff', isPresent: eventId === 4647 || type === '10' };
}

/** `Target…` is for whom the process was started, where that is somebody else than `Subject…`. */
function auditFact(fields: Fields): WrittenFact | undefined {
  const target = personalLogonId(fields.TargetLogonId);
  if (target !== undefined) return { ...presence(fields), kind: 'audit', isPresent: false };
  return {
    kind: 'audit',
    logonId: fields.SubjectLogonId,
    account: {
      name: accountName(fields.SubjectDomainName, fields.SubjectUserName),
      sid: fields.SubjectUserSid,
    },
  };
}

const presence = (fields: Fields): WrittenFact => ({
  kind: 'presence',
  logonId: fields.TargetLogonId,
  account: targetAccount(fields),
  isPresent: true,
});

function targetAccount(fields: Fields): Account {
  return { name: accountName(fields.TargetDomainName, fields.TargetUserName), sid: fields.TargetUserSid };
}

function numberOf({ recordNumber }: LogRecord): number | undefined {
  return recordNumber !== undefined && /^\d{1,15}$/.test(recordNumber) ? Number(recordNumber) : undefined;
}
