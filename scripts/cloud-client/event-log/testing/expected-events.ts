/** For tests: the expected result of one event for each row of the table. */
import {
  applicationEvent,
  auditedStart,
  connection,
  type Data,
  logon,
  process,
  processStart,
  registryEvent,
  RULE,
  securityEvent,
  subject,
  sysmonEvent,
  UTC_TIME,
} from './events';
import { type WrittenEvent } from './write-records';

const REGISTRY_KEY = 'HKLM\\SOFTWARE\\Example\\Settings';

const target = (name = 'mira'): Data => [
  ['TargetUserName', name],
  ['TargetDomainName', 'DESK-11'],
  ['TargetSid', 'S-1-5-21-1004-2008-3012-1190'],
];

const MEMBER: Data = [
  ['MemberName', 'CN=Mira Novak\\, Dr.,OU=Staff,DC=example,DC=test'],
  ['MemberSid', 'S-1-5-21-1004-2008-3012-1190'],
  ...target('Administrators'),
  ...subject(),
  ['PrivilegeList', '-'],
];

const device = (deviceId: string, description: string): Data => [
  ...subject('DESK-11$', '0x3e7', 'EXAMPLE', 'S-1-5-18'),
  ['DeviceId', deviceId],
  ['DeviceDescription', description],
  ['ClassId', '{4d36e967-e325-11ce-bfc1-08002be10318}'],
  ['ClassName', 'DiskDrive'],
  ['VendorIds', deviceId],
  ['CompatibleIds', '-'],
  ['LocationInformation', '-'],
];

const INSTALLER_TAIL = ['(NULL)', '(NULL)', '(NULL)', '(NULL)', '(NULL)', ''];

export interface Expected {
  readonly event: WrittenEvent;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where Elastic's pipelines put the fields. */
  readonly moved?: Readonly<Record<string, string>>;
}

const USB_STICK = 'USBSTOR\\Disk&amp;Ven_Example&amp;Prod_Stick\\0101';
const FILE = 'C:\\Users\\dana\\Documents\\plan.docx';
const MOVED_FILE = { Image: 'process.executable', TargetFilename: 'file.path' };
const MOVED_KEY = { Image: 'process.executable', TargetObject: 'registry.path' };

const fileDeletion = (eventId: number, last: Data): WrittenEvent =>
  sysmonEvent(eventId, [
    ...RULE,
    ...process('C:\\Windows\\explorer.exe').slice(0, 3),
    ['User', 'EXAMPLE\\dana'],
    ['Image', 'C:\\Windows\\explorer.exe'],
    ['TargetFilename', FILE],
    ['Hashes', 'SHA256=00'],
    ['IsExecutable', 'false'],
    ...last,
  ]);

const account = (eventId: number, before: Data = [], after: Data = []): Expected => ({
  event: securityEvent(eventId, [...before, ...target(), ...subject(), ...after]),
  type: 'userAccountModification',
  data: { userName: 'mira' },
});

const member = (eventId: number): Expected => ({
  event: securityEvent(eventId, MEMBER),
  type: 'userAccountModification',
  data: { userName: 'Mira Novak, Dr.' },
});

