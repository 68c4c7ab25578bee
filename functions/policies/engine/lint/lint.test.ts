import { HUGE_PATTERNS } from '../../../../tests/support/hostile-policies';
import { lint } from '..';
import type { Policy } from '../model/policy';
import {
  detectionPolicy,
  FINANCE,
  LEGAL,
  recordingPolicy,
  responsePolicy,
  trigger,
} from '../testing/examples';
import type { Condition, Trigger } from '../model/trigger';

const found = (policy: Policy, detection?: Parameters<typeof lint>[1]) =>
  lint(policy, detection).map(({ code, pointer }) => `${code} ${pointer}`);

const acts = (one: Trigger): Trigger => ({ ...one, actions: ['lockSession'] });
const name = (operator: 'includes' | 'equals' | 'matches', ...values: string[]): Condition => ({
  dimension: 'appName',
  operator,
  values,
});
const onStart = (...conditions: Condition[]) => acts(trigger('appStart', ...conditions));
const number = (type: 'fileCreate' | 'performanceData', condition: object) =>
  acts(trigger(type, condition as Condition));

describe('POL-6: lint of a response policy', () => {
  it('has no findings for a policy without mistakes', () => {
    const policy = responsePolicy(
      { triggers: [onStart(name('includes', 'cmd')), onStart(name('matches', 'p(wsh|owershell)'))] },
      { triggers: [onStart(name('includes', 'bash'))] },
      { triggers: [onStart(name('includes', 'cmd'))], scope: LEGAL },
    );
    expect(lint(policy, detectionPolicy({ eventTypes: ['appStart'] }))).toEqual([]);
  });

  it('finds triggers without actions and rules without triggers', () => {
    const policy = responsePolicy({ triggers: [trigger('appStart')] }, { triggers: [] });
    expect(found(policy)).toEqual([
      'no-actions /rules/0/triggers/0/actions',
      'never-matches /rules/1/triggers',
    ]);
  });

  it('finds triggers on types that the active detection policy does not log', () => {
    const mail: Trigger = { ...trigger('sessionStart'), actions: ['sendEmail'] };
    const policy = responsePolicy({ triggers: [onStart(), acts(trigger('idle')), mail] });
    expect(found(policy, detectionPolicy({ eventTypes: ['appStart'] }))).toEqual([
      'type-not-logged /rules/0/triggers/1/eventType',
    ]);
    expect(found(policy, null)).toEqual([
      'type-not-logged /rules/0/triggers/0/eventType',
      'type-not-logged /rules/0/triggers/1/eventType',
    ]);
    expect(found(policy)).toEqual([]);
  });

  it('names the policy that does not log a type, or states that none is active', () => {
    const policy = responsePolicy({ triggers: [onStart()] });
    const detection = { ...detectionPolicy({ eventTypes: ['idle'] }), name: 'Idle only' };
    expect(lint(policy, detection)).toMatchObject([
      { code: 'type-not-logged', ruleId: 'rule-0', triggerPosition: 0 },
    ]);
    expect(lint(policy, detection)[0]?.message).toMatch(/"Idle only".* App Start/);
    expect(lint(policy, null)[0]?.message).toMatch(/^No event detection policy is active/);
  });

  it('refers to the rule and trigger of a duplicate, and counts triggers from one in its message', () => {
    const [finding, ...more] = lint(
      responsePolicy({ triggers: [acts(trigger('idle')), onStart(), onStart()] }),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: 'duplicate-trigger',
      pointer: '/rules/0/triggers/2',
      ruleId: 'rule-0',
      triggerPosition: 2,
      coveredBy: { ruleId: 'rule-0', triggerPosition: 1 },
    });
    expect(finding?.message).toContain('trigger 2 of the rule');
  });

  it('limits the number of findings and reports that there are more', () => {
    const policy = (triggers: number) =>
      responsePolicy({ triggers: Array.from({ length: triggers }, () => trigger('appStart')) });
    expect(found(policy(500))).not.toContain('more-findings /rules');
    expect(found(policy(501)).slice(-2)).toEqual([
      'no-actions /rules/0/triggers/500/actions',
      'more-findings /rules',
    ]);
  });

  it('finds the second of two equivalent triggers', () => {
    const policy = responsePolicy({
      triggers: [
        onStart(name('equals', 'a.exe', 'B.exe')),
        onStart(name('equals', 'b.EXE'), name('equals', 'A.exe')),
      ],
    });
    expect(found(policy)).toEqual(['duplicate-trigger /rules/0/triggers/1']);
  });

  it('finds a trigger that an older rule has for at least the same sessions, among others that it does not have', () => {
    const cmd = onStart(name('includes', 'cmd'));
    const bash = onStart(name('includes', 'bash'));
    const policy = responsePolicy(
      { name: 'First', triggers: [cmd], scope: { tags: ['a', 'b'] } },
      { name: 'Second', triggers: [bash, cmd], scope: { tags: ['a'] } },
      { name: 'Third', triggers: [bash, cmd], scope: { tags: ['c'] } },
    );
    const findings = lint(policy);
    expect(findings).toMatchObject([
      {
        code: 'shadowed-trigger',
        pointer: '/rules/1/triggers/1',
        ruleId: 'rule-1',
        triggerPosition: 1,
        coveredBy: { ruleId: 'rule-0', triggerPosition: 0 },
      },
    ]);
    expect(findings[0]?.message).toContain('"First"');
  });

  it.each(HUGE_PATTERNS)('RSP-2: finds a stored pattern that is too large today (%.20s)', (pattern) => {
    const policy = responsePolicy({ triggers: [onStart(name('matches', 'cmd', pattern))] });
    expect(found(policy)).toContain('pattern-too-large /rules/0/triggers/0/conditions/0/values/1');
  });

  it.each(['.*', 'a|.*', '^.*$'])('finds the pattern %s that matches everything', (pattern) => {
    const policy = responsePolicy({ triggers: [onStart(name('matches', 'cmd', pattern))] });
    expect(found(policy)).toEqual(['matches-everything /rules/0/triggers/0/conditions/0/values/1']);
  });

  it.each(['\\w', '^[^:]*$', '^.$'])('has no finding for the pattern %s', (pattern) => {
    expect(found(responsePolicy({ triggers: [onStart(name('matches', pattern))] }))).toEqual([]);
  });

  it.each([
    number('performanceData', { dimension: 'cpuUsage', operator: 'greaterThan', values: [100] }),
    number('fileCreate', { dimension: 'fileSize', operator: 'smallerThan', values: [0] }),
  ])('finds limits that no event satisfies: %j', (impossible) => {
    expect(found(responsePolicy({ triggers: [impossible] }))).toEqual([
      'never-matches /rules/0/triggers/0/conditions/0',
    ]);
  });

  it.each([
    number('performanceData', { dimension: 'cpuUsage', operator: 'greaterThan', values: [100, 99.9] }),
    number('performanceData', { dimension: 'rtt', operator: 'greaterThan', values: [1e6] }),
    number('fileCreate', { dimension: 'fileSize', operator: 'between', from: 0, to: 0 }),
  ])('has no finding for limits that an event may satisfy: %j', (possible) => {
    expect(found(responsePolicy({ triggers: [possible] }))).toEqual([]);
  });

  it('refers to no rule in findings on the policy as a whole', () => {
    const triggers = Array.from({ length: 501 }, () => trigger('appStart'));
    expect(lint(responsePolicy({ triggers })).at(-1)).toMatchObject({
      code: 'more-findings',
      ruleId: null,
      triggerPosition: null,
      coveredBy: null,
    });
  });

  it('reports that a policy is too large to be compared completely', () => {
    const endless = (start: string) => ({
      triggers: [
        onStart(name('includes', ...Array.from({ length: 2_500 }, (_, more) => start + 'a'.repeat(more)))),
      ],
    });
    const policy = responsePolicy(endless('xxx'), endless('yyy'), { triggers: [] });
    expect(found(policy)).toEqual(['never-matches /rules/2/triggers', 'not-all-compared /rules']);
  });

  describe('of two rules', () => {
    const shadowed = (first: object, second: object) =>
      found(responsePolicy({ triggers: [onStart(name('includes', 'cmd'))], ...first }, second)).filter(
        (finding) => finding.startsWith('shadowed-rule'),
      );
    const second = { triggers: [onStart(name('equals', 'CMD.exe'))] };
    const SHADOWED = ['shadowed-rule /rules/1'];

    it('finds the one that an older one covers', () => {
      expect(shadowed({}, second)).toEqual(SHADOWED);
      expect(shadowed({}, { triggers: [onStart(name('includes', '*cmd*'))] })).toEqual(SHADOWED);
      expect(shadowed({ triggers: [onStart()] }, second)).toEqual(SHADOWED);
    });

    it('finds it if it comes first but is younger', () => {
      const policy = responsePolicy(
        { ...second, createdAt: '2027-01-01T00:00:00Z' },
        { triggers: [onStart()] },
      );
      expect(found(policy)).toEqual(['shadowed-rule /rules/0']);
    });

    it('finds it if its scope is narrower', () => {
      const scope = { groups: [...FINANCE.groups, ...LEGAL.groups], clientAddresses: ['10.0.0.0/8'] };
      const inner = { ...FINANCE, tags: ['x'], clientAddresses: ['10.1.0.0/16', '10.2.0.1'] };
      expect(shadowed({ scope }, { ...second, scope: inner })).toEqual(SHADOWED);
    });

    it('POL-2a: finds it behind a rule for everyone', () => {
      expect(shadowed({ scope: { everyone: true } }, { ...second, scope: LEGAL })).toEqual(SHADOWED);
      expect(shadowed({ scope: LEGAL }, { ...second, scope: { everyone: true } })).toEqual([]);
    });

    it.each([
      ['its scope is wider', { scope: FINANCE }, { scope: { groups: [...FINANCE.groups, ...LEGAL.groups] } }],
      ['it is not restricted where the older is', { scope: { ...FINANCE, tags: ['x'] } }, {}],
      [
        'its address range is wider',
        { scope: { clientAddresses: ['10.0.0.0/8'] } },
        { scope: { clientAddresses: ['10.0.0.0/7'] } },
      ],
      ['a trigger of it is less restrictive', {}, { triggers: [onStart(name('includes', 'cm'))] }],
      [
        'a trigger of it is for another type',
        {},
        { triggers: [...second.triggers, acts(trigger('appEnd'))] },
      ],
      ['it has a pattern that the older lacks', {}, { triggers: [onStart(name('matches', 'cm\\w'))] }],
    ])('does not report it if %s', (_, first, changes) => {
      expect(shadowed(first, { ...second, ...changes })).toEqual([]);
    });

    it('compares number ranges including their limits', () => {
      const size = (condition: object) => ({
        triggers: [number('fileCreate', { dimension: 'fileSize', ...condition })],
      });
      const above = size({ operator: 'greaterThan', values: [1] });
      expect(shadowed(above, size({ operator: 'greaterThan', values: [2, 3] }))).toEqual(SHADOWED);
      expect(shadowed(above, size({ operator: 'between', from: 2, to: 3 }))).toEqual(SHADOWED);
      expect(shadowed(above, size({ operator: 'between', from: 1, to: 3 }))).toEqual([]);
    });

    it('compares drives and choices', () => {
      const onDrive = (...values: string[]) => ({
        triggers: [acts(trigger('cdmUsb', { dimension: 'driveLetter', operator: 'equals', values }))],
      });
      expect(shadowed(onDrive('D', 'E'), onDrive('d:'))).toEqual(SHADOWED);
      expect(shadowed(onDrive('D'), onDrive('D', 'E'))).toEqual([]);
    });
  });
});

describe('lint of a recording policy', () => {
  it('finds a rule that one of higher priority covers', () => {
    const policy = recordingPolicy(
      { action: 'recordWithNotification' },
      { action: 'disable' },
      { scope: LEGAL },
    );
    expect(lint(policy)).toMatchObject([
      {
        code: 'shadowed-rule',
        pointer: '/rules/0',
        ruleId: 'rule-0',
        triggerPosition: null,
        coveredBy: { ruleId: 'rule-1', triggerPosition: null },
      },
    ]);
  });
});

describe('lint of a detection policy', () => {
  it('finds rules without event types and rules that add none', () => {
    const policy = detectionPolicy(
      { eventTypes: ['appStart', 'idle'] },
      { eventTypes: [] },
      { eventTypes: ['idle'] },
      { eventTypes: ['appEnd'] },
    );
    expect(found(policy)).toEqual(['never-matches /rules/1/eventTypes', 'shadowed-rule /rules/2']);
  });
});
