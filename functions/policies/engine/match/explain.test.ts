import { compile, explain } from '..';
import {
  detectionPolicy,
  FINANCE,
  LEGAL,
  recordingPolicy,
  responsePolicy,
  session,
  trigger,
} from '../testing/examples';

const outcomes = (rules: readonly { outcome: string }[]) => rules.map(({ outcome }) => outcome);

describe('explaining how a session is recorded', () => {
  it('names the one rule that decides and the reasons why the others do not', () => {
    const policy = recordingPolicy(
      { action: 'recordWithoutNotification' },
      { action: 'recordWithNotification' },
      { action: 'recordWithNotification' },
      { action: 'disable', scope: LEGAL },
    );
    const rules = explain(compile(policy), session());
    expect(outcomes(rules)).toEqual(['outranked', 'decides', 'outranked', 'outOfScope', 'outranked']);
    expect(rules.map(({ reason }) => reason)).toEqual([
      'Rule "Rule 1" has an action of higher priority (recordWithNotification)',
      null,
      'Rule "Rule 1" has the same action and comes first',
      'The scope contains neither the user nor any of the groups of the user',
      'Rule "Rule 1" applies',
    ]);
  });

  it('lets the fallback rule decide when no other does', () => {
    const rules = explain(compile(recordingPolicy({ scope: LEGAL })), session());
    expect(outcomes(rules)).toEqual(['outOfScope', 'decides']);
    expect(rules.at(-1)).toMatchObject({ ruleId: null, ruleName: 'Fallback rule' });
  });

  it.each([
    [
      { ...FINANCE, applications: ['Word'] },
      'The scope does not contain the published application or desktop',
    ],
    [{ machines: ['VDA-1'] }, 'The scope contains neither the delivery group nor the machine'],
    [{ tags: ['Managed'] }, 'The session has none of the smart-access tags of the scope'],
    [{ clientAddresses: ['10.0.0.0/8'] }, 'The client address is unknown'],
  ])('states what a session lacks for %j', (scope, reason) => {
    const [rule] = explain(compile(recordingPolicy({ scope })), session());
    expect(rule?.reason).toBe(reason);
  });

  it('states that the address is in no range', () => {
    const policy = recordingPolicy({ scope: { clientAddresses: ['10.0.0.0/8', '::1'] } });
    const [rule] = explain(compile(policy), session({ clientAddress: '11.0.0.1' }));
    expect(rule?.reason).toBe('The client address is in none of the address ranges of the scope');
  });
});

describe('explaining which events are logged', () => {
  const compiled = compile(
    detectionPolicy(
      { eventTypes: ['appStart'] },
      { eventTypes: ['idle'] },
      { eventTypes: ['idle'], scope: LEGAL },
    ),
  );

  it('lets all rules in scope decide on a session', () => {
    expect(outcomes(explain(compiled, session()))).toEqual(['decides', 'decides', 'outOfScope']);
  });

  it('lets those decide on an event that log its type', () => {
    const rules = explain(compiled, session(), { type: 'idle', data: {} });
    expect(outcomes(rules)).toEqual(['notMet', 'decides', 'outOfScope']);
    expect(rules[0]?.reason).toBe('The rule does not log Idle');
  });
});

describe('explaining the response to an event', () => {
  const isCmd = trigger('appStart', { dimension: 'appName', operator: 'equals', values: ['cmd.exe'] });
  const big = trigger('fileCreate', { dimension: 'fileSize', operator: 'greaterThan', values: [1] });
  const compiled = compile(
    responsePolicy(
      { triggers: [isCmd], createdAt: '2026-03-01T00:00:00Z' },
      { triggers: [big, isCmd] },
      { triggers: [big] },
      { triggers: [isCmd], scope: LEGAL },
    ),
  );
  const event = { type: 'appStart', data: { appName: 'cmd.exe' } } as const;

  it('names the oldest matching rule, the younger matching ones, and the triggers that do not match', () => {
    const rules = explain(compiled, session(), event);
    expect(outcomes(rules)).toEqual(['outranked', 'decides', 'notMet', 'outOfScope']);
    expect(rules[0]?.reason).toBe('Rule "Rule 1" is older');
    expect(rules[1]?.triggers).toEqual([
      { position: 0, met: false, dimension: null, reason: 'The trigger is for File Create events' },
      { position: 1, met: true, dimension: null, reason: null },
    ]);
    expect(rules[3]?.triggers).toEqual([]);
  });

  it('names the first dimension that fails, and whether the event has it', () => {
    const failing = (data: object) => {
      const path = { dimension: 'path', operator: 'includes' as const, values: ['x'] };
      const both = responsePolicy({ triggers: [trigger('fileCreate', path, ...big.conditions)] });
      return explain(compile(both), session(), { type: 'fileCreate', data: { ...data } })[0]?.triggers[0];
    };
    expect(failing({ path: 'y', fileSizeBytes: 0 })).toMatchObject({
      dimension: 'path',
      reason: 'No condition on Path is satisfied',
    });
    expect(failing({ path: 'x', fileSizeBytes: 0 })).toMatchObject({ dimension: 'fileSize' });
    expect(failing({ path: 'x' })).toMatchObject({
      dimension: 'fileSize',
      reason: 'The event has no File size',
    });
  });

  it('names the rules in scope for a session without an event', () => {
    expect(outcomes(explain(compiled, session()))).toEqual(['inScope', 'inScope', 'inScope', 'outOfScope']);
  });
});
