/** The table of event types, their dimensions and operators: the single source for validation, matching, OpenAPI and docs. */

/** Operators for texts, drives and choices. */
export type TextOperator = 'includes' | 'equals' | 'matches';
/** Operators for numbers. */
export type NumberOperator = 'greaterThan' | 'between' | 'smallerThan';

/** The actions of triggers, in the order in which those of one event are executed. */
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
  /** Display name. */
  readonly name: string;
  /** The field of the event's `data` that has the value; if it is missing, no condition is satisfied. */
  readonly field: string;
  /** Its index among the dimensions of its type, from 0. */
  readonly slot: number;
}

export interface TextDimension extends DimensionBase {
  readonly kind: 'text';
  readonly operators: readonly TextOperator[];
}

/** A drive: `D`, `D:` and `d:\` are equal. */
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
  /** The unit of limits in policies. */
  readonly unit: '%' | 'MB' | 'ms' | 'hours';
  /** Multiplied by this, a limit is in the unit of the event's field. */
  readonly unitsPerLimit: number;
  /** The largest value that an event can have, in the unit of policies; undefined: unbounded. */
  readonly maximum?: number;
}

export type Dimension = TextDimension | DriveDimension | ChoiceDimension | NumberDimension;
/** A dimension before it is assigned to a type. */
type Unassigned<D extends Dimension> = Omit<D, 'slot'>;
type UnassignedDimension =
  | Unassigned<TextDimension>
  | Unassigned<DriveDimension>
  | Unassigned<ChoiceDimension>
  | Unassigned<NumberDimension>;

/** The categories of event types, by which templates can be searched. */
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
  'custom',
] as const;
export type EventCategory = (typeof EVENT_CATEGORIES)[number];

export interface EventType {
  readonly id: EventTypeId;
  /** As in the product's table of event triggers. */
  readonly name: string;
  /** As lists of triggers and alerts show it. */
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
): Unassigned<TextDimension> => ({
  id,
  name,
  field: id,
  kind: 'text',
  operators,
});

const choice = (id: string, name: string, ...choices: string[]): Unassigned<ChoiceDimension> => ({
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
): Unassigned<NumberDimension> => ({ id, name, field, kind: 'number', operators, ...scale });

const drive = (id: string, name: string): Unassigned<DriveDimension> => ({
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

/** The 26 types of recorded events, then the session start, in the order of the product's table; then custom events. */
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
  [
    'custom',
    'Custom',
    'Custom event',
    'custom',
    [text('source', 'Source'), text('name', 'Name'), text('text', 'Text')],
  ],
] as const satisfies readonly (readonly [
  string,
  string,
  string,
  EventCategory,
  readonly UnassignedDimension[],
])[];

export type EventTypeId = (typeof TABLE)[number][0];
/** The types that a detection policy can log: not the session start, nor what a recorder reports on its own account. */
export type DetectableTypeId = Exclude<EventTypeId, 'sessionStart' | 'custom'>;

const isDetectable = (id: EventTypeId): id is DetectableTypeId => id !== 'sessionStart' && id !== 'custom';

/** The only response to a session start is e-mail: there is no recording yet. */
const actionsOf = (id: EventTypeId): readonly Action[] => (id === 'sessionStart' ? ['sendEmail'] : ACTIONS);

/** Every event type, in the order of the product's table. */
export const EVENT_TYPES: readonly EventType[] = TABLE.map(([id, name, label, category, dimensions]) => ({
  id,
  name,
  label,
  category,
  dimensions: dimensions.map((dimension, slot) => ({ ...dimension, slot })),
  actions: actionsOf(id),
  detectable: isDetectable(id),
}));

const byId = new Map(EVENT_TYPES.map((type) => [type.id, type]));

/** The event type with this id. @throws RangeError for an unknown id */
export function eventType(id: EventTypeId): EventType {
  const type = byId.get(id);
  if (!type) throw new RangeError(`Unknown event type: ${id}`);
  return type;
}

/** The dimension with this id of a type, or undefined when the type has none. */
export function dimensionOf(type: EventType, id: string): Dimension | undefined {
  return type.dimensions.find((dimension) => dimension.id === id);
}

/** The largest value that an event can have in a dimension, in the unit of its field; Infinity if unbounded. */
export function largestValue({ maximum, unitsPerLimit }: NumberDimension): number {
  return maximum === undefined ? Infinity : maximum * unitsPerLimit;
}

export const EVENT_TYPE_IDS = EVENT_TYPES.map((type) => type.id);
export const DETECTABLE_TYPE_IDS = EVENT_TYPE_IDS.filter(isDetectable);
