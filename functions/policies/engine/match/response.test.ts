import type { EventData } from '../model/event';
import { compileDetection, detects } from './detection';
import { type EventTypeId } from '../model/event-types';
import { compileResponse, preEventSeconds, respond, typesWithTriggers } from './response';
import { DO_NOT_DETECT, DO_NOT_RESPOND } from '../model/system-policies';
import { detectionPolicy, FINANCE, LEGAL, responsePolicy, session, trigger } from '../testing/examples';
import type { Condition } from '../model/trigger';

const OLD = '2026-01-01T00:00:00.000Z';
const NEW = '2026-02-01T00:00:00.000Z';

/** Whether a trigger with these conditions matches an event. */
function matches(type: EventTypeId, conditions: Condition[], data: EventData): boolean {
  const compiled = compileResponse(responsePolicy({ triggers: [trigger(type, ...conditions)] }));
  return respond(compiled, session(), { type, data }) !== null;
}

const text = (
  dimension: string,
  operator: 'includes' | 'equals' | 'matches',
  ...values: string[]
): Condition => ({
  dimension,
  operator,
  values,
});

describe('a trigger', () => {
  it('without conditions matches every event of its type and no other', () => {
    expect(matches('appStart', [], {})).toBe(true);
    const compiled = compileResponse(responsePolicy({ triggers: [trigger('appStart')] }));
    expect(respond(compiled, session(), { type: 'appEnd', data: {} })).toBeNull();
  });

  it('RSP-1: requires any value of a dimension and every dimension', () => {
    const conditions = [
      text('appName', 'equals', 'cmd.exe', 'pwsh.exe'),
      text('commandLine', 'includes', '-enc', '-e '),
    ];
    expect(matches('appStart', conditions, { appName: 'PWSH.EXE', commandLine: 'pwsh.exe -Enc AA' })).toBe(
      true,
    );
    expect(matches('appStart', conditions, { appName: 'pwsh.exe', commandLine: 'pwsh.exe' })).toBe(false);
    expect(matches('appStart', conditions, { appName: 'bash.exe', commandLine: '-enc' })).toBe(false);
  });

  it('treats several conditions on one dimension as alternatives', () => {
    const conditions = [text('path', 'equals', 'C:\\a'), text('path', 'includes', 'secret')];
    expect(matches('fileCreate', conditions, { path: 'c:\\A' })).toBe(true);
    expect(matches('fileCreate', conditions, { path: 'D:\\Secrets' })).toBe(true);
    expect(matches('fileCreate', conditions, { path: 'D:\\a' })).toBe(false);
  });

  it('does not match an event that lacks the dimension', () => {
    expect(matches('appStart', [text('commandLine', 'matches', '.*')], { appName: 'cmd.exe' })).toBe(false);
    const small: Condition = { dimension: 'fileSize', operator: 'smallerThan', values: [1] };
    expect(matches('fileCreate', [small], { path: 'x' })).toBe(false);
  });

  it('searches a pattern anywhere in the value, but Equals compares all of it', () => {
    expect(matches('appEnd', [text('appName', 'matches', 'm\\w')], { appName: 'cmd.exe' })).toBe(true);
    expect(matches('appEnd', [text('appName', 'equals', 'cmd')], { appName: 'cmd.exe' })).toBe(false);
  });
});

describe('numbers', () => {
  const MB = 1_048_576;
  const size = (condition: object, fileSizeBytes: number) =>
    matches('fileCreate', [{ dimension: 'fileSize', ...condition } as Condition], { fileSizeBytes });

  it.each([
    ['greater than excludes its limit', { operator: 'greaterThan', values: [2] }, 2 * MB, false],
    ['greater than takes a byte more', { operator: 'greaterThan', values: [2] }, 2 * MB + 1, true],
    ['smaller than excludes its limit', { operator: 'smallerThan', values: [2] }, 2 * MB, false],
    ['smaller than takes a byte less', { operator: 'smallerThan', values: [2] }, 2 * MB - 1, true],
    ['between includes its lower end', { operator: 'between', from: 1, to: 2 }, MB, true],
    ['between includes its upper end', { operator: 'between', from: 1, to: 2 }, 2 * MB, true],
    ['between ends there', { operator: 'between', from: 1, to: 2 }, 2 * MB + 1, false],
    ['one of several limits is enough', { operator: 'greaterThan', values: [9, 1] }, 2 * MB, true],
    ['decimals are taken', { operator: 'greaterThan', values: [0.5] }, MB / 2 + 1, true],
  ])('%s', (_, condition, fileSizeBytes, expected) => {
    expect(size(condition, fileSizeBytes)).toBe(expected);
  });

  it('are hours when idle', () => {
    const idle: Condition = { dimension: 'idleDuration', operator: 'greaterThan', values: [0.5] };
    expect(matches('idle', [idle], { idleSeconds: 1801 })).toBe(true);
    expect(matches('idle', [idle], { idleSeconds: 1800 })).toBe(false);
  });
});

describe('drives and choices', () => {
  it.each(['D', 'd', 'D:', 'd:\\', 'D:/'])('compare by the letter: %s', (driveLetter) => {
    expect(matches('cdmUsb', [text('driveLetter', 'equals', 'd:')], { driveLetter })).toBe(true);
    expect(matches('cdmUsb', [text('driveLetter', 'equals', 'E')], { driveLetter })).toBe(false);
  });

  it('ignore case', () => {
    expect(
      matches('clipboardOperation', [text('dataType', 'equals', 'Bitmap')], { dataType: 'bitmap' }),
    ).toBe(true);
    expect(matches('fileTransfer', [text('fileSource', 'equals', 'HOST')], { fileSource: 'client' })).toBe(
      false,
    );
  });
});

