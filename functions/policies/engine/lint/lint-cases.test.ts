/** Policies with mistakes that lint must find, and similar ones without, each with the answer that a person would give. */
import type { EventTypeId } from '../model/event-types';
import type { DetectionRule, RecordingRule, ResponseRule } from '../model/policy';
import type { Scope } from '../model/scope';
import type { Trigger } from '../model/trigger';
import {
  detectionPolicy,
  FINANCE,
  LEGAL,
  recordingPolicy,
  responsePolicy,
  trigger,
} from '../testing/examples';
import { lint } from './lint';

const on = (type: EventTypeId, ...conditions: object[]): Trigger => ({
  ...trigger(type, ...(conditions as Trigger['conditions'])),
  actions: ['lockSession'],
});
const text =
  (operator: string) =>
  (...values: string[]) => ({ dimension: 'appName', operator, values });
const [includes, equals, matches] = [text('includes'), text('equals'), text('matches')];
const command = (operator: string, ...values: string[]) => ({ dimension: 'commandLine', operator, values });
const start = (...conditions: object[]) => on('appStart', ...conditions);
const size = (operator: string, limits: object) => ({ dimension: 'fileSize', operator, ...limits });
const above = (...values: number[]) => size('greaterThan', { values });
const below = (...values: number[]) => size('smallerThan', { values });
const between = (from: number, to: number) => size('between', { from, to });
const file = (...conditions: object[]) => on('fileCreate', ...conditions);
const cpu = (...values: number[]) =>
  on('performanceData', { dimension: 'cpuUsage', operator: 'greaterThan', values });

/** Older rules first: their triggers, for the same sessions unless a scope is given. */
type Rule = Partial<ResponseRule> | Trigger | Trigger[];
const policy = (...rules: Rule[]) =>
  responsePolicy(
    ...rules.map((rule): Partial<ResponseRule> => {
      if (Array.isArray(rule)) return { triggers: rule };
      return 'eventType' in rule ? { triggers: [rule] } : rule;
    }),
  );
const inScope = (scope: Scope, ...triggers: Trigger[]) => ({ scope, triggers });

const findings = (...rules: Rule[]) =>
  lint(policy(...rules)).map(({ code, pointer }) => `${code} ${pointer}`);

describe('POL-6: a pattern that can match no text', () => {
  const NEVER = ['never-matches /rules/0/triggers/0/conditions/0/values/0'];

  it.each([
    '$a',
    'a^b',
    '[^\\s\\S]',
    'cmd$\\.exe',
    '\\.exe^',
    'not\\bepad',
    '\\b\\B',
    '^a$b',
    'C:\\\\.*^D:',
    '[^\\d\\D]x',
    '(?:$a|b^)',
    'a(?:b$)c',
    '\\za',
    'a\\A',
    '[0-9]\\b[0-9]',
    '[^\\x00-\\x{10FFFF}]',
  ])('is found: %s', (pattern) => {
    expect(findings(start(matches(pattern)))).toEqual(NEVER);
  });

  it.each([
    '\\Ba\\b..',
    '^a$',
    'cmd\\.exe$',
    '^C:\\\\[^\\\\]+\\\\$',
    '[^\\s]',
    '(?m)a$\\n^b',
    'a\\b.',
    '[$^]',
    '\\$a',
    '\\Q$a^\\E',
    '(?:$a)?b',
    '(?:^|\\\\)cmd(?:$|\\.)',
    '[^\\w\\s]x',
    // The long s is equal to s, but no letter to \\b.
    'power\\bshell',
    '\\w\\b\\w',
    '\\d\\b\\w',
  ])('is not found where one matches: %s', (pattern) => {
    expect(findings(start(matches(pattern)))).toEqual([]);
  });
});

describe('POL-6: a pattern that matches everything', () => {
  const EVERYTHING = ['matches-everything /rules/0/triggers/0/conditions/0/values/0'];

  it.each([
    '.*',
    '\\b|\\B',
    '^(?:a|.)*$',
    '(?s:.*)',
    'cmd|',
    '|',
    '(?:)',
    'a*',
    '^',
    '$',
    '(cmd)?',
    '^(?:[a-z]|[^a-z])+$',
    '^.{1,}$',
    '\\w|\\W',
    '(?i).',
  ])('is found: %s', (pattern) => {
    expect(findings(start(matches(pattern)))).toEqual(EVERYTHING);
  });

  it.each(['..', '\\b', '^.{2,}$', '^(?:a|b)*$', '\\w', '^[^:]*$', 'cmd|.exe', '(cmd)+', '^$', '\\B'])(
    'is not found where one line does not match: %s',
    (pattern) => {
      expect(findings(start(matches(pattern)))).toEqual([]);
    },
  );
});

