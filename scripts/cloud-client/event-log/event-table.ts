/** The table that maps records to session events: log, provider and event id (and a condition) → type and fields. */
import type { DetectableTypeId, EventData } from '../../../functions/policies/engine';
import { decodeEntities } from './event-data';
import { fileName, type Fields, type LogSource } from './log-record';
import { crashedApp, hasSucceeded, hungApp, productOf, productOfResult } from './message-texts';
import { splitRegistryPath } from './registry-path';

/**
 * One occurrence that several records report is one event: within a family, the lead record yields it, a follower
 * duplicates it.
 */
export interface DuplicateRule {
  readonly family: 'processStart' | 'processEnd' | 'remoteDesktop' | 'installation' | 'removal';
  readonly role: 'lead' | 'follower';
  /** What both records name: a program's path, an address, a product. */
  readonly subject: (fields: Fields, message: string) => string | undefined;
  /** A process id, in either spelling. */
  readonly processId?: (fields: Fields) => string | undefined;
}

export interface EventRow {
  readonly source: LogSource;
  /** In lower case; for the Application log, which many programs write to. */
  readonly provider?: string;
  readonly ids: readonly number[];
  readonly type: DetectableTypeId;
  /** Fields of which every readable record has at least one; without them, the data must hold something. */
  readonly body?: readonly string[];
  readonly when?: (fields: Fields, message: string) => boolean;
  readonly data: (fields: Fields, message: string) => EventData;
  /** The SID of the account that was acted on, where another record's name for it is better than this one's. */
  readonly accountSid?: (fields: Fields) => string | undefined;
  readonly duplicateRule?: DuplicateRule;
}

const RDP_PORT = '3389';
const REMOTE_INTERACTIVE = '10';

/** The program of a process; Sysmon calls one that had started before it `<unknown process>`. */
const image = (fields: Fields): string | undefined =>
  fields.Image?.startsWith('<') ? undefined : fields.Image;
const appOf = (path: string | undefined): EventData => ({ appName: fileName(path) });

/** A process id in either spelling; undefined for what is none. */
function idOfProcess(text: string | undefined): number | undefined {
  const id = /^(0x[0-9a-f]+|\d+)$/i.test(text ?? '') ? Number(text) : undefined;
  return id !== undefined && id > 0 && id <= 0xffff_ffff ? id : undefined;
}

const registryRow = (
  id: number,
  type: DetectableTypeId,
  operation: string,
  data: EventRow['data'],
): EventRow => ({
  source: 'sysmon',
  ids: [id],
  type,
  body: ['TargetObject'],
  when: (fields) => fields.EventType === operation,
  data,
});

const registryKey = (fields: Fields): EventData => ({ keyName: fields.TargetObject });
const registryValue = (fields: Fields): EventData => splitRegistryPath(fields.TargetObject);

const isInbound = (fields: Fields): boolean => fields.Initiated?.toLowerCase() === 'false';

/** The remote end of a connection, whichever side opened it. */
function peerOf(fields: Fields): string | undefined {
  return address(isInbound(fields) ? fields.SourceIp : fields.DestinationIp);
}

/** Where a logon that follows came from: only to this machine, not from it. */
function callerOf(fields: Fields): string | undefined {
  return isInbound(fields) ? peerOf(fields) : undefined;
}

