import { readFileSync } from 'node:fs';
import { sessionEventSchema } from './event';
import {
  ACTIONS,
  DETECTABLE_TYPE_IDS,
  dimensionOf,
  EVENT_TYPES,
  eventType,
  type EventTypeId,
} from './event-types';

const T = ['includes', 'equals', 'matches'];
const N3 = ['greaterThan', 'between', 'smallerThan'];
const EQ = ['equals'];
const GT = ['greaterThan'];

/** The product's table of event triggers: type, dimension, operators, unit. */
const TABLE: [string, ...[string, readonly string[], string?][]][] = [
  ['App Start', ['App name', T], ['Full command line', T]],
  ['App End', ['App name', T]],
  ['Top Most', ['App name', T], ['Windows title', T]],
  ['Web Browsing', ['URL', T], ['Tab title', T], ['Browser name', T]],
  ['File Create', ['Path', T], ['File size', N3, 'MB']],
  ['File Rename', ['Path', T], ['Name', T]],
  ['File Move', ['Source path', T], ['Destination path', T], ['File size', N3, 'MB']],
  ['File Delete', ['Path', T], ['File size', N3, 'MB']],
  ['CDM USB', ['Drive letter', EQ]],
  ['Generic USB', ['Device name', T]],
  ['Idle', ['Idle duration', GT, 'hours']],
  ['File Transfer', ['File source', EQ], ['File size', GT, 'MB'], ['File name', T]],
  ['Registry Create', ['Key name', T]],
  ['Registry Delete', ['Key name', T]],
  ['Registry Set Value', ['Key name', T], ['Value name', T]],
  ['Registry Delete Value', ['Key name', T], ['Value name', T]],
  ['Registry Rename', ['Key name', T]],
  ['User Account Modification', ['User name', T]],
  ['Unexpected App Exit', ['App name', T]],
  ['App Not Responding', ['App name', T]],
  ['New App Installed', ['App name', T]],
  ['App Uninstalled', ['App name', T]],
  ['RDP Connection', ['IP address', T]],
  ['Popup Window', ['Process name', ['includes', 'matches']], ['Window content', T]],
  [
    'Performance Data',
    ['CPU usage', GT, '%'],
    ['Memory usage', GT, '%'],
    ['Net send', GT, 'MB'],
    ['Net receive', GT, 'MB'],
    ['RTT', GT, 'ms'],
  ],
  ['Clipboard Operation', ['Data type', EQ], ['Process name', T], ['Content', T]],
  ['Session Start'],
  ['Custom', ['Source', T], ['Name', T], ['Text', T]],
];

describe('the table of event types', () => {
  it('RSP-1: has the types, dimensions, operators and units of the product, in its order', () => {
    const table = EVENT_TYPES.map((type) => [
      type.name,
      ...type.dimensions.map((dimension) => [
        dimension.name,
        [...dimension.operators],
        ...(dimension.kind === 'number' ? [dimension.unit] : []),
      ]),
    ]);
    expect(table).toEqual(TABLE);
  });

  it('allows every action for every type, but only e-mail at session start', () => {
    for (const type of EVENT_TYPES) {
      expect(type.actions).toEqual(type.id === 'sessionStart' ? ['sendEmail'] : ACTIONS);
    }
    expect(DETECTABLE_TYPE_IDS).toHaveLength(26);
    expect(DETECTABLE_TYPE_IDS).not.toContain('sessionStart');
  });

  it('converts units of policies to units of events in every dimension', () => {
    const units = EVENT_TYPES.flatMap(({ id, dimensions }) =>
      dimensions.flatMap((dimension) =>
        dimension.kind === 'number' ? [`${id} ${dimension.field} ${dimension.unitsPerLimit}`] : [],
      ),
    );
    expect(units).toEqual([
      'fileCreate fileSizeBytes 1048576',
      'fileMove fileSizeBytes 1048576',
      'fileDelete fileSizeBytes 1048576',
      'idle idleSeconds 3600',
      'fileTransfer fileSizeBytes 1048576',
      'performanceData cpuPercent 1',
      'performanceData memoryPercent 1',
      'performanceData netSendBytes 1048576',
      'performanceData netReceiveBytes 1048576',
      'performanceData rttMilliseconds 1',
    ]);
  });

  it('has the fixed choices of the product', () => {
    expect(dimensionOf(eventType('fileTransfer'), 'fileSource')).toMatchObject({
      choices: ['host', 'client'],
    });
    expect(dimensionOf(eventType('clipboardOperation'), 'dataType')).toMatchObject({
      choices: ['text', 'file', 'bitmap'],
    });
    expect(eventType('cdmUsb').label).toBe('Client drive mapping');
  });

  it('has unique ids', () => {
    expect(new Set(EVENT_TYPES.map(({ id }) => id)).size).toBe(28);
    for (const { dimensions } of EVENT_TYPES) {
      expect(new Set(dimensions.map(({ field }) => field)).size).toBe(dimensions.length);
    }
    expect(() => eventType('other' as EventTypeId)).toThrow(RangeError);
  });
});