describe('POL-6: an event type that is logged only for others', () => {
  const NOT_LOGGED = ['type-not-logged /rules/0/triggers/0/eventType'];
  const user = (...names: string[]): Scope => ({ users: names.map((name) => ({ name })) });
  const sid = (last: number): Scope => ({ users: [{ sid: `S-1-5-21-${last}` }] });
  const check = (response: Scope, ...detection: Scope[]) =>
    lint(
      policy(inScope(response, start())),
      detectionPolicy(...detection.map((scope) => ({ scope, eventTypes: ['appStart' as const] }))),
    ).map(({ code, pointer }) => `${code} ${pointer}`);

  it.each<[string, Scope, Scope[]]>([
    ['users', user('CONTOSO\\ada'), [user('CONTOSO\\bob')]],
    ['users, in two rules', user('CONTOSO\\ada'), [user('CONTOSO\\bob'), user('contoso\\eve')]],
    ['SIDs', sid(1), [sid(2)]],
    ['machines', { machines: ['VDA-1'] }, [{ machines: ['VDA-2', 'VDA-3'] }]],
    ['applications', { applications: ['Word'] }, [{ applications: ['Excel'] }]],
    ['delivery groups', { deliveryGroups: ['A'] }, [{ deliveryGroups: ['B'] }]],
    ['addresses', { clientAddresses: ['10.0.0.0/9'] }, [{ clientAddresses: ['10.128.0.0/9', '::/0'] }]],
    ['machines, among other criteria', { machines: ['A'], tags: ['x'] }, [{ machines: ['B'], tags: ['x'] }]],
  ])('is found: other %s', (_, response, detection) => {
    expect(check(response, ...detection)).toEqual(NOT_LOGGED);
  });

  it.each<[string, Scope, Scope[]]>([
    ['everyone', user('CONTOSO\\ada'), [{ everyone: true }]],
    ['the user in another case', user('CONTOSO\\ada'), [user('contoso\\ADA')]],
    ['one of the users', user('CONTOSO\\ada', 'CONTOSO\\bob'), [user('CONTOSO\\bob')]],
    ['one user, of a rule for everyone', { everyone: true }, [user('CONTOSO\\bob')]],
    ['groups, which one user may all be in', FINANCE, [LEGAL]],
    ['a group, which the user may be in', user('CONTOSO\\ada'), [LEGAL]],
    ['tags, which one session may all have', { tags: ['x'] }, [{ tags: ['y'] }]],
    ['users by another identifier', user('CONTOSO\\ada'), [sid(2)]],
    ['a machine, which may be of the group', { deliveryGroups: ['A'] }, [{ machines: ['VDA-1'] }]],
    ['other criteria', { machines: ['VDA-1'] }, [{ applications: ['Word'] }]],
    ['addresses, some of them', { clientAddresses: ['10.0.0.0/8'] }, [{ clientAddresses: ['10.9.0.0/16'] }]],
    ['the user, in the second rule', user('CONTOSO\\ada'), [user('CONTOSO\\bob'), user('CONTOSO\\ada')]],
  ])('is not found where it may be logged: for %s', (_, response, detection) => {
    expect(check(response, ...detection)).toEqual([]);
  });
});

