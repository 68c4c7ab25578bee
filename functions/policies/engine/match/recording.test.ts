import { NO_DETECTION } from './detection';
import { compile, detects, respond } from '..';
import { type RecordingAction } from '../model/policy';
import { compileRecording, decide, FALLBACK_DECISION, type RecordingDecision, rollOver } from './recording';
import {
  DO_NOT_DETECT,
  DO_NOT_RECORD,
  DO_NOT_RESPOND,
  SYSTEM_RECORDING_POLICIES,
} from '../model/system-policies';
import { FINANCE, LEGAL, recordingPolicy, session } from '../testing/examples';

const decideWith = (...actions: RecordingAction[]) =>
  decide(compileRecording(recordingPolicy(...actions.map((action) => ({ action })))), session());

describe('of several rules that apply', () => {
  const byPriority: RecordingAction[] = [
    'disable',
    'recordWithNotification',
    'eventOnlyWithNotification',
    'recordWithoutNotification',
    'eventOnlyWithoutNotification',
  ];

  it.each(byPriority.slice(1).map((lower, index) => [byPriority[index] ?? 'disable', lower] as const))(
    'POL-3: %s comes before %s, whatever their positions',
    (higher, lower) => {
      expect(decideWith(lower, higher).action).toBe(higher);
      expect(decideWith(higher, lower).action).toBe(higher);
    },
  );

  it('POL-3: with the same action the first gives audio and lossy, nothing is merged', () => {
    const policy = recordingPolicy(
      { action: 'recordWithNotification', lossy: true },
      { action: 'recordWithNotification', audio: true },
    );
    const decision = decide(compileRecording(policy), session());
    expect(decision).toMatchObject({ ruleId: 'rule-0', audio: false, lossy: true });
  });
});

describe('a decision', () => {
  it.each([
    ['disable', 'none', false],
    ['recordWithNotification', 'full', true],
    ['recordWithoutNotification', 'full', false],
    ['eventOnlyWithNotification', 'eventsOnly', true],
    ['eventOnlyWithoutNotification', 'eventsOnly', false],
  ] as const)('of %s records %s', (action, record, notify) => {
    expect(decideWith(action)).toMatchObject({
      action,
      record,
      notify,
      ruleId: 'rule-0',
      ruleName: 'Rule 0',
    });
  });

  it('POL-3: is that of the fallback rule, which disables recording, when no rule applies', () => {
    const compiled = compileRecording(recordingPolicy({ action: 'recordWithNotification', scope: LEGAL }));
    expect(decide(compiled, session())).toBe(FALLBACK_DECISION);
    expect(FALLBACK_DECISION).toMatchObject({
      action: 'disable',
      record: 'none',
      notify: false,
      ruleId: null,
    });
  });
});

