/** What the logs contain about logons: user, type, Terminal Services session, start and end. */
import { terminalSession } from './actor';
import { accountName, type Fields, type LogSource, normaliseGuid, normaliseId } from './log-record';
import { ExtremeTimestamp, type Timestamp } from './timestamps';
import { BoundedMap } from './bounded-map';

export interface Logon {
  /** Lower-case hexadecimal. */
  readonly id: string;
  /** `DOMAIN\name`. */
  readonly user: string;
  sid?: string;
  terminalSessionId?: number;
  /** A user logged on at the console or by remote desktop (4624 by Winlogon). */
  isPrimary: boolean;
  /** Named by a record that only interactive logons have (lock, unlock, reconnect, log off). */
  isPresent: boolean;
  /** Type 7: an unlock, a short-lived logon within an existing session. */
  isUnlock: boolean;
  /** The other token of the same logon: Windows creates a full and a limited one. */
  linkedId?: string;
  /** The logon that asked for this one (run as another user). */
  parentId?: string;
  readonly firstSeen: ExtremeTimestamp;
  /** Position in the input of the first record that mentions it. */
  readonly firstSequence: number;
  loggedOn?: Timestamp;
}

/** What is known about one machine's logons. */
export interface HostLogons {
  readonly logons: Map<string, Logon>;
  /** When interactive logons ended, by id. A log may be in reverse order: the end may come first. */
  readonly logoffs: Map<string, Timestamp>;
  /** The ids of logons that a process was started under. */
  readonly processOwners: Set<string>;
  /** When the machine started: every earlier session has ended. */
  readonly starts: Timestamp[];
}

/** Console, remote desktop, console with cached credentials. */
const INTERACTIVE_TYPES = ['2', '10', '11'];
const UNLOCK_TYPE = '7';
/** Winlogon's name as a logon process; UAC, runas and services have others. */
const WINLOGON = /^(user32|winlogon)\s*$/i;
/** Anonymous, local and network service, local system. */
const SYSTEM_LOGON_IDS = ['0x0', '0x3e4', '0x3e5', '0x3e6', '0x3e7'];
/** Well-known accounts without a person: system, services, window manager, font driver, virtual accounts. */
const SYSTEM_SID = /^S-1-5-(7|18|19|20|80|82|83|90|96)(-|$)/i;
const SYSTEM_NAME =
  /\\(DWM|UMFD)-\d+$|\$$|^(NT AUTHORITY|NT SERVICE|IIS APPPOOL|WINDOW MANAGER|FONT DRIVER HOST)\\/i;

const FACT_IDS: Readonly<Record<LogSource, readonly number[]>> = {
  sysmon: [1],
  security: [4608, 4624, 4634, 4647, 4688, 4778, 4779, 4800, 4801],
  system: [6005],
  application: [],
};

/** Whether records with this id describe logons. */
export function isLogonRecord(source: LogSource, eventId: number): boolean {
  return FACT_IDS[source].includes(eventId);
}

/** Most processes remembered with their logon: those of a busy terminal server in a day. */
const MAX_PROCESSES = 200_000;

/** Whether this is a system account: its logons yield no session. */
export function isSystemAccount(name: string | undefined, sid?: string): boolean {
  return (name !== undefined && SYSTEM_NAME.test(name)) || (sid !== undefined && SYSTEM_SID.test(sid));
}

export class LogonRegistry {
  readonly hosts = new Map<string, HostLogons>();
  private readonly logonsByProcess = new BoundedMap<string>(MAX_PROCESSES);

  /** The logon that a process runs under, when its start was seen. */
  logonOfProcess(processGuid: string): string | undefined {
    return this.logonsByProcess.get(processGuid);
  }

  /** Learns from one record; most of them do not concern logons. */
  learn(source: LogSource, eventId: number, host: string, fields: Fields, timestamp: Timestamp): void {
    if (source === 'sysmon' && eventId === 1) this.learnProcess(host, fields, timestamp);
    if (source === 'security') this.learnSecurity(eventId, host, fields, timestamp);
    if (source === 'system' && eventId === 6005) this.host(host).starts.push(timestamp);
  }

  private learnProcess(host: string, fields: Fields, timestamp: Timestamp): void {
    const logon = this.logon(host, fields.LogonId, fields.User, undefined, timestamp);
    if (!logon) return;
    this.host(host).processOwners.add(logon.id);
    logon.terminalSessionId ??= terminalSession(fields.TerminalSessionId);
    const process = normaliseGuid(fields.ProcessGuid);
    if (process !== undefined) this.logonsByProcess.set(process, logon.id);
  }