describe('POL-6: a rule that an older one covers', () => {
  const RULE = ['shadowed-rule /rules/1'];

  it.each<[string, Rule, Rule]>([
    ['by a pattern against a literal', start(matches('cmd|powershell')), start(equals('cmd.exe'))],
    ['by a pattern against a part', start(matches('cmd')), start(includes('cmd.exe'))],
    ['by a pattern of no literals', start(matches('^\\d+$')), start(equals('4711'))],
    ['by a part against a pattern', start(includes('cmd')), start(matches('^cmd\\.(exe|com)$'))],
    ['by a pattern against a narrower one', start(matches('c[mn]d')), start(matches('^cmd[0-9]?$'))],
    ['by the same pattern with a flag', start(matches('(?i)c[mn]d')), start(matches('c[mn]d'))],
    ['by the whole text as a pattern', start(matches('^cmd\\.exe$')), start(equals('CMD.exe'))],
    ['by two values together', start(equals('cmd', 'pwsh')), start(matches('^(?:cmd|pwsh)$'))],
    ['by two patterns together', start(matches('^a', '^b')), start(matches('^[ab]\\d'))],
    [
      'by one of several triggers',
      [start(includes('bash')), start(includes('cmd'))],
      start(equals('cmd.exe')),
    ],
    [
      'each trigger by another one',
      [start(includes('bash')), start(includes('cmd'))],
      [start(equals('cmd.exe')), start(matches('^bash\\d'))],
    ],
    ['by two conditions on a number together', file(below(5), above(4)), file(between(3, 6))],
    ['by two ranges together', file(between(1, 5), between(5, 9)), file(between(2, 8))],
    ['by two triggers with a range each', [file(below(5)), file(above(4))], file(between(3, 6))],
    ['by two triggers up to the greatest number', [cpu(90), cpu(50)], cpu(60)],
    [
      'by two ranges of addresses together',
      inScope({ clientAddresses: ['10.0.0.0/9', '10.128.0.0/9'] }, start()),
      inScope({ clientAddresses: ['10.0.0.0/8'] }, start()),
    ],
    ['as it is for everyone', inScope({ everyone: true }, start(includes('cmd'))), start(equals('cmd'))],
    [
      'in two dimensions',
      start(matches('cmd'), command('includes', '/c')),
      start(equals('cmd.exe'), command('matches', '^cmd /c ')),
    ],
  ])('is found: %s', (_, older, younger) => {
    expect(findings(older, younger)).toEqual(RULE);
  });

  it.each<[string, Rule, Rule]>([
    ['the pattern misses a text', start(matches('^cmd$')), start(equals('cmd.exe'))],
    ['the pattern is anchored', start(matches('^cmd')), start(includes('cmd'))],
    ['the pattern is case-sensitive', start(matches('(?-i:cmd)')), start(equals('cmd'))],
    ['a long s is no letter to a boundary', start(matches('\\bs\\b')), start(equals('s'))],
    ['one alternative is missing', start(equals('cmd')), start(matches('^(?:cmd|pwsh)$'))],
    ['a gap is between the ranges', file(between(1, 4), between(5, 9)), file(between(2, 8))],
    ['the limit is in neither range', file(below(5), above(5)), file(between(3, 6))],
    [
      'the triggers with ranges require more',
      [file(below(5), { dimension: 'path', operator: 'includes', values: ['x'] }), file(above(4))],
      file(between(3, 6)),
    ],
    [
      'only one of the triggers is covered',
      start(includes('cmd')),
      [start(equals('cmd')), start(equals('bash'))],
    ],
    [
      'an address is missing between the ranges',
      inScope({ clientAddresses: ['10.0.0.0-10.0.0.9', '10.0.0.11-10.0.0.20'] }, start()),
      inScope({ clientAddresses: ['10.0.0.0-10.0.0.20'] }, start()),
    ],
    [
      'it requires a field that the other need not have',
      start(includes('cmd')),
      start(command('includes', 'cmd')),
    ],
    ['it is the narrower one', start(equals('cmd')), start(includes('cmd'))],
  ])('is not found where %s', (_, older, younger) => {
    expect(findings(older, younger).filter((found) => found.startsWith('shadowed-rule'))).toEqual([]);
  });
});

describe('POL-6: a rule that several earlier rules or triggers cover together', () => {
  const groups = (...names: string[]): Scope => ({ groups: names.map((name) => ({ name })) });
  const cmd = start(includes('cmd'));
  const power = start(includes('power'));
  const tools = start(equals('cmd.exe', 'powershell.exe'));

  it.each<[string, Rule[]]>([
    ['two values by two triggers of one rule', [[cmd, power], tools]],
    ['two values by triggers of two rules', [cmd, power, tools]],
    ['two groups', [inScope(groups('A'), cmd), inScope(groups('B'), cmd), inScope(groups('A', 'B'), cmd)]],
    [
      'two groups and a value of each trigger',
      [
        inScope(groups('A'), cmd),
        inScope(groups('B'), cmd),
        inScope(groups('A'), power),
        inScope(groups('B'), power),
        inScope(groups('A', 'B'), tools),
      ],
    ],
    [
      'addresses',
      [
        inScope({ clientAddresses: ['10.0.0.0/8'] }, cmd),
        inScope({ clientAddresses: ['fd00::/8'] }, cmd),
        inScope({ clientAddresses: ['fd00::1', '10.1.0.0/16'] }, cmd),
      ],
    ],
    ['ranges of numbers', [file(between(1, 5)), file(above(7)), file(between(2, 3), between(8, 9))]],
    ['each trigger by another rule', [cmd, power, [start(equals('cmd.exe')), start(equals('power'))]]],
  ])('is found: %s', (_, rules) => {
    expect(findings(...rules)).toEqual([`shadowed-rule /rules/${rules.length - 1}`]);
  });

  it.each<[string, Rule[]]>([
    ['one value is missing', [cmd, power, start(equals('cmd.exe', 'powershell.exe', 'bash'))]],
    [
      'one group lacks one value',
      [inScope(groups('A'), cmd, power), inScope(groups('B'), cmd), inScope(groups('A', 'B'), tools)],
    ],
    [
      'a value of one kind is missing for a value of another',
      [
        inScope({ tags: ['x'], machines: ['V'] }, cmd),
        inScope({ tags: ['y'], machines: ['W'] }, cmd),
        inScope({ tags: ['x', 'y'], machines: ['V', 'W'] }, cmd),
      ],
    ],
    ['it is for everyone', [inScope(groups('A'), cmd), inScope(groups('B'), cmd), cmd]],
  ])('is not found where %s', (_, rules) => {
    expect(findings(...rules)).toEqual([]);
  });

  it('is found as a trigger beside one that is not covered', () => {
    expect(findings(cmd, power, [start(equals('bash')), tools])).toEqual([
      'shadowed-trigger /rules/2/triggers/1',
    ]);
  });

  it('is found in a recording policy, with the names of the rules', () => {
    const record = (scope: Scope, action: RecordingRule['action'] = 'recordWithNotification') => ({
      scope,
      action,
    });
    const [found, ...more] = lint(
      recordingPolicy(
        record(groups('A'), 'disable'),
        record(groups('B'), 'disable'),
        record(groups('A', 'B')),
        record(groups('A', 'C')),
      ),
    );
    expect(found).toMatchObject({
      code: 'shadowed-rule',
      pointer: '/rules/2',
      coveredBy: { ruleId: 'rule-0', triggerPosition: null },
    });
    expect(found?.message).toContain('rules "Rule 0" and "Rule 1" take precedence and cover it together');
    expect(more).toEqual([]);
  });

  it('is found in a detection policy, by types and by groups', () => {
    const logs = (scope: Scope, ...eventTypes: DetectionRule['eventTypes']) => ({ scope, eventTypes });
    const pointers = lint(
      detectionPolicy(
        logs(groups('A'), 'appStart'),
        logs(groups('A', 'B'), 'appEnd'),
        logs(groups('A'), 'appStart', 'appEnd'),
        logs(groups('A', 'B'), 'appStart', 'appEnd'),
        logs(groups('B'), 'appStart'),
        logs(groups('B', 'A'), 'appEnd', 'appStart'),
      ),
    ).map(({ code, pointer }) => `${code} ${pointer}`);
    expect(pointers).toEqual(['shadowed-rule /rules/2', 'shadowed-rule /rules/4', 'shadowed-rule /rules/5']);
  });
});