describe('a scope', () => {
  const applies = (scope: object, facts = {}) =>
    decide(compileRecording(recordingPolicy({ scope })), session(facts)).ruleId !== null;

  it('POL-2: requires a user or a group among people, and a match of every kind of criteria', () => {
    const people = { users: [{ name: 'CONTOSO\\eve' }], ...FINANCE };
    expect(applies(people)).toBe(true);
    expect(applies({ ...people, applications: ['Word'] })).toBe(false);
    expect(applies({ ...people, applications: ['Word', 'Excel'] }, { application: 'EXCEL' })).toBe(true);
  });

  it('requires a delivery group or a machine', () => {
    const scope = { deliveryGroups: ['Desktops'], machines: ['VDA-1'] };
    expect(applies(scope, { machine: 'vda-1', deliveryGroup: 'Other' })).toBe(true);
    expect(applies(scope, { machine: 'vda-2', deliveryGroup: 'desktops' })).toBe(true);
    expect(applies(scope, { machine: 'Desktops' })).toBe(false);
  });

  const user = {
    name: 'CONTOSO\\ada',
    upn: 'ada@contoso.example',
    sid: 'S-1-5-21-1',
    entraId: 'e-1',
    groups: [],
  };

  it.each([
    [{ name: 'contoso\\ADA' }],
    [{ upn: 'Ada@Contoso.Example' }],
    [{ sid: 's-1-5-21-1' }],
    [{ entraId: 'E-1' }],
    [{ name: 'CONTOSO\\renamed', sid: 'S-1-5-21-1' }],
  ])('identifies a user by %j', (wanted) => {
    expect(applies({ users: [wanted] }, { user })).toBe(true);
  });

  it('does not confuse kinds of identifiers, or groups and users', () => {
    expect(applies({ users: [{ upn: 'CONTOSO\\ada' }] }, { user })).toBe(false);
    expect(applies({ groups: [{ name: 'CONTOSO\\ada' }] }, { user })).toBe(false);
    expect(applies({ users: [{ name: 'CONTOSO\\Finance' }] })).toBe(false);
  });

  it('distinguishes users whose long names differ only at the end', () => {
    const long = (last: string) => `CONTOSO\\${'very-long-name-'.repeat(20)}${last}`;
    expect(applies({ users: [{ name: long('a') }] }, { user: { name: long('A'), groups: [] } })).toBe(true);
    expect(applies({ users: [{ name: long('a') }] }, { user: { name: long('b'), groups: [] } })).toBe(false);
  });

  it('POL-2a: of everyone applies to every session', () => {
    expect(applies({ everyone: true })).toBe(true);
    expect(applies({ everyone: true }, { user: { name: '', groups: [] }, clientAddress: 'unknown' })).toBe(
      true,
    );
  });

  it.each([
    ['::10.0.0.1', '::10.0.0.1', '10.0.0.1'],
    ['::10.0.0.1', '::a00:1', '::ffff:10.0.0.1'],
    ['10.0.0.1', '10.0.0.1', '::10.0.0.1'],
    ['10.0.0.1', '::ffff:10.0.0.1', '::010.0.0.1'],
    ['8.0.0.0/5', '10.0.0.1', '010.0.0.1'],
    ['::10.0.0.0/120', '::10.0.0.9', '10.0.0.9'],
    ['10.0.0.0-10.0.0.255', '10.0.0.9', '::10.0.0.9'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1', '10.0.0.1'],
  ])('POL-2: of the address %s applies to %s, not to %s', (range, inside, outside) => {
    expect(applies({ clientAddresses: [range] }, { clientAddress: inside })).toBe(true);
    expect(applies({ clientAddresses: [range] }, { clientAddress: outside })).toBe(false);
  });

  it('with an address range excludes sessions with an unknown or invalid address', () => {
    expect(applies({ clientAddresses: ['0.0.0.0/0', '::/0'] })).toBe(false);
    expect(applies({ clientAddresses: ['0.0.0.0/0', '::/0'] }, { clientAddress: 'unknown' })).toBe(false);
    expect(applies({ clientAddresses: ['10.0.0.0/8'] }, { clientAddress: '10.9.8.7' })).toBe(true);
  });
});

describe('a roll-over under a new decision', () => {
  const decision = (action: RecordingAction): RecordingDecision => decideWith(action);
  const NONE = 'disable';
  const NOTIFIED = 'recordWithNotification';
  const SILENT = 'recordWithoutNotification';
  const EVENTS_NOTIFIED = 'eventOnlyWithNotification';
  const EVENTS_SILENT = 'eventOnlyWithoutNotification';

  it.each([
    // The product's table.
    [NONE, NOTIFIED, 'notRecorded', NONE, false],
    [NONE, SILENT, 'notRecorded', NONE, false],
    [SILENT, NONE, 'stops', NONE, false],
    [SILENT, NOTIFIED, 'continues', NOTIFIED, true],
    [NOTIFIED, NONE, 'stops', NONE, false],
    [NOTIFIED, SILENT, 'continues', SILENT, false],
    // Pairs that the table lacks, by the same principle.
    [NONE, NONE, 'notRecorded', NONE, false],
    [NONE, EVENTS_NOTIFIED, 'notRecorded', NONE, false],
    [NOTIFIED, NOTIFIED, 'continues', NOTIFIED, false],
    [NOTIFIED, EVENTS_NOTIFIED, 'continues', EVENTS_NOTIFIED, false],
    [NOTIFIED, EVENTS_SILENT, 'continues', EVENTS_SILENT, false],
    [SILENT, EVENTS_NOTIFIED, 'continues', EVENTS_NOTIFIED, true],
    [EVENTS_NOTIFIED, NONE, 'stops', NONE, false],
    [EVENTS_SILENT, NONE, 'stops', NONE, false],
    [EVENTS_SILENT, SILENT, 'continues', SILENT, false],
    [EVENTS_SILENT, NOTIFIED, 'continues', NOTIFIED, true],
  ] as const)('POL-4: from %s to %s: %s under %s', (previous, next, outcome, effective, showNotification) => {
    const result = rollOver(decision(previous), decision(next));
    expect(result).toMatchObject({ outcome, showNotification });
    expect(result.decision.action).toBe(effective);
  });
});

describe('the system-defined recording policies', () => {
  it('POL-3: are nine, each with one rule for everyone', () => {
    const actions = SYSTEM_RECORDING_POLICIES.map((policy) => decide(compileRecording(policy), session()));
    expect(actions.map(({ action, audio, lossy }) => [action, audio, lossy])).toEqual([
      ['disable', false, false],
      ['recordWithNotification', false, false],
      ['recordWithoutNotification', false, false],
      ['recordWithNotification', false, true],
      ['recordWithoutNotification', false, true],
      ['recordWithNotification', true, false],
      ['recordWithoutNotification', true, false],
      ['eventOnlyWithNotification', false, false],
      ['eventOnlyWithoutNotification', false, false],
    ]);
  });

  it('have the names of the product', () => {
    expect(SYSTEM_RECORDING_POLICIES.map(({ name }) => name)).toEqual([
      'Do not record',
      'Record entire sessions excluding audio (for everyone, with notification)',
      'Record entire sessions excluding audio (for everyone, without notification)',
      'Record entire sessions excluding audio with lossy screen recording enabled (for everyone, with notification)',
      'Record entire sessions excluding audio with lossy screen recording enabled (for everyone, without notification)',
      'Record entire sessions including audio (for everyone, with notification)',
      'Record entire sessions including audio (for everyone, without notification)',
      'Record only events (for everyone, with notification)',
      'Record only events (for everyone, without notification)',
    ]);
  });

  it('have unique ids', () => {
    expect(new Set(SYSTEM_RECORDING_POLICIES.map(({ id }) => id)).size).toBe(9);
  });

  it('have one rule each, and the default one records nothing', () => {
    for (const { rules } of SYSTEM_RECORDING_POLICIES) expect(rules).toMatchObject([{ scope: {} }]);
    expect(SYSTEM_RECORDING_POLICIES[0]).toBe(DO_NOT_RECORD);
  });
});

describe('the system-defined event policies', () => {
  it('have the names of the product, log nothing and respond to nothing', () => {
    expect([DO_NOT_DETECT.name, DO_NOT_RESPOND.name]).toEqual(['Do not detect', 'Do not respond']);
    expect(detects(compile(DO_NOT_DETECT), session())).toEqual(NO_DETECTION);
    expect(respond(compile(DO_NOT_RESPOND), session(), { type: 'sessionStart', data: {} })).toBeNull();
  });
});
