/** The comparisons of lint against a reference that compares all pairs, on small policies of similar rules. */
import fc from 'fast-check';
import { compareResponseRules } from './comparisons';
import { StepBudget } from './step-budget';
import type { EventTypeId } from '../model/event-types';
import type { Finding } from './finding';
import { lint } from './lint';
import type { Policy, ResponseRule } from '../model/policy';
import { compileRules } from '../match/response';
import { detection, recording, response, word, words } from '../testing/similar-policies';
import { responsePolicy, trigger as exampleTrigger } from '../testing/examples';
import { naiveDuplicates, naiveShadowedRules, naiveShadowedTriggers } from '../testing/naive-lint';
import type { Trigger } from '../model/trigger';

const options = {
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 100),
  seed: Number(process.env['ENGINE_SEED'] ?? 1),
};

describe('the comparison of rules and triggers', () => {
  it.each<[string, fc.Arbitrary<Policy>]>([
    ['recording', recording],
    ['event detection', detection],
    ['event response', response],
  ])('of a policy of kind %s finds the same as comparing all pairs', (_, policies) => {
    let found = 0;
    fc.assert(
      fc.property(policies, (policy) => {
        const findings = lint(policy);
        const ofCode = (code: Finding['code']) => findings.filter((finding) => finding.code === code);
        const shadowedRules = ofCode('shadowed-rule');
        found += shadowedRules.length;
        const expectedRules = naiveShadowedRules(policy);
        expect(shadowedRules.map(({ pointer }) => pointer)).toEqual(
          expectedRules.map(({ position }) => `/rules/${position}`),
        );
        for (const [index, { coveredBy }] of shadowedRules.entries())
          expect(expectedRules[index]?.coveredBy).toContain(coveredBy?.ruleId);
        expect(
          ofCode('duplicate-trigger').map(({ pointer, coveredBy }) => [pointer, coveredBy?.triggerPosition]),
        ).toEqual(naiveDuplicates(policy));
        const expected = naiveShadowedTriggers(policy);
        const shadowedTriggers = ofCode('shadowed-trigger');
        expect(shadowedTriggers.map(({ pointer }) => pointer)).toEqual(expected.map(([pointer]) => pointer));
        for (const [index, { coveredBy }] of shadowedTriggers.entries()) {
          const [, ruleIds = [], positions = []] = expected[index] ?? [];
          expect(ruleIds).toContain(coveredBy?.ruleId);
          expect(positions.length === 0 ? [null] : positions).toContain(coveredBy?.triggerPosition);
        }
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns);
  });

  it('finds duplicates of which one has additional texts that its other texts imply', () => {
    fc.assert(
      fc.property(words, word, (given, more) => {
        const includes = { dimension: 'appName', operator: 'includes' as const };
        const implied = given.map((text) => more + text);
        const first = { ...includes, values: given };
        const second = [
          { ...includes, values: [...implied, ...given.toReversed()] },
          { ...includes, operator: 'equals' as const, values: implied },
        ];
        const policy = responsePolicy({
          triggers: [exampleTrigger('appStart', first), exampleTrigger('appStart', ...second)],
        });
        expect(lint(policy)).toContainEqual(expect.objectContaining({ code: 'duplicate-trigger' }));
      }),
      options,
    );
  });

  const MANY = 3_000;
  const onNumbers = (eventType: EventTypeId, ...conditions: object[]) => ({
    triggers: [exampleTrigger(eventType, ...(conditions as Trigger['conditions']))],
  });
  const moreThan = (dimension: string, ...values: number[]) => ({
    dimension,
    operator: 'greaterThan',
    values,
  });
  const between = (from: number, to: number) => ({ dimension: 'fileSize', operator: 'between', from, to });

  it.each<[string, (index: number) => ReturnType<typeof onNumbers>]>([
    [
      'each accepting more than the previous one',
      (n) => onNumbers('idle', moreThan('idleDuration', MANY - n)),
    ],
    ['with disjoint ranges', (n) => onNumbers('fileCreate', between(2 * n, 2 * n + 1))],
    ['with overlapping ranges', (n) => onNumbers('fileCreate', between(n, n + MANY))],
    [
      'accepting more in one dimension and less in another',
      (n) => onNumbers('performanceData', moreThan('rtt', n), moreThan('netSend', MANY - n)),
    ],
    [
      'with the same text',
      (n) =>
        onNumbers(
          'fileCreate',
          { dimension: 'path', operator: 'includes', values: ['secret'] },
          between(2 * n, 2 * n + 1),
        ),
    ],
  ])('is complete for thousands of rules on numbers, %s', (_, rule) => {
    const { rules } = responsePolicy(...Array.from({ length: MANY }, (__, index) => rule(index)));
    const { shadowedRules, isComplete } = compareResponseRules(compileRules(rules));
    expect([shadowedRules.size, isComplete]).toEqual([0, true]);
  });

  const groups = (...numbers: number[]) => ({ groups: numbers.map((number) => ({ name: `G${number}` })) });
  const onTools = (...values: string[]) =>
    onNumbers('appStart', { dimension: 'appName', operator: 'equals', values });
  /** One for each group, then rules for several of them. */
  const GROUPS = 50;

  it.each<[string, number, (index: number) => Partial<ResponseRule>]>([
    [
      'for the same events of other sessions',
      0,
      (n) => ({ scope: groups(n, n + 1, n % 7), ...onTools('a', 'b', 'c') }),
    ],
    [
      'for other events of all sessions',
      0,
      (n) => ({ scope: { everyone: true }, ...onTools(`a${n}`, `a${n + 1}`, `a${n + 2}`) }),
    ],
    [
      'that others cover except for one group',
      0,
      (n) => ({ scope: n < GROUPS ? groups(n) : groups(...Array(GROUPS).keys(), n), ...onTools('a') }),
    ],
    [
      'that others cover together',
      5_000 - GROUPS,
      (n) => ({
        scope:
          n < GROUPS ? groups(n) : groups(...Array.from({ length: 10 }, (_, more) => (n + more) % GROUPS)),
        ...onTools('a', ...(n < GROUPS ? ['b', 'c', 'd'] : ['d'])),
      }),
    ],
  ])('is complete for 5,000 rules with several values, %s', (_, shadowed, rule) => {
    const { rules } = responsePolicy(...Array.from({ length: 5_000 }, (__, index) => rule(index)));
    const { shadowedRules, isComplete } = compareResponseRules(compileRules(rules));
    expect([shadowedRules.size, isComplete]).toEqual([shadowed, true]);
  });

  it('finds copies of a rule with a thousand triggers in another order', () => {
    const triggers = Array.from({ length: 1_000 }, (_, index) =>
      exampleTrigger('appStart', { dimension: 'appName', operator: 'equals', values: [`tool${index}.exe`] }),
    );
    const copies = Array.from({ length: 8 }, (_, turn) => [
      ...triggers.slice(turn),
      ...triggers.slice(0, turn),
    ]);
    const { rules } = responsePolicy(...copies.map((copy) => ({ triggers: copy })));
    const { shadowedRules, isComplete } = compareResponseRules(compileRules(rules));
    expect([shadowedRules.size, isComplete]).toEqual([7, true]);
  });

  it('finds a part when the budget is exceeded, and reports that it is incomplete', () => {
    fc.assert(
      fc.property(response, fc.integer({ min: 0, max: 3_000 }), (policy, steps) => {
        const rules = compileRules(policy.rules).filter(({ triggers }) => triggers.length > 0);
        const all = compareResponseRules(rules);
        const part = compareResponseRules(rules, new StepBudget(steps));
        expect([...all.shadowedRules]).toEqual(expect.arrayContaining([...part.shadowedRules]));
        expect([...all.duplicates]).toEqual(expect.arrayContaining([...part.duplicates]));
        expect([...all.shadowedTriggers]).toEqual(expect.arrayContaining([...part.shadowedTriggers]));
        if (part.isComplete) expect(part).toEqual(all);
      }),
      options,
    );
  });
});
