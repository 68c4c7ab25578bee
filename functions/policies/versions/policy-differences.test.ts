import fc from 'fast-check';
import { DETECTABLE_TYPE_IDS, type Policy } from '../engine';
import {
  detectionPolicy,
  FINANCE,
  LEGAL,
  recordingPolicy,
  responsePolicy,
  trigger,
} from '../engine/testing/examples';
import { policyDifferences } from './policy-differences';

const messages = (before: Policy, after: Policy) =>
  policyDifferences(before, after).map(({ message }) => message);

it('lists what was added, removed and renamed, with pointers', () => {
  const before = recordingPolicy({ id: 'a', name: 'Anna' }, { id: 'b', name: 'Ben' });
  const after = { ...recordingPolicy({ id: 'c', name: 'Cleo' }, { id: 'b', name: 'Bea' }), name: 'New' };
  expect(policyDifferences(before, after)).toEqual([
    { kind: 'changed', pointer: '/name', ruleId: null, message: 'The name changed from "Policy" to "New"' },
    { kind: 'removed', pointer: '/rules/0', ruleId: 'a', message: 'Rule "Anna" removed' },
    { kind: 'added', pointer: '/rules/0', ruleId: 'c', message: 'Rule "Cleo" added' },
    {
      kind: 'changed',
      pointer: '/rules/1/name',
      ruleId: 'b',
      message: 'Rule "Bea": name changed from "Ben" to "Bea"',
    },
  ]);
});

it('reports reordering once, not for each rule', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, name: id }));
  expect(
    messages(recordingPolicy({ ...a }, { ...b }, { ...c }), recordingPolicy({ ...c }, { ...a }, { ...b })),
  ).toEqual(['The rules were reordered: "c", "a", "b"']);
  expect(
    messages(recordingPolicy({ ...a }, { ...b }, { ...c }), recordingPolicy({ ...b }, { ...c })),
  ).toEqual(['Rule "a" removed']);
});

it('describes options, scopes and event types by their display names', () => {
  const scope = { ...LEGAL, clientAddresses: ['10.0.0.0/8'] };
  expect(messages(recordingPolicy({ audio: false }), recordingPolicy({ audio: true, scope }))).toEqual([
    'Rule "Rule 0": audio recording changed from off to on',
    'Rule "Rule 0": groups: added "contoso\\legal"; removed "contoso\\finance"',
    'Rule "Rule 0": client addresses: added "10.0.0.0/8"',
  ]);
  expect(
    messages(
      detectionPolicy({ eventTypes: ['appStart', 'idle'] }),
      detectionPolicy({ eventTypes: ['idle', 'appEnd', 'topMost', 'webBrowsing', 'fileCreate'] }),
    ),
  ).toEqual(['Rule "Rule 0": event types: added App End, Top Most, Web Browsing, 1 more; removed App Start']);
});

it('POL-2a: says when a rule becomes one for everyone, and when it no longer is', () => {
  const of = (scope: { everyone?: true; tags?: string[] }) => recordingPolicy({ scope });
  const changes = (before: Policy, after: Policy) =>
    policyDifferences(before, after).map(({ pointer, message }) => [pointer, message]);
  expect(changes(of({ tags: ['x'] }), of({ everyone: true }))).toEqual([
    ['/rules/0/scope/everyone', 'Rule "Rule 0": scope: now for everyone'],
    ['/rules/0/scope/tags', 'Rule "Rule 0": smart-access tags: removed "x"'],
  ]);
  expect(changes(of({ everyone: true }), of({ tags: ['x'] }))[0]).toEqual([
    '/rules/0/scope/everyone',
    'Rule "Rule 0": scope: no longer for everyone',
  ]);
});

it('describes triggers by their content, and matches equal ones at any position', () => {
  const cmd = trigger('appStart', { dimension: 'appName', operator: 'equals', values: ['cmd.exe'] });
  const big = {
    ...trigger('fileCreate', { dimension: 'fileSize', operator: 'between', from: 1, to: 2 }),
    actions: ['sendEmail' as const, 'lockSession' as const],
  };
  const idle = trigger('idle');
  const before = responsePolicy({ triggers: [cmd, big] });
  expect(messages(before, responsePolicy({ triggers: [big, cmd] }))).toEqual([]);
  expect(messages(before, responsePolicy({ triggers: [big, idle] }))).toEqual([
    'Rule "Rule 0": trigger changed from <App Start where App name equals "cmd.exe": do nothing> to <Idle: do nothing>',
  ]);
  expect(policyDifferences(before, responsePolicy({ triggers: [cmd, big, big] }))).toMatchObject([
    {
      kind: 'added',
      pointer: '/rules/0/triggers/2',
      message:
        'Rule "Rule 0": trigger added <File Create where File size is between 1 and 2 MB: send e-mail, lock the session>',
    },
  ]);
  expect(policyDifferences(before, responsePolicy({ triggers: [big] }))).toMatchObject([
    { kind: 'removed', pointer: '/rules/0/triggers/0' },
  ]);
});

