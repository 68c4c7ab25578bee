/** The event types, their dimensions and options: the one table that validation, matching, OpenAPI and docs read. */

/** How a condition compares. Text and fixed choices on the left, numbers on the right. */
export type TextOperator = 'includes' | 'equals' | 'matches';
export type NumberOperator = 'greaterThan' | 'between' | 'smallerThan';

/** What a trigger can do, in the order in which the actions of one event are carried out. */
export const ACTIONS = [
  'startScreenRecording',
  'sendEmail',
  'lockSession',
  'disconnectSession',
  'logOffSession',
] as const;
export type Action = (typeof ACTIONS)[number];

interface DimensionBase {
  /** Stable id, unique within the event type. */
  readonly id: string;
  /** As administrators know it. */
  readonly name: string;
  /** The field of the event's `data` that holds the value; absent in an event means that no condition holds. */
  readonly field: string;
  /** Its place among the dimensions of its type, from 0. */
  readonly slot: number;
}

export interface TextDimension extends DimensionBase {
  readonly kind: 'text';
  readonly operators: readonly TextOperator[];
}

/** A drive: `D`, `D:` and `d:\` are the same. */
export interface DriveDimension extends DimensionBase {
  readonly kind: 'drive';
  readonly operators: readonly ['equals'];
}

export interface ChoiceDimension extends DimensionBase {
  readonly kind: 'choice';
  readonly operators: readonly ['equals'];
  readonly choices: readonly string[];
}

export interface NumberDimension extends DimensionBase {
  readonly kind: 'number';
  readonly operators: readonly NumberOperator[];
  /** The unit in which policies give limits. */
  readonly unit: '%' | 'MB' | 'ms' | 'hours';
  /** A limit times this is in the unit of the event's field. */
  readonly unitsPerLimit: number;
  /** The largest value that an event can have, in the policy's unit, where there is one. */
  readonly maximum?: number;
}

export type Dimension = TextDimension | DriveDimension | ChoiceDimension | NumberDimension;
/** A dimension that is not yet one of a type. */
type Unplaced<D extends Dimension> = Omit<D, 'slot'>;
type UnplacedDimension =
  Unplaced<TextDimension> | Unplaced<DriveDimension> | Unplaced<ChoiceDimension> | Unplaced<NumberDimension>;

/** What kind of happening a type is; templates are found by it. */
export const EVENT_CATEGORIES = [
  'application',
  'window',
  'web',
  'file',
  'device',
  'registry',
  'account',
  'network',
  'clipboard',
  'session',
] as const;
export type EventCategory = (typeof EVENT_CATEGORIES)[number];

export interface EventType {
  readonly id: EventTypeId;
  /** As the product's table of event triggers writes it. */
  readonly name: string;
  /** As a list of triggers or an alert shows it. */
  readonly label: string;
  readonly category: EventCategory;
  readonly dimensions: readonly Dimension[];
  readonly actions: readonly Action[];
  /** Whether an event detection policy can log it. */
  readonly detectable: boolean;
}

const ANY_TEXT = ['includes', 'equals', 'matches'] as const;
const ANY_NUMBER = ['greaterThan', 'between', 'smallerThan'] as const;
const BYTES_PER_MB = 1_048_576;
const SECONDS_PER_HOUR = 3600;

const text = (
  id: string,
  name: string,
  operators: readonly TextOperator[] = ANY_TEXT,
): Unplaced<TextDimension> => ({
  id,
  name,
  field: id,
  kind: 'text',
  operators,
});

const choice = (id: string, name: string, ...choices: string[]): Unplaced<ChoiceDimension> => ({
  id,
  name,
  field: id,
  kind: 'choice',
  operators: ['equals'],
  choices,
});

const number = (
  id: string,
  name: string,
  field: string,
  scale: Pick<NumberDimension, 'unit' | 'unitsPerLimit' | 'maximum'>,
  operators: readonly NumberOperator[] = ['greaterThan'],
): Unplaced<NumberDimension> => ({ id, name, field, kind: 'number', operators, ...scale });

const drive = (id: string, name: string): Unplaced<DriveDimension> => ({
  id,
  name,
  field: id,
  kind: 'drive',
  operators: ['equals'],
});

const MEGABYTES = { unit: 'MB', unitsPerLimit: BYTES_PER_MB } as const;
const PERCENT = { unit: '%', unitsPerLimit: 1, maximum: 100 } as const;

const appName = text('appName', 'App name');
const keyName = text('keyName', 'Key name');
const valueName = text('valueName', 'Value name');
const processName = text('processName', 'Process name');
const fileSize = number('fileSize', 'File size', 'fileSizeBytes', MEGABYTES, ANY_NUMBER);