describe('a session event', () => {
  const event = (type: string, data: object) => ({
    id: '0b6b2c2e-7b0e-4a39-9d2b-5d5d7f1a0001',
    type,
    time: '2026-01-01T00:00:00.123Z',
    data,
  });
  const problems = (value: unknown) =>
    sessionEventSchema.safeParse(value).error?.issues.map(({ path }) => path.join('/')) ?? [];

  it.each([
    ['appStart', { appName: 'cmd.exe', commandLine: 'x'.repeat(32_767) }],
    ['fileMove', { sourcePath: 'a', destinationPath: 'b', fileSizeBytes: 0 }],
    ['performanceData', { cpuPercent: 12.5, rttMilliseconds: 30 }],
    ['clipboardOperation', { dataType: 'bitmap' }],
    ['sessionStart', {}],
    ['idle', {}],
  ])('of type %s is accepted with any of its fields', (type, data) => {
    expect(problems(event(type, data))).toEqual([]);
  });

  it.each([
    ['an unknown type', event('reboot', {}), 'type'],
    ['a field of another type', event('appEnd', { commandLine: 'x' }), 'data'],
    ['a text of more than 32,767 units', event('appEnd', { appName: 'x'.repeat(32_768) }), 'data/appName'],
    ['a negative size', event('fileCreate', { fileSizeBytes: -1 }), 'data/fileSizeBytes'],
    ['an infinite size', event('fileCreate', { fileSizeBytes: Infinity }), 'data/fileSizeBytes'],
    ['a number as text', event('idle', { idleSeconds: '5' }), 'data/idleSeconds'],
    ['an unknown choice', event('clipboardOperation', { dataType: 'Text' }), 'data/dataType'],
    ['no time', { ...event('idle', {}), time: 'yesterday' }, 'time'],
    ['an id that is no UUID', { ...event('idle', {}), id: '1' }, 'id'],
    ['an unknown field', { ...event('idle', {}), severity: 1 }, ''],
  ])('with %s is rejected', (_, value, path) => {
    expect(problems(value)).toEqual([path]);
  });
});

describe('custom events', () => {
  const event = {
    id: '00000000-0000-4000-8000-000000000001',
    type: 'custom',
    time: '2030-01-15T12:00:00.000Z',
    data: { source: 'SAP', name: 'Payment approved', text: 'Invoice 4711' },
  };
  const withFields = (fields: object) => sessionEventSchema.safeParse({ ...event, fields });
  const numbered = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field ${index}`, index]));

  it('RCD-12: have a source, a name, a text and up to 20 fields', () => {
    expect(sessionEventSchema.parse(event)).toEqual(event);
    const fields = { amount: 12.5, currency: 'EUR', urgent: true };
    expect(withFields(fields)).toMatchObject({ success: true, data: { ...event, fields } });
    expect(withFields(numbered(20)).success).toBe(true);
    expect(withFields(numbered(21)).success).toBe(false);
    expect(withFields({ nested: { amount: 1 } }).success).toBe(false);
    expect(sessionEventSchema.safeParse({ ...event, data: { amount: 1 } }).success).toBe(false);
    expect(sessionEventSchema.safeParse({ ...event, type: 'appStart', data: {}, fields: {} }).success).toBe(
      false,
    );
  });

  it('RCD-12: are sent as the page about the protocol shows', () => {
    const page = readFileSync('docs/cloud-client-protocol.md', 'utf8');
    const [example] = /```json\n(\{[^`]*"type": "custom"[^`]*)```/.exec(page)?.slice(1) ?? [];
    expect(sessionEventSchema.parse(JSON.parse(example ?? ''))).toMatchObject({ fields: { urgent: true } });
  });

  it('RCD-12: triggers compare source, name and text', () => {
    const { dimensions, actions, detectable } = eventType('custom');
    expect(dimensions.map(({ id, operators }) => [id, operators])).toEqual([
      ['source', T],
      ['name', T],
      ['text', T],
    ]);
    expect(actions).toEqual(ACTIONS);
    // Recorders report them on their own account: no detection policy has to log them.
    expect(detectable).toBe(false);
  });
});