/** One event for each row of the table (and each condition that holds), with its expected result. */
export const EXPECTED: readonly Expected[] = [
  {
    event: processStart(),
    type: 'appStart',
    data: {
      appName: 'viewer.exe',
      commandLine: '"C:\\Program Files\\Example\\viewer.exe" --open "D:\\a b.pdf"',
      processId: 8168,
      parentProcessId: 5012,
      parentAppName: 'explorer.exe',
    },
    moved: {
      Image: 'process.executable',
      CommandLine: 'process.command_line',
      ProcessGuid: 'process.entity_id',
    },
  },
  {
    event: sysmonEvent(5, [
      ...RULE,
      ...process('C:\\Program Files\\Example\\viewer.exe'),
      ['User', 'EXAMPLE\\dana'],
    ]),
    type: 'appEnd',
    data: { appName: 'viewer.exe', processId: 8168 },
    moved: { Image: 'process.executable' },
  },
  {
    event: auditedStart('C:\\Windows\\System32\\whoami.exe', '0x1fe8'),
    type: 'appStart',
    data: {
      appName: 'whoami.exe',
      commandLine: '"C:\\Windows\\System32\\whoami.exe" /quiet',
      processId: 0x1fe8,
      parentProcessId: 0x1394,
      parentAppName: 'explorer.exe',
    },
    moved: { NewProcessName: 'process.executable', CommandLine: 'process.command_line' },
  },
  {
    event: securityEvent(4689, [
      ...subject(),
      ['Status', '0x0'],
      ['ProcessId', '0x1fe8'],
      ['ProcessName', 'C:\\Windows\\System32\\whoami.exe'],
    ]),
    type: 'appEnd',
    data: { appName: 'whoami.exe', processId: 0x1fe8 },
    moved: { ProcessName: 'process.executable' },
  },
  {
    event: sysmonEvent(11, [
      ...RULE,
      ...process('C:\\Windows\\explorer.exe'),
      ['TargetFilename', FILE],
      ['CreationUtcTime', UTC_TIME],
      ['User', 'EXAMPLE\\dana'],
    ]),
    type: 'fileCreate',
    data: { path: FILE },
    moved: MOVED_FILE,
  },
  {
    event: fileDeletion(23, [['Archived', 'true']]),
    type: 'fileDelete',
    data: { path: FILE },
    moved: MOVED_FILE,
  },
  { event: fileDeletion(26, []), type: 'fileDelete', data: { path: FILE }, moved: MOVED_FILE },
  {
    event: registryEvent(12, 'CreateKey', REGISTRY_KEY),
    type: 'registryCreate',
    data: { keyName: REGISTRY_KEY },
    moved: MOVED_KEY,
  },
  {
    event: registryEvent(12, 'DeleteKey', REGISTRY_KEY),
    type: 'registryDelete',
    data: { keyName: REGISTRY_KEY },
    moved: MOVED_KEY,
  },
  {
    event: registryEvent(12, 'DeleteValue', `${REGISTRY_KEY}\\Theme`),
    type: 'registryDeleteValue',
    data: { keyName: REGISTRY_KEY, valueName: 'Theme' },
    moved: MOVED_KEY,
  },
  {
    event: registryEvent(13, 'SetValue', `${REGISTRY_KEY}\\Theme`, [['Details', 'dark']]),
    type: 'registrySetValue',
    data: { keyName: REGISTRY_KEY, valueName: 'Theme' },
    moved: MOVED_KEY,
  },
  {
    event: registryEvent(14, 'RenameKey', REGISTRY_KEY, [['NewName', `${REGISTRY_KEY}2`]]),
    type: 'registryRename',
    data: { keyName: REGISTRY_KEY },
    moved: MOVED_KEY,
  },
  {
    event: connection({ initiated: true, source: '192.0.2.11', destination: '203.0.113.9', port: '3389' }),
    type: 'rdpConnection',
    data: { ipAddress: '203.0.113.9' },
    moved: { SourceIp: 'source.ip', DestinationIp: 'destination.ip', DestinationPort: 'destination.port' },
  },
  {
    event: connection({ initiated: false, source: '198.51.100.23', destination: '192.0.2.11', port: '3389' }),
    type: 'rdpConnection',
    data: { ipAddress: '198.51.100.23' },
    moved: { SourceIp: 'source.ip', DestinationIp: 'destination.ip', DestinationPort: 'destination.port' },
  },
  {
    event: logon({ address: '::ffff:198.51.100.23' }),
    type: 'rdpConnection',
    data: { ipAddress: '198.51.100.23' },
    moved: { IpAddress: 'source.ip' },
  },
  {
    event: sysmonEvent(24, [
      ...RULE,
      ...process('C:\\Windows\\System32\\rdpclip.exe'),
      ['Session', '2'],
      ['ClientInfo', 'user: EXAMPLE\\dana hostname: HOME-PC'],
      ['Hashes', 'SHA256=00'],
      ['Archived', 'true'],
      ['User', 'EXAMPLE\\dana'],
    ]),
    type: 'clipboardOperation',
    data: { processName: 'rdpclip.exe' },
    moved: { Image: 'process.executable' },
  },
  account(
    4720,
    [],
    [
      ['PrivilegeList', '-'],
      ['SamAccountName', 'mira'],
    ],
  ),
  account(4722),
  account(4723, [], [['PrivilegeList', '-']]),
  account(4724),
  account(4725),
  account(4726, [], [['PrivilegeList', '-']]),
  account(
    4738,
    [['Dummy', '-']],
    [
      ['PrivilegeList', '-'],
      ['SamAccountName', '-'],
    ],
  ),
  account(4740),
  account(4767),
  {
    event: securityEvent(4781, [
      ['OldTargetUserName', 'mira'],
      ['NewTargetUserName', 'svc_update'],
      ...target().slice(1),
      ...subject(),
      ['PrivilegeList', '-'],
    ]),
    type: 'userAccountModification',
    data: { userName: 'mira' },
  },
  ...[4728, 4729, 4732, 4733, 4756, 4757].map(member),
  {
    event: securityEvent(6416, device(USB_STICK, 'Example Stick &amp; Reader')),
    type: 'genericUsb',
    data: { deviceName: 'Example Stick & Reader' },
  },
  {
    event: securityEvent(6416, device('usb\\VID_1234&amp;PID_0001\\5', 'USB Mass Storage Device')),
    type: 'genericUsb',
    data: { deviceName: 'USB Mass Storage Device' },
  },
  {
    event: applicationEvent(
      'MsiInstaller',
      1033,
      ['Example.js Tools', '4.2.0', '1033', '0', 'Example Ltd', ''],
      'Windows Installer installed the product. Product Name: Example.js Tools. Product Version: 4.2.0. Product Language: 1033. Manufacturer: Example Ltd. Installation success or error status: 0.',
    ),
    type: 'newAppInstalled',
    data: { appName: 'Example.js Tools' },
  },
  {
    event: applicationEvent(
      'MsiInstaller',
      11707,
      ['Product: Example Tools -- Installation completed successfully.', ...INSTALLER_TAIL],
      'Product: Example Tools -- Installation completed successfully.',
    ),
    type: 'newAppInstalled',
    data: { appName: 'Example Tools' },
  },
  {
    event: applicationEvent(
      'MsiInstaller',
      1034,
      ['Example Tools', '4.2.0', '1033', '0', 'Example Ltd', ''],
      'Windows Installer removed the product. Product Name: Example Tools. Product Version: 4.2.0. Product Language: 1033. Manufacturer: Example Ltd. Removal success or error status: 0.',
    ),
    type: 'appUninstalled',
    data: { appName: 'Example Tools' },
  },
  {
    event: applicationEvent(
      'MsiInstaller',
      11724,
      ['Produkt: Example Tools -- Das Entfernen wurde abgeschlossen.', ...INSTALLER_TAIL],
      'Produkt: Example Tools -- Das Entfernen wurde abgeschlossen.',
    ),
    type: 'appUninstalled',
    data: { appName: 'Example Tools' },
  },
  {
    event: applicationEvent(
      'Application Error',
      1000,
      [
        'viewer.exe',
        '1.2.3.0',
        '65e50000',
        'ntdll.dll',
        '10.0.1',
        '65e50001',
        'c0000005',
        '0001',
        '1fe8',
        '01da6e',
      ],
      'Faulting application name: viewer.exe, version: 1.2.3.0, time stamp: 0x65e50000\r\nFaulting module name: ntdll.dll',
    ),
    type: 'unexpectedAppExit',
    data: { appName: 'viewer.exe' },
  },
  {
    event: applicationEvent(
      'Application Hang',
      1002,
      ['viewer.exe', '1.2.3.0', '1fe8', '01da6e'],
      'The program viewer.exe version 1.2.3.0 stopped interacting with Windows and was closed.',
    ),
    type: 'appNotResponding',
    data: { appName: 'viewer.exe' },
  },
];