describe('POL-6: a trigger that an older rule covers', () => {
  const other = start(equals('notepad.exe'));

  it.each<[string, Rule, Trigger]>([
    ['by a part against a literal', start(includes('cmd')), start(equals('cmd.exe'))],
    ['by one of several triggers', [start(includes('bash')), start(matches('c.d'))], start(equals('cmd'))],
    ['by two ranges together', [file(below(5)), file(above(4))], file(between(3, 6))],
  ])('is found beside one that is not: %s', (_, older, younger) => {
    expect(findings(older, [other, younger])).toEqual(['shadowed-trigger /rules/1/triggers/1']);
  });

  it('is not found when the older rule is for other sessions', () => {
    const older = inScope(LEGAL, start(includes('cmd')));
    expect(findings(older, [other, start(equals('cmd.exe'))])).toEqual([]);
  });
});

describe('POL-6: duplicates within a rule', () => {
  const DUPLICATE = ['duplicate-trigger /rules/0/triggers/1'];

  it.each<[string, Trigger, Trigger]>([
    ['a flag that changes nothing', start(matches('c[mn]d')), start(matches('(?i)c[mn]d'))],
    ['a group with that flag', start(matches('c[mn]d')), start(matches('(?i:c[mn]d)'))],
    ['the letter case', start(matches('cmd\\d')), start(matches('CMD\\d'))],
    ['the order of alternatives', start(matches('cmd\\d|pwsh')), start(matches('pwsh|cmd\\d'))],
    ['the operator', start(includes('cmd.exe')), start(matches('cmd\\.exe'))],
    ['anchors instead of equality', start(equals('cmd')), start(matches('^cmd$'))],
    ['the way in which ranges are divided', file(between(1, 3), between(2, 5)), file(between(1, 5))],
    ['the unit of decimals', file(above(0.5)), file(above(0.5, 7))],
  ])('are found though they differ in %s', (_, one, two) => {
    expect(findings([one, two])).toEqual(DUPLICATE);
  });

  it.each<[string, Trigger, Trigger]>([
    ['heeding case', start(matches('c[mn]d')), start(matches('(?-i:c[mn]d)'))],
    ['an anchor', start(matches('cmd')), start(matches('^cmd'))],
    ['a boundary', start(includes('cmd')), start(matches('\\bcmd\\b'))],
    ['an open limit', file(above(5)), file(size('between', { from: 5, to: 1e9 }))],
    ['the dimension', start(includes('cmd')), start(command('includes', 'cmd'))],
    ['the dot', start(includes('cmd.exe')), start(matches('cmd.exe'))],
  ])('are none if they differ in %s', (_, one, two) => {
    expect(findings([one, two])).toEqual([]);
  });
});
