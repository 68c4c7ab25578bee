/** Arbitrary policies of similar rules, so that many shadow others and many triggers are duplicates. */
import fc from 'fast-check';
import type { Scope } from '../model/scope';
import type { Trigger } from '../model/trigger';
import { detectionPolicy, recordingPolicy, responsePolicy } from './examples';

const some = <T>(...values: T[]) => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const names = (...values: string[]) => some(...values).map((chosen) => chosen.map((name) => ({ name })));
const anyScope = fc.record(
  {
    users: names('Ada', 'Bob', 'straße'),
    groups: names('Ada', 'Ops', 'ops', 'Legal'),
    machines: some('VDA-1', 'VDA-2'),
    clientAddresses: some(
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.0.0.7',
      '10.0.0.7-10.1.0.9',
      '::/0',
      '::1',
      '10.0.0.0/9',
      '10.128.0.0/9',
    ),
    tags: some('x', 'y'),
  },
  { requiredKeys: ['tags'] },
);

/** Mostly equal scopes, so that the triggers and actions decide. */
const scope = fc.oneof(
  { weight: 1, arbitrary: anyScope },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Scope>(
      { tags: ['x'] },
      { tags: ['X', 'y'] },
      { tags: ['x'], machines: ['VDA-1'] },
    ),
  },
);

/** Few pieces, so that many texts contain others. */
export const word = fc
  .array(fc.constantFrom('a', 'B', 'ab', 'É', '-exe', 'ß'), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(''));
/** Sometimes more than are searched for one by one. */
export const words = fc.oneof(
  { weight: 5, arbitrary: fc.array(word, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(word, { minLength: 65, maxLength: 80 }) },
);
const limit = fc.constantFrom(0, 1, 2, 3, 100);
const limits = fc.array(limit, { minLength: 1, maxLength: 2 });
const on = <Values>(dimension: string, operator: string, values: fc.Arbitrary<Values>) =>
  fc.record({ dimension: fc.constant(dimension), operator: fc.constant(operator), values });
const textOn = (dimension: string) =>
  fc.oneof(
    on(dimension, 'includes', words),
    on(dimension, 'equals', words),
    on(dimension, 'matches', some('a+', 'b', '.*')),
  );
const sizeOn = fc.oneof(
  on('fileSize', 'greaterThan', limits),
  on('fileSize', 'smallerThan', limits),
  fc.tuple(limit, limit).map(([from, more]) => ({
    dimension: 'fileSize',
    operator: 'between',
    from,
    to: from + more,
  })),
);

const above = (dimension: string) => on(dimension, 'greaterThan', limits);

const triggerOf = (eventType: string, ...condition: fc.Arbitrary<object>[]) =>
  fc
    .array(fc.oneof(...condition), { maxLength: 2 })
    .map((conditions) => ({ eventType, conditions, description: '', actions: [] }) as unknown as Trigger);
const trigger = fc.oneof(
  triggerOf('appStart', textOn('appName'), textOn('appName'), textOn('commandLine')),
  triggerOf('fileCreate', textOn('path'), sizeOn),
  triggerOf('fileCreate', sizeOn),
  triggerOf('performanceData', above('cpuUsage'), above('rtt'), above('netSend')),
  triggerOf('clipboardOperation', on('dataType', 'equals', some('text', 'File', 'file', 'bitmap'))),
  triggerOf('cdmUsb', on('driveLetter', 'equals', some('D', 'd:', 'E'))),
);

const createdAt = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');
const rulesOf = <Rule>(rule: fc.Arbitrary<Rule>) => fc.array(rule, { minLength: 8, maxLength: 40 });
export const recording = rulesOf(
  fc.record({ scope, action: fc.constantFrom('disable', 'recordWithNotification') }),
).map((rules) => recordingPolicy(...(rules as Parameters<typeof recordingPolicy>)));
export const detection = rulesOf(
  fc.record({ scope, eventTypes: fc.subarray(['appStart', 'idle', 'appEnd'] as const) }),
).map((rules) => detectionPolicy(...(rules as Parameters<typeof detectionPolicy>)));
export const response = rulesOf(
  fc.record({ scope, createdAt, triggers: fc.array(trigger, { maxLength: 4 }) }),
).map((rules) => responsePolicy(...rules));
