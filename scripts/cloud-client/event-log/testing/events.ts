/** For tests: events of every kind in the table, with the fields and their order as in the event log. */
import { type WrittenEvent } from './write-records';

export type Data = WrittenEvent['data'];

export const TIME = '2024-03-04T09:15:02.250Z';
export const UTC_TIME = '2024-03-04 09:15:02.250';
export const USER_SID = 'S-1-5-21-1004-2008-3012-1107';
export const PROCESS_GUID = '{7c1d0a52-5f10-65e5-a10f-000000004400}';

export const sysmonEvent = (eventId: number, data: Data, more: Partial<WrittenEvent> = {}): WrittenEvent => ({
  channel: 'Microsoft-Windows-Sysmon/Operational',
  provider: 'Microsoft-Windows-Sysmon',
  eventId,
  time: TIME,
  data,
  ...more,
});

export const securityEvent = (
  eventId: number,
  data: Data,
  more: Partial<WrittenEvent> = {},
): WrittenEvent => ({
  channel: 'Security',
  provider: 'Microsoft-Windows-Security-Auditing',
  eventId,
  time: TIME,
  data,
  ...more,
});

export const applicationEvent = (
  provider: string,
  eventId: number,
  strings: readonly string[],
  message: string,
): WrittenEvent => ({ channel: 'Application', provider, eventId, time: TIME, data: [], strings, message });

/** The first fields of a Sysmon event. */
export function process(image: string, more: { guid?: string; id?: string; utcTime?: string } = {}): Data {
  return [
    ['UtcTime', more.utcTime ?? UTC_TIME],
    ['ProcessGuid', more.guid ?? PROCESS_GUID],
    ['ProcessId', more.id ?? '8168'],
    ['Image', image],
  ];
}

export const subject = (user = 'dana', logonId = '0x4c2a1', domain = 'EXAMPLE', sid = USER_SID): Data => [
  ['SubjectUserSid', sid],
  ['SubjectUserName', user],
  ['SubjectDomainName', domain],
  ['SubjectLogonId', logonId],
];

export const RULE: Data = [['RuleName', '-']];

export interface ProcessStart {
  readonly image?: string;
  readonly commandLine?: string;
  readonly user?: string;
  readonly logonId?: string;
  readonly terminalSessionId?: string;
  readonly guid?: string;
  readonly id?: string;
  readonly time?: string;
}

/** Sysmon 1, as of version 13. */
export function processStart(start: ProcessStart = {}, more: Partial<WrittenEvent> = {}): WrittenEvent {
  const image = start.image ?? 'C:\\Program Files\\Example\\viewer.exe';
  const time = start.time ?? TIME;
  return sysmonEvent(
    1,
    [
      ...RULE,
      ...process(image, { guid: start.guid, id: start.id, utcTime: time.replace('T', ' ').replace('Z', '') }),
      ['FileVersion', '1.2.3'],
      ['Description', 'Viewer'],
      ['Product', 'Example'],
      ['Company', 'Example Ltd'],
      ['OriginalFileName', 'viewer.exe'],
      ['CommandLine', start.commandLine ?? '"C:\\Program Files\\Example\\viewer.exe" --open "D:\\a b.pdf"'],
      ['CurrentDirectory', 'C:\\Users\\dana\\'],
      ['User', start.user ?? 'EXAMPLE\\dana'],
      ['LogonGuid', '{7c1d0a52-5f00-65e5-a1c2-040000000000}'],
      ['LogonId', start.logonId ?? '0x4c2a1'],
      ['TerminalSessionId', start.terminalSessionId ?? '2'],
      ['IntegrityLevel', 'Medium'],
      ['Hashes', 'SHA256=00'],
      ['ParentProcessGuid', '{7c1d0a52-5f01-65e5-990e-000000004400}'],
      ['ParentProcessId', '5012'],
      ['ParentImage', 'C:\\Windows\\explorer.exe'],
      ['ParentCommandLine', 'C:\\Windows\\explorer.exe'],
      ['ParentUser', 'EXAMPLE\\dana'],
    ],
    { time, ...more },
  );
}