it('reports a change that the abbreviated text of the trigger does not show', () => {
  const apps = (...values: string[]) =>
    trigger('appStart', { dimension: 'appName', operator: 'equals', values: ['a', 'b', 'c', ...values] });
  expect(
    messages(responsePolicy({ triggers: [apps('d')] }), responsePolicy({ triggers: [apps('e')] })),
  ).toEqual([
    'Rule "Rule 0": trigger <App Start where App name equals "a" or "b" or "c" or 1 more: do nothing> changed in a part that is not shown here',
  ]);
  const described = { ...trigger('idle'), description: 'Away' };
  expect(
    messages(responsePolicy({ triggers: [trigger('idle')] }), responsePolicy({ triggers: [described] })),
  ).toEqual(['Rule "Rule 0": trigger changed from <Idle: do nothing> to <Idle: do nothing ("Away")>']);
});

it('describes the options of a response', () => {
  const recordingOptions = { minutesAfter: 5, secondsBefore: null, lossy: true };
  const operationDelaySeconds = 30;
  expect(
    messages(
      responsePolicy({}),
      responsePolicy({ recordingOptions, operationDelaySeconds, recipients: 'a@b.example' }),
    ),
  ).toEqual([
    'Rule "Rule 0": recipients changed from nothing to "a@b.example"',
    'Rule "Rule 0": delay before session operations (seconds) changed from 0 to 30',
    'Rule "Rule 0": lossy screen recording changed from off to on',
    'Rule "Rule 0": minutes of recording after an event changed from unset to 5',
  ]);
});

const rule = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  name: fc.constantFrom('Anna', 'Ben'),
  description: fc.constantFrom('', 'x'),
  scope: fc.constantFrom(FINANCE, LEGAL, { tags: ['out'] }, { tags: ['out', 'far'] }),
});
const rules = <T extends object>(more: fc.Arbitrary<T>) =>
  fc.uniqueArray(
    fc.tuple(rule, more).map(([common, own]) => ({ ...common, ...own })),
    { selector: ({ id }) => id, maxLength: 4 },
  );
const anyTrigger = fc.record({
  eventType: fc.constantFrom('idle', 'appStart'),
  description: fc.constantFrom('', 'y'),
});
const policies: fc.Arbitrary<Policy> = fc.oneof(
  rules(fc.record({ action: fc.constantFrom('disable', 'recordWithNotification'), lossy: fc.boolean() })).map(
    (list) => recordingPolicy(...list),
  ),
  rules(
    fc.record({ eventTypes: fc.uniqueArray(fc.constantFrom(...DETECTABLE_TYPE_IDS), { maxLength: 3 }) }),
  ).map((list) => detectionPolicy(...list)),
  rules(
    fc.record({
      triggers: fc.array(
        anyTrigger.map((given) => ({ ...trigger('idle'), ...given })),
        { maxLength: 3 },
      ),
    }),
  ).map((list) => responsePolicy(...list)),
);

it('finds no difference between a policy and itself, and one between any two that differ', () => {
  let differing = 0;
  fc.assert(
    fc.property(policies, policies, (before, after) => {
      expect(policyDifferences(before, before)).toEqual([]);
      if (before.kind !== after.kind) return;
      const areDifferent = differ(before, after);
      if (areDifferent) differing += 1;
      expect(policyDifferences(before, after).length > 0).toBe(areDifferent);
    }),
    { numRuns: 500 },
  );
  expect(differing).toBeGreaterThan(50);
});

/** The order of triggers and of event types is irrelevant. */
function differ(before: Policy, after: Policy): boolean {
  const plain = ({ rules: list, ...policy }: Policy) =>
    JSON.stringify({
      ...policy,
      rules: list.map((item) => ({
        ...item,
        ...('triggers' in item ? { triggers: item.triggers.map((one) => JSON.stringify(one)).sort() } : {}),
        ...('eventTypes' in item ? { eventTypes: [...item.eventTypes].sort() } : {}),
      })),
    });
  return plain(before) !== plain(after);
}