/** An address without the prefix of IPv4 in IPv6, under which Windows writes some. */
function address(text: string | undefined): string | undefined {
  return text?.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The account that joined or left a group: its name where there is one (local groups give only the SID). */
function memberName(fields: Fields): string | undefined {
  const name = fields.MemberName;
  const commonName = name === undefined ? null : /^CN=((?:\\.|[^,\\])+)/i.exec(name);
  return commonName?.[1]?.replace(/\\(.)/g, '$1') ?? name ?? fields.MemberSid;
}

const accountRow = (
  ids: readonly number[],
  userName: (fields: Fields) => string | undefined,
  more: Pick<EventRow, 'accountSid'> = {},
): EventRow => ({
  source: 'security',
  ids,
  type: 'userAccountModification',
  data: (fields) => ({ userName: userName(fields) }),
  ...more,
});

/** The device's id; Windows 10's first release gave only the hardware ids. */
const deviceId = (fields: Fields): string => (fields.DeviceId ?? fields.VendorIds ?? '').trim();

const installerRow = (
  id: number,
  type: DetectableTypeId,
  family: DuplicateRule['family'],
  role: DuplicateRule['role'],
): EventRow => {
  const product = role === 'lead' ? productOf : productOfResult;
  return {
    source: 'application',
    provider: 'msiinstaller',
    ids: [id],
    type,
    ...(role === 'lead' && { when: hasSucceeded }),
    data: (fields, message) => ({ appName: product(fields, message) }),
    duplicateRule: { family, role, subject: product },
  };
};

export const EVENT_TABLE: readonly EventRow[] = [
  {
    source: 'sysmon',
    ids: [1],
    type: 'appStart',
    body: ['Image'],
    data: (fields) => ({
      ...appOf(image(fields)),
      commandLine: fields.CommandLine,
      processId: idOfProcess(fields.ProcessId),
      parentProcessId: idOfProcess(fields.ParentProcessId),
      parentAppName: appOf(fields.ParentImage).appName,
    }),
    duplicateRule: {
      family: 'processStart',
      role: 'lead',
      subject: image,
      processId: (fields) => fields.ProcessId,
    },
  },
  {
    source: 'security',
    ids: [4688],
    type: 'appStart',
    body: ['NewProcessName'],
    data: (fields) => ({
      ...appOf(fields.NewProcessName),
      commandLine: fields.CommandLine,
      processId: idOfProcess(fields.NewProcessId),
      // The id of the process that started it is called just that.
      parentProcessId: idOfProcess(fields.ProcessId),
      parentAppName: appOf(fields.ParentProcessName).appName,
    }),
    duplicateRule: {
      family: 'processStart',
      role: 'follower',
      subject: (fields) => fields.NewProcessName,
      processId: (fields) => fields.NewProcessId,
    },
  },
  {
    source: 'sysmon',
    ids: [5],
    type: 'appEnd',
    body: ['Image'],
    data: (fields) => ({ ...appOf(image(fields)), processId: idOfProcess(fields.ProcessId) }),
    duplicateRule: {
      family: 'processEnd',
      role: 'lead',
      subject: image,
      processId: (fields) => fields.ProcessId,
    },
  },
  {
    source: 'security',
    ids: [4689],
    type: 'appEnd',
    body: ['ProcessName'],
    data: (fields) => ({ ...appOf(fields.ProcessName), processId: idOfProcess(fields.ProcessId) }),
    duplicateRule: {
      family: 'processEnd',
      role: 'follower',
      subject: (fields) => fields.ProcessName,
      processId: (fields) => fields.ProcessId,
    },
  },
  { source: 'sysmon', ids: [11], type: 'fileCreate', data: (fields) => ({ path: fields.TargetFilename }) },
  {
    source: 'sysmon',
    ids: [23, 26],
    type: 'fileDelete',
    data: (fields) => ({ path: fields.TargetFilename }),
  },
  registryRow(12, 'registryCreate', 'CreateKey', registryKey),
  registryRow(12, 'registryDelete', 'DeleteKey', registryKey),
  registryRow(12, 'registryDeleteValue', 'DeleteValue', registryValue),
  // 13 and 14 have one operation each, so these do not depend on what the forwarder left of it.
  { source: 'sysmon', ids: [13], type: 'registrySetValue', data: registryValue },
  { source: 'sysmon', ids: [14], type: 'registryRename', data: registryKey },
  {
    source: 'sysmon',
    ids: [3],
    type: 'rdpConnection',
    body: ['DestinationPort'],
    when: (fields) => fields.DestinationPort === RDP_PORT,
    data: (fields) => ({ ipAddress: peerOf(fields) }),
    duplicateRule: { family: 'remoteDesktop', role: 'lead', subject: callerOf },
  },
  {
    source: 'security',
    ids: [4624],
    type: 'rdpConnection',
    body: ['LogonType'],
    when: (fields) => fields.LogonType === REMOTE_INTERACTIVE,
    data: (fields) => ({ ipAddress: address(fields.IpAddress) }),
    duplicateRule: {
      family: 'remoteDesktop',
      role: 'follower',
      subject: (fields) => address(fields.IpAddress),
    },
  },
  {
    source: 'sysmon',
    ids: [24],
    type: 'clipboardOperation',
    body: ['Image'],
    data: (fields) => ({ processName: fileName(image(fields)) }),
  },
  accountRow(
    [4720, 4722, 4723, 4724, 4725, 4726, 4738, 4740, 4767],
    (fields) => fields.TargetUserName ?? fields.TargetSid,
  ),
  accountRow([4781], (fields) => fields.OldTargetUserName ?? fields.TargetSid),
  // `MemberName` is how the directory shows a person, not the name that the person logs on with.
  accountRow([4728, 4729, 4732, 4733, 4756, 4757], memberName, { accountSid: (fields) => fields.MemberSid }),
  {
    source: 'security',
    ids: [6416],
    type: 'genericUsb',
    body: ['DeviceId', 'VendorIds', 'ClassId'],
    when: (fields) => /^USB(STOR)?\\/i.test(deviceId(fields)),
    data: (fields) => ({ deviceName: decodeEntities(fields.DeviceDescription ?? deviceId(fields)) }),
  },
  installerRow(1033, 'newAppInstalled', 'installation', 'lead'),
  installerRow(11707, 'newAppInstalled', 'installation', 'follower'),
  installerRow(1034, 'appUninstalled', 'removal', 'lead'),
  installerRow(11724, 'appUninstalled', 'removal', 'follower'),
  {
    source: 'application',
    provider: 'application error',
    ids: [1000],
    type: 'unexpectedAppExit',
    data: (fields, message) => ({ appName: fields.AppName ?? crashedApp(message) }),
  },
  {
    source: 'application',
    provider: 'application hang',
    ids: [1002],
    type: 'appNotResponding',
    data: (fields, message) => ({ appName: fields.AppName ?? hungApp(message) }),
  },
];

/** Why a record whose id is in the table yields no event when no row's condition holds. */
const REASONS: Readonly<Record<string, string>> = {
  'sysmon 3': 'not a remote desktop connection',
  'sysmon 12': 'the forwarder lost which operation it was',
  'security 4624': 'not a remote desktop logon',
  'security 6416': 'not a USB device',
  'application 1033': 'the installation failed',
  'application 1034': 'the removal failed',
};

const rowsByKey = new Map<string, EventRow[]>();
for (const row of EVENT_TABLE) {
  for (const id of row.ids) {
    const key = `${row.source} ${id}`;
    rowsByKey.set(key, [...(rowsByKey.get(key) ?? []), row]);
  }
}

/** Whether a record's event data were understood, as far as the row needs them. */
export function hasBody(row: EventRow, fields: Fields, message: string): boolean {
  const values = row.body ? row.body.map((name) => fields[name]) : Object.values(row.data(fields, message));
  return values.some((value) => value !== undefined);
}

/** The rows for a record of a log; empty when it yields no event. */
export function eventRows(source: LogSource, provider: string, eventId: number): readonly EventRow[] {
  const rows = rowsByKey.get(`${source} ${eventId}`) ?? [];
  const name = provider.toLowerCase();
  return rows.every((row) => row.provider === undefined) ? rows : rows.filter((row) => row.provider === name);
}

export function reasonNotUsed(source: LogSource, eventId: number): string {
  return REASONS[`${source} ${eventId}`] ?? 'no condition of the table holds';
}