/** The 26 types of recorded events, then the start of a session, in the order of the product's table. */
const TABLE = [
  ['appStart', 'App Start', 'App start', 'application', [appName, text('commandLine', 'Full command line')]],
  ['appEnd', 'App End', 'App end', 'application', [appName]],
  ['topMost', 'Top Most', 'Topmost window', 'window', [appName, text('windowTitle', 'Windows title')]],
  [
    'webBrowsing',
    'Web Browsing',
    'Web browsing',
    'web',
    [text('url', 'URL'), text('tabTitle', 'Tab title'), text('browserName', 'Browser name')],
  ],
  ['fileCreate', 'File Create', 'File creation', 'file', [text('path', 'Path'), fileSize]],
  ['fileRename', 'File Rename', 'File renaming', 'file', [text('path', 'Path'), text('name', 'Name')]],
  [
    'fileMove',
    'File Move',
    'File moving',
    'file',
    [text('sourcePath', 'Source path'), text('destinationPath', 'Destination path'), fileSize],
  ],
  ['fileDelete', 'File Delete', 'File deletion', 'file', [text('path', 'Path'), fileSize]],
  ['cdmUsb', 'CDM USB', 'Client drive mapping', 'device', [drive('driveLetter', 'Drive letter')]],
  ['genericUsb', 'Generic USB', 'Generic USB device', 'device', [text('deviceName', 'Device name')]],
  [
    'idle',
    'Idle',
    'Idle',
    'session',
    [
      number('idleDuration', 'Idle duration', 'idleSeconds', {
        unit: 'hours',
        unitsPerLimit: SECONDS_PER_HOUR,
      }),
    ],
  ],
  [
    'fileTransfer',
    'File Transfer',
    'File transfer',
    'file',
    [
      choice('fileSource', 'File source', 'host', 'client'),
      number('fileSize', 'File size', 'fileSizeBytes', MEGABYTES),
      text('fileName', 'File name'),
    ],
  ],
  ['registryCreate', 'Registry Create', 'Registry key creation', 'registry', [keyName]],
  ['registryDelete', 'Registry Delete', 'Registry key deletion', 'registry', [keyName]],
  ['registrySetValue', 'Registry Set Value', 'Registry value set', 'registry', [keyName, valueName]],
  [
    'registryDeleteValue',
    'Registry Delete Value',
    'Registry value deletion',
    'registry',
    [keyName, valueName],
  ],
  ['registryRename', 'Registry Rename', 'Registry key renaming', 'registry', [keyName]],
  [
    'userAccountModification',
    'User Account Modification',
    'User account modification',
    'account',
    [text('userName', 'User name')],
  ],
  ['unexpectedAppExit', 'Unexpected App Exit', 'Unexpected app exit', 'application', [appName]],
  ['appNotResponding', 'App Not Responding', 'App not responding', 'application', [appName]],
  ['newAppInstalled', 'New App Installed', 'App installation', 'application', [appName]],
  ['appUninstalled', 'App Uninstalled', 'App removal', 'application', [appName]],
  ['rdpConnection', 'RDP Connection', 'RDP connection', 'network', [text('ipAddress', 'IP address')]],
  [
    'popupWindow',
    'Popup Window',
    'Popup window',
    'window',
    [text('processName', 'Process name', ['includes', 'matches']), text('windowContent', 'Window content')],
  ],
  [
    'performanceData',
    'Performance Data',
    'Performance data',
    'session',
    [
      number('cpuUsage', 'CPU usage', 'cpuPercent', PERCENT),
      number('memoryUsage', 'Memory usage', 'memoryPercent', PERCENT),
      number('netSend', 'Net send', 'netSendBytes', MEGABYTES),
      number('netReceive', 'Net receive', 'netReceiveBytes', MEGABYTES),
      number('rtt', 'RTT', 'rttMilliseconds', { unit: 'ms', unitsPerLimit: 1 }),
    ],
  ],
  [
    'clipboardOperation',
    'Clipboard Operation',
    'Clipboard operation',
    'clipboard',
    [choice('dataType', 'Data type', 'text', 'file', 'bitmap'), processName, text('content', 'Content')],
  ],
  ['sessionStart', 'Session Start', 'Session start', 'session', []],
] as const satisfies readonly (readonly [
  string,
  string,
  string,
  EventCategory,
  readonly UnplacedDimension[],
])[];

export type EventTypeId = (typeof TABLE)[number][0];
/** A type that a detection policy can log: all but the start of a session. */
export type DetectableTypeId = Exclude<EventTypeId, 'sessionStart'>;

/** Nothing but a mail can answer the start of a session: there is no recording yet to act on. */
const actionsOf = (id: EventTypeId): readonly Action[] => (id === 'sessionStart' ? ['sendEmail'] : ACTIONS);

/** Every event type, in the order of the product's table. */
export const EVENT_TYPES: readonly EventType[] = TABLE.map(([id, name, label, category, dimensions]) => ({
  id,
  name,
  label,
  category,
  dimensions: dimensions.map((dimension, slot) => ({ ...dimension, slot })),
  actions: actionsOf(id),
  detectable: id !== 'sessionStart',
}));

const byId = new Map(EVENT_TYPES.map((type) => [type.id, type]));

/** The type of an id. */
export function eventType(id: EventTypeId): EventType {
  const type = byId.get(id);
  if (!type) throw new RangeError(`Unknown event type: ${id}`);
  return type;
}

/** The dimension of a type, or undefined when the type has no such dimension. */
export function dimensionOf(type: EventType, id: string): Dimension | undefined {
  return type.dimensions.find((dimension) => dimension.id === id);
}

/** The largest value that an event can have in a dimension, in the unit of its field; Infinity where there is none. */
export function largestValue({ maximum, unitsPerLimit }: NumberDimension): number {
  return maximum === undefined ? Infinity : maximum * unitsPerLimit;
}

export const EVENT_TYPE_IDS = EVENT_TYPES.map((type) => type.id);
export const DETECTABLE_TYPE_IDS = EVENT_TYPE_IDS.filter(
  (id): id is DetectableTypeId => id !== 'sessionStart',
);
