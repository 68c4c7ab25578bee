/**
 * The names of positional event data, in the order of each event's manifest.
 * Sources: the providers' manifests (Security: Windows 7 to Windows 10; see README.md), and for Sysmon, whose
 * manifest changes with its version, the order in which its versions render and store their events.
 */
import { type LogSource } from './log-record';

/** One or more layouts of an event, distinguished by the number of values. */
type Layouts = Readonly<Record<number, readonly string[]>>;

const SUBJECT = 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId';
const TARGET = 'TargetUserName TargetDomainName TargetSid';
const PROCESS = 'UtcTime ProcessGuid ProcessId';

const layout = (...names: string[]): readonly string[] => names.join(' ').split(' ');

/**
 * As of version 13.30. Older ones lack the users at the end, before version 10 `OriginalFileName`, then `RuleName` in
 * front.
 */
const SYSMON: Layouts = {
  1: layout(
    `RuleName ${PROCESS} Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory`,
    'User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage',
    'ParentCommandLine ParentUser',
  ),
  3: layout(
    `RuleName ${PROCESS} Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName`,
    'DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName',
  ),
  5: layout(`RuleName ${PROCESS} Image User`),
  11: layout(`RuleName ${PROCESS} Image TargetFilename CreationUtcTime User`),
  12: layout(`RuleName EventType ${PROCESS} Image TargetObject User`),
  13: layout(`RuleName EventType ${PROCESS} Image TargetObject Details User`),
  14: layout(`RuleName EventType ${PROCESS} Image TargetObject NewName User`),
  23: layout(`RuleName ${PROCESS} User Image TargetFilename Hashes IsExecutable Archived`),
  24: layout(`RuleName ${PROCESS} Image Session ClientInfo Hashes Archived User`),
  26: layout(`RuleName ${PROCESS} User Image TargetFilename Hashes IsExecutable`),
};

const MEMBERSHIP = layout('MemberName MemberSid', TARGET, SUBJECT);
const LOGON_SESSION = layout('TargetUserSid TargetUserName TargetDomainName TargetLogonId');
const WINDOW_STATION = layout('AccountName AccountDomain LogonID SessionName ClientName ClientAddress');
const ACCOUNT = layout(TARGET, SUBJECT);

/** Later versions of an event only append, so a layout may be longer or shorter than what is there. */
const SECURITY: Layouts = {
  4624: layout(
    SUBJECT,
    'TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName',
    'WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort',
    'ImpersonationLevel RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount',
    'TargetLinkedLogonId ElevatedToken',
  ),
  4634: [...LOGON_SESSION, 'LogonType'],
  4647: LOGON_SESSION,
  4688: layout(
    SUBJECT,
    'NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName',
    'TargetLogonId ParentProcessName MandatoryLabel',
  ),
  4689: layout(SUBJECT, 'Status ProcessId ProcessName'),
  4720: ACCOUNT,
  4722: ACCOUNT,
  4723: ACCOUNT,
  4724: ACCOUNT,
  4725: ACCOUNT,
  4726: ACCOUNT,
  4728: MEMBERSHIP,
  4729: MEMBERSHIP,
  4732: MEMBERSHIP,
  4733: MEMBERSHIP,
  4738: ['Dummy', ...ACCOUNT],
  4740: ACCOUNT,
  4756: MEMBERSHIP,
  4757: MEMBERSHIP,
  4767: ACCOUNT,
  4778: WINDOW_STATION,
  4779: WINDOW_STATION,
  4781: layout('OldTargetUserName NewTargetUserName TargetDomainName TargetSid', SUBJECT),
  4800: [...LOGON_SESSION, 'SessionId'],
  4801: [...LOGON_SESSION, 'SessionId'],
  6416: layout(
    SUBJECT,
    'DeviceId DeviceDescription ClassId ClassName VendorIds CompatibleIds LocationInformation',
  ),
};

/** Windows 10's first release had neither device nor description. */
const EARLY_6416 = layout(SUBJECT, 'ClassId VendorIds CompatibleIds LocationInformation');

/** These have no names of their own; the names here are ours. */
const APPLICATION: Readonly<Record<string, Layouts>> = {
  'application error': { 1000: ['AppName'] },
  'application hang': { 1002: ['AppName'] },
  msiinstaller: {
    1033: layout('ProductName ProductVersion ProductLanguage Status Manufacturer'),
    1034: layout('ProductName ProductVersion ProductLanguage Status Manufacturer'),
    11707: ['Text'],
    11724: ['Text'],
  },
};

/** Fields that older versions of Sysmon leave out, the youngest first. */
const ADDED_TO_SYSMON = ['ParentUser', 'User', 'OriginalFileName', 'RuleName'];

/**
 * The names of an event's values by position, as many as there are values.
 * Undefined when the event, or a Sysmon version with this number of values, is not known.
 */
export function fieldNames(
  source: LogSource,
  provider: string,
  eventId: number,
  valueCount: number,
): readonly string[] | undefined {
  if (source === 'sysmon') return sysmonLayout(eventId, valueCount);
  if (source === 'application') {
    const name = provider.toLowerCase();
    return Object.hasOwn(APPLICATION, name) ? APPLICATION[name]?.[eventId] : undefined;
  }
  if (source !== 'security') return undefined;
  return eventId === 6416 && valueCount === EARLY_6416.length ? EARLY_6416 : SECURITY[eventId];
}

/** Takes away what younger versions added, until the number fits. */
function sysmonLayout(eventId: number, valueCount: number): readonly string[] | undefined {
  let names = SYSMON[eventId];
  for (const added of ADDED_TO_SYSMON) {
    if (names === undefined || names.length <= valueCount) break;
    // A user in the middle of the list was present in every version.
    if (added !== 'User' || names.at(-1) === 'User') names = names.filter((name) => name !== added);
  }
  return names?.length === valueCount ? names : undefined;
}
