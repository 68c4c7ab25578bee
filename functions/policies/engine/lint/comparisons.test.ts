/** The comparisons of lint against the plain one of each rule with each, on small and much alike policies. */
import fc from 'fast-check';
import { compareResponseRules } from './comparisons';
import { Effort } from './step-budget';
import type { EventTypeId } from '../model/event-types';
import { lint } from './lint';
import type { Policy } from '../model/policy';
import { compileRules } from '../match/response';
import { detection, recording, response, word, words } from '../testing/similar-policies';
import { responsePolicy, trigger as exampleTrigger } from '../testing/examples';
import { naiveRepeats, naiveShadows, naiveTwins } from '../testing/naive-lint';
import type { Trigger } from '../model/trigger';

const options = {
  numRuns: Number(process.env['ENGINE_RUNS'] ?? 300),
  seed: Number(process.env['ENGINE_SEED'] ?? 1),
};

describe('the comparison of rules and triggers', () => {
  it.each<[string, fc.Arbitrary<Policy>]>([
    ['recording', recording],
    ['event detection', detection],
    ['event response', response],
  ])('of a policy of kind %s finds what comparing each with each finds', (_, policies) => {
    let found = 0;
    fc.assert(
      fc.property(policies, (policy) => {
        const findings = lint(policy);
        const shadowed = findings.filter(({ code }) => code === 'shadowed-rule');
        const twins = findings.filter(({ code }) => code === 'duplicate-trigger');
        found += shadowed.length;
        expect(shadowed.map(({ pointer, message }) => [pointer, /"(.*)"/.exec(message)?.[1]])).toEqual(
          naiveShadows(policy).map(({ position, by }) => [`/rules/${position}`, by]),
        );
        expect(
          twins.map(({ pointer, message }) => [pointer, Number(/trigger (\d+)/.exec(message)?.[1]) - 1]),
        ).toEqual(naiveTwins(policy));
        const repeats = findings.filter(({ code }) => code === 'shadowed-trigger');
        expect(repeats.map(({ pointer, message }) => [pointer, /"(.*)"/.exec(message)?.[1]])).toEqual(
          naiveRepeats(policy),
        );
      }),
      options,
    );
    expect(found).toBeGreaterThan(options.numRuns);
  });

  it('finds that two triggers are the same when one also names texts that its others imply', () => {
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
      'of which each takes more than the one before',
      (n) => onNumbers('idle', moreThan('idleDuration', MANY - n)),
    ],
    ['that have nothing in common', (n) => onNumbers('fileCreate', between(2 * n, 2 * n + 1))],
    ['that overlap', (n) => onNumbers('fileCreate', between(n, n + MANY))],
    [
      'of which one takes more here and less there',
      (n) => onNumbers('performanceData', moreThan('rtt', n), moreThan('netSend', MANY - n)),
    ],
    [
      'on the same text',
      (n) =>
        onNumbers(
          'fileCreate',
          { dimension: 'path', operator: 'includes', values: ['secret'] },
          between(2 * n, 2 * n + 1),
        ),
    ],
  ])('of thousands of rules on numbers %s is complete', (_, rule) => {
    const { rules } = responsePolicy(...Array.from({ length: MANY }, (__, index) => rule(index)));
    const { shadows, isComplete } = compareResponseRules(compileRules(rules));
    expect([shadows.size, isComplete]).toEqual([0, true]);
  });

  it('finds copies of a rule with a thousand triggers, in whatever order', () => {
    const triggers = Array.from({ length: 1_000 }, (_, index) =>
      exampleTrigger('appStart', { dimension: 'appName', operator: 'equals', values: [`tool${index}.exe`] }),
    );
    const copies = Array.from({ length: 8 }, (_, turn) => [
      ...triggers.slice(turn),
      ...triggers.slice(0, turn),
    ]);
    const { rules } = responsePolicy(...copies.map((copy) => ({ triggers: copy })));
    const { shadows, isComplete } = compareResponseRules(compileRules(rules));
    expect([shadows.size, isComplete]).toEqual([7, true]);
  });

  it('with too little effort finds a part, and says so', () => {
    fc.assert(
      fc.property(response, fc.integer({ min: 0, max: 3_000 }), (policy, most) => {
        const rules = compileRules(policy.rules).filter(({ triggers }) => triggers.length > 0);
        const all = compareResponseRules(rules);
        const part = compareResponseRules(rules, new Effort(most));
        expect([...all.shadows]).toEqual(expect.arrayContaining([...part.shadows]));
        expect([...all.twins]).toEqual(expect.arrayContaining([...part.twins]));
        expect([...all.repeats]).toEqual(expect.arrayContaining([...part.repeats]));
        if (part.isComplete) expect(part).toEqual(all);
      }),
      options,
    );
  });
});
