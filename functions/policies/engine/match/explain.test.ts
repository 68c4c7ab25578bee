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
  it('names the one rule that decides and says why the others do not', () => {
    const policy = recordingPolicy(
      { action: 'recordWithoutNotification' },
      { action: 'recordWithNotification' },
      { action: 'recordWithNotification' },
      { action: 'disable', scope: LEGAL },
    );
    const rules = explain(compile(policy), session());
    expect(outcomes(rules)).toEqual(['outranked', 'decides', 'outranked', 'outOfScope', 'outranked']);
    expect(rules.map(({ reason }) => reason)).toEqual([
      'The action of the rule "Rule 1" (recordWithNotification) has the higher priority',
      null,
      'The rule "Rule 1" with the same action comes first',
      'The user is none of its users and in none of its groups',
      'The rule "Rule 1" applies',
    ]);
  });

  it('lets the fallback rule decide when no other does', () => {
    const rules = explain(compile(recordingPolicy({ scope: LEGAL })), session());
    expect(outcomes(rules)).toEqual(['outOfScope', 'decides']);
    expect(rules.at(-1)).toMatchObject({ ruleId: null, ruleName: 'Fallback rule' });
  });

  it.each([
    [{ ...FINANCE, applications: ['Word'] }, 'The published application or desktop is none of its own'],
    [{ machines: ['VDA-1'] }, 'Neither delivery group nor machine is one of its own'],
    [{ tags: ['Managed'] }, 'The session has none of its smart-access tags'],
    [{ clientAddresses: ['10.0.0.0/8'] }, 'The address of the client is not known'],
  ])('says what a session lacks for %j', (scope, reason) => {
    const [rule] = explain(compile(recordingPolicy({ scope })), session());
    expect(rule?.reason).toBe(reason);
  });

  it('says when the address is in no range', () => {
    const policy = recordingPolicy({ scope: { clientAddresses: ['10.0.0.0/8', '::1'] } });
    const [rule] = explain(compile(policy), session({ clientAddress: '11.0.0.1' }));
    expect(rule?.reason).toBe('The address of the client is in none of its ranges');
  });
});

describe('explaining what is logged', () => {
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

describe('explaining what an event sets off', () => {
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

  it('names the oldest rule met, the younger ones that are met too, and the triggers that are not', () => {
    const rules = explain(compiled, session(), event);
    expect(outcomes(rules)).toEqual(['outranked', 'decides', 'notMet', 'outOfScope']);
    expect(rules[0]?.reason).toBe('The rule "Rule 1" is older');
    expect(rules[1]?.triggers).toEqual([
      { position: 0, met: false, dimension: null, reason: 'The trigger is about File Create' },
      { position: 1, met: true, dimension: null, reason: null },
    ]);
    expect(rules[3]?.triggers).toEqual([]);
  });

  it('names the first dimension that fails, and says whether the event has it', () => {
    const failing = (data: object) => {
      const path = { dimension: 'path', operator: 'includes' as const, values: ['x'] };
      const both = responsePolicy({ triggers: [trigger('fileCreate', path, ...big.conditions)] });
      return explain(compile(both), session(), { type: 'fileCreate', data: { ...data } })[0]?.triggers[0];
    };
    expect(failing({ path: 'y', fileSizeBytes: 0 })).toMatchObject({
      dimension: 'path',
      reason: 'No condition on Path holds',
    });
    expect(failing({ path: 'x', fileSizeBytes: 0 })).toMatchObject({ dimension: 'fileSize' });
    expect(failing({ path: 'x' })).toMatchObject({
      dimension: 'fileSize',
      reason: 'The event has no File size',
    });
  });

  it('says of a session alone which rules it is in the scope of', () => {
    expect(outcomes(explain(compiled, session()))).toEqual(['inScope', 'inScope', 'inScope', 'outOfScope']);
  });
});