  private learnSecurity(eventId: number, host: string, fields: Fields, timestamp: Timestamp): void {
    switch (eventId) {
      case 4608:
        this.host(host).starts.push(timestamp);
        break;
      case 4624:
        this.learnLogon(host, fields, timestamp);
        break;
      case 4634:
      case 4647:
        this.learnLogoff(eventId, host, fields, timestamp);
        break;
      case 4688:
        this.learnAuditedProcess(host, fields);
        break;
      case 4778:
      case 4779:
        this.learnPresence(
          host,
          fields.LogonID,
          accountName(fields.AccountDomain, fields.AccountName),
          undefined,
          timestamp,
        );
        break;
      case 4800:
      case 4801: {
        const logon = this.learnPresence(
          host,
          fields.TargetLogonId,
          targetUser(fields),
          fields.TargetUserSid,
          timestamp,
        );
        if (logon) logon.terminalSessionId ??= terminalSession(fields.SessionId);
        break;
      }
    }
  }

  private learnLogon(host: string, fields: Fields, timestamp: Timestamp): void {
    const type = fields.LogonType ?? '';
    if (type !== UNLOCK_TYPE && !INTERACTIVE_TYPES.includes(type)) return;
    const logon = this.logon(host, fields.TargetLogonId, targetUser(fields), fields.TargetUserSid, timestamp);
    if (!logon) return;
    const process = fields.LogonProcessName;
    logon.isUnlock ||= type === UNLOCK_TYPE;
    logon.isPrimary ||= type !== UNLOCK_TYPE && (process === undefined || WINLOGON.test(process));
    logon.loggedOn = timestamp;
    logon.linkedId ??= knownLogonId(fields.TargetLinkedLogonId);
    logon.parentId ??= knownLogonId(fields.SubjectLogonId);
  }

  private learnLogoff(eventId: number, host: string, fields: Fields, timestamp: Timestamp): void {
    const type = fields.LogonType ?? '';
    // Only interactive logons end in 4647; of the types in 4634, 10 has no other meaning (2 and 11 are UAC's as well).
    if (eventId === 4647 || type === '10')
      this.learnPresence(host, fields.TargetLogonId, targetUser(fields), fields.TargetUserSid, timestamp);
    const id = knownLogonId(fields.TargetLogonId);
    const isInteractive = eventId === 4647 || INTERACTIVE_TYPES.includes(type);
    if (id !== undefined && isInteractive) this.host(host).logoffs.set(id, timestamp);
  }

  private learnAuditedProcess(host: string, fields: Fields): void {
    const id = knownLogonId(fields.TargetLogonId) ?? knownLogonId(fields.SubjectLogonId);
    if (id !== undefined) this.host(host).processOwners.add(id);
  }

  private learnPresence(
    host: string,
    id: string | undefined,
    user: string | undefined,
    sid: string | undefined,
    timestamp: Timestamp,
  ): Logon | undefined {
    const logon = this.logon(host, id, user, sid, timestamp);
    if (logon) logon.isPresent = true;
    return logon;
  }

  /** The logon of an id, new or known; undefined for the system's own. */
  private logon(
    host: string,
    writtenId: string | undefined,
    user: string | undefined,
    sid: string | undefined,
    timestamp: Timestamp,
  ): Logon | undefined {
    const id = knownLogonId(writtenId);
    if (id === undefined || user === undefined || isSystemAccount(user, sid)) return undefined;
    const { logons } = this.host(host);
    const logon: Logon = logons.get(id) ?? {
      id,
      user,
      isPrimary: false,
      isPresent: false,
      isUnlock: false,
      firstSeen: new ExtremeTimestamp('first'),
      firstSequence: timestamp.sequence,
    };
    logons.set(id, logon);
    logon.firstSeen.note(timestamp);
    logon.sid ??= sid;
    return logon;
  }

  private host(host: string): HostLogons {
    const known = this.hosts.get(host);
    if (known) return known;
    const created = { logons: new Map(), logoffs: new Map(), processOwners: new Set<string>(), starts: [] };
    this.hosts.set(host, created);
    return created;
  }
}

function targetUser(fields: Fields): string | undefined {
  return accountName(fields.TargetDomainName, fields.TargetUserName);
}

/** A logon id that is unique to one logon. */
function knownLogonId(text: string | undefined): string | undefined {
  const id = normaliseId(text);
  return id === undefined || SYSTEM_LOGON_IDS.includes(id) ? undefined : id;
}