describe('RSP-3: of several rules that match an event', () => {
  const start = { type: 'appStart', data: { appName: 'cmd.exe' } } as const;
  const acting = (...rules: Parameters<typeof responsePolicy>) =>
    respond(compileResponse(responsePolicy(...rules)), session(), start)?.ruleId;
  const triggers = [trigger('appStart')];

  it('the oldest acts, at any position', () => {
    expect(acting({ triggers, createdAt: NEW }, { triggers, createdAt: OLD })).toBe('rule-1');
  });

  it('the first acts among rules of the same age', () => {
    expect(acting({ triggers, createdAt: OLD }, { triggers, createdAt: OLD })).toBe('rule-0');
  });

  it('an older one out of scope or without a matching trigger does not prevent it', () => {
    const other = [trigger('appEnd')];
    const rules = [{ triggers, scope: LEGAL }, { triggers: other }, { triggers, createdAt: NEW }];
    expect(acting(...rules)).toBe('rule-2');
  });

  it('none acts when none matches', () => {
    expect(acting({ triggers, scope: LEGAL })).toBeUndefined();
    expect(respond(compileResponse(DO_NOT_RESPOND), session(), start)).toBeNull();
  });
});

describe('the response of a rule', () => {
  const policy = responsePolicy({
    scope: FINANCE,
    recipients: 'ada@contoso.example; Ada@contoso.example ;bob@contoso.example;',
    recordingOptions: { minutesAfter: 0, secondsBefore: 3, lossy: true },
    operationDelaySeconds: 20,
    triggers: [
      { ...trigger('appStart'), actions: ['lockSession', 'sendEmail'], description: 'Any app' },
      { ...trigger('appEnd'), actions: ['logOffSession'], description: 'Another type' },
      {
        ...trigger('appStart', text('appName', 'equals', 'cmd.exe')),
        actions: ['startScreenRecording', 'lockSession'],
      },
      { ...trigger('appStart', text('appName', 'equals', 'bash')), actions: ['disconnectSession'] },
    ],
  });

  it('RSP-3: combines all matching triggers, each action once, in the order of execution', () => {
    const response = respond(compileResponse(policy), session(), {
      type: 'appStart',
      data: { appName: 'CMD.exe' },
    });
    expect(response).toEqual({
      ruleId: 'rule-0',
      ruleName: 'Rule 0',
      triggers: [
        { position: 0, description: 'Any app', actions: ['lockSession', 'sendEmail'] },
        { position: 2, description: '', actions: ['startScreenRecording', 'lockSession'] },
      ],
      actions: ['startScreenRecording', 'sendEmail', 'lockSession'],
      descriptions: ['Any app'],
      recipients: ['ada@contoso.example', 'bob@contoso.example'],
      recordingOptions: { minutesAfter: null, secondsBefore: 10, lossy: true },
      operationDelaySeconds: 20,
    });
  });

  it('may have no actions', () => {
    const idle = responsePolicy({ triggers: [trigger('idle')] });
    expect(respond(compileResponse(idle), session(), { type: 'idle', data: {} })?.actions).toEqual([]);
  });

  it.each([
    [null, null],
    [0, null],
    [1, 10],
    [10, 10],
    [11, 11],
    [120, 120],
  ])('RSP-4: buffers for %s seconds before an event %s seconds', (secondsBefore, effective) => {
    const recordingOptions = { minutesAfter: 5, secondsBefore, lossy: false };
    const compiled = compileResponse(responsePolicy({ recordingOptions, triggers: [trigger('idle')] }));
    const response = respond(compiled, session(), { type: 'idle', data: {} });
    expect(response?.recordingOptions).toEqual({ minutesAfter: 5, secondsBefore: effective, lossy: false });
  });
});

describe('derived from a response policy', () => {
  const starts = [{ ...trigger('appStart'), actions: ['startScreenRecording' as const] }];
  const before = (secondsBefore: number) => ({ minutesAfter: null, secondsBefore, lossy: false });

  it('is the longest buffer before events of the rules in scope that start a recording', () => {
    const compiled = compileResponse(
      responsePolicy(
        { triggers: starts, recordingOptions: before(15) },
        { triggers: starts, recordingOptions: before(5) },
        { triggers: starts, recordingOptions: before(60), scope: LEGAL },
        { triggers: [trigger('appStart')], recordingOptions: before(90) },
      ),
    );
    expect(preEventSeconds(compiled, session())).toBe(15);
    expect(preEventSeconds(compileResponse(DO_NOT_RESPOND), session())).toBe(0);
  });

  it('is the set of types that have a trigger', () => {
    const policy = responsePolicy({ triggers: [trigger('idle'), trigger('appStart')] }, { triggers: starts });
    expect([...typesWithTriggers(compileResponse(policy))].toSorted()).toEqual(['appStart', 'idle']);
  });
});

describe('a detection policy', () => {
  it('POL-5: logs the union of the types of all rules in scope, in the order of the table', () => {
    const policy = detectionPolicy(
      { eventTypes: ['clipboardOperation', 'appStart'] },
      { eventTypes: ['appStart', 'performanceData'] },
      { eventTypes: ['idle'], scope: LEGAL },
    );
    expect(detects(compileDetection(policy), session())).toEqual({
      eventTypes: ['appStart', 'performanceData', 'clipboardOperation'],
      performanceData: true,
    });
  });

  it('that is "Do not detect" logs nothing', () => {
    const nothing = { eventTypes: [], performanceData: false };
    expect(detects(compileDetection(DO_NOT_DETECT), session())).toEqual(nothing);
  });
});