/** Security 4688, as of Windows 10. */
export function auditedStart(
  image: string,
  processId: string,
  more: Partial<WrittenEvent> & { logonId?: string } = {},
): WrittenEvent {
  return securityEvent(
    4688,
    [
      ...subject('dana', more.logonId),
      ['NewProcessId', processId],
      ['NewProcessName', image],
      ['TokenElevationType', '%%1938'],
      ['ProcessId', '0x1394'],
      ['CommandLine', `"${image}" /quiet`],
      ['TargetUserSid', 'S-1-0-0'],
      ['TargetUserName', '-'],
      ['TargetDomainName', '-'],
      ['TargetLogonId', '0x0'],
      ['ParentProcessName', 'C:\\Windows\\explorer.exe'],
      ['MandatoryLabel', 'S-1-16-8192'],
    ],
    more,
  );
}

export interface LogonFacts {
  readonly user?: string;
  readonly type?: string;
  readonly logonId?: string;
  readonly linkedId?: string;
  readonly subjectLogonId?: string;
  readonly process?: string;
  readonly address?: string;
  readonly sid?: string;
  readonly domain?: string;
}

/** Security 4624, as of Windows 10. */
export function logon(facts: LogonFacts = {}, more: Partial<WrittenEvent> = {}): WrittenEvent {
  return securityEvent(
    4624,
    [
      ...subject('DESK-11$', facts.subjectLogonId ?? '0x3e7', 'EXAMPLE', 'S-1-5-18'),
      ['TargetUserSid', facts.sid ?? USER_SID],
      ['TargetUserName', facts.user ?? 'dana'],
      ['TargetDomainName', facts.domain ?? 'EXAMPLE'],
      ['TargetLogonId', facts.logonId ?? '0x4c2a1'],
      ['LogonType', facts.type ?? '10'],
      ['LogonProcessName', facts.process ?? 'User32 '],
      ['AuthenticationPackageName', 'Negotiate'],
      ['WorkstationName', 'DESK-11'],
      ['LogonGuid', '{00000000-0000-0000-0000-000000000000}'],
      ['TransmittedServices', '-'],
      ['LmPackageName', '-'],
      ['KeyLength', '0'],
      ['ProcessId', '0x5b4'],
      ['ProcessName', 'C:\\Windows\\System32\\svchost.exe'],
      ['IpAddress', facts.address ?? '198.51.100.23'],
      ['IpPort', '0'],
      ['ImpersonationLevel', '%%1833'],
      ['RestrictedAdminMode', '-'],
      ['TargetOutboundUserName', '-'],
      ['TargetOutboundDomainName', '-'],
      ['VirtualAccount', '%%1843'],
      ['TargetLinkedLogonId', facts.linkedId ?? '0x0'],
      ['ElevatedToken', '%%1843'],
    ],
    more,
  );
}

/** Security 4634. */
export const logoff = (
  logonId: string,
  type: string,
  more: Partial<WrittenEvent> = {},
  user = 'dana',
): WrittenEvent =>
  securityEvent(
    4634,
    [
      ['TargetUserSid', user === 'dana' ? USER_SID : `${USER_SID}1`],
      ['TargetUserName', user],
      ['TargetDomainName', 'EXAMPLE'],
      ['TargetLogonId', logonId],
      ['LogonType', type],
    ],
    more,
  );

/** Sysmon 3. */
export function connection(ends: {
  initiated: boolean;
  source: string;
  destination: string;
  port: string;
  time?: string;
}): WrittenEvent {
  const time = ends.time ?? TIME;
  return sysmonEvent(
    3,
    [
      ...RULE,
      ...process('C:\\Windows\\System32\\svchost.exe', { utcTime: time.replace('T', ' ').replace('Z', '') }),
      ['User', 'NT AUTHORITY\\NETWORK SERVICE'],
      ['Protocol', 'tcp'],
      ['Initiated', String(ends.initiated)],
      ['SourceIsIpv6', 'false'],
      ['SourceIp', ends.source],
      ['SourceHostname', '-'],
      ['SourcePort', '61010'],
      ['SourcePortName', '-'],
      ['DestinationIsIpv6', 'false'],
      ['DestinationIp', ends.destination],
      ['DestinationHostname', '-'],
      ['DestinationPort', ends.port],
      ['DestinationPortName', '-'],
    ],
    { time },
  );
}

export const registryEvent = (
  eventId: number,
  operation: string,
  targetObject: string,
  last: Data = [],
): WrittenEvent =>
  sysmonEvent(
    eventId,
    [
      ...RULE,
      ['EventType', operation],
      ...process('C:\\Windows\\regedit.exe'),
      ['TargetObject', targetObject],
      ...last,
      ['User', 'EXAMPLE\\dana'],
    ],
    { message: `Registry event:\r\nEventType: ${operation}\r\nTargetObject: ${targetObject}` },
  );
