/** Reference implementation of lint for shadowed rules and triggers and for duplicates: compares all pairs. */
import { parseAddressRange } from '../../../../shared/pure/addresses';
import { type CompiledTrigger, compileTrigger } from '../match/compiled-trigger';
import { ChoiceTest, type DimensionTest, NumberTest, TextTest } from '../match/conditions';
import { largestValue } from '../model/event-types';
import { PatternCache } from '../text/pattern-cache';
import type { Policy } from '../model/policy';
import { priorityOf } from '../match/recording';
import type { Scope } from '../model/scope';
import { KEY_KINDS, keysOfScope } from '../match/scope-keys';

type Rule = Policy['rules'][number];

/** A rule that never takes effect, and the rules of which each covers it, or a part of it where none covers all. */
interface NaiveShadowedRule {
  readonly position: number;
  readonly coveredBy: readonly string[];
}

export function naiveShadowedRules(policy: Policy): NaiveShadowedRule[] {
  return coveringsOf(policy).flatMap(({ position, coveredBy }) =>
    coveredBy ? [{ position, coveredBy }] : [],
  );
}

interface Coverings {
  readonly position: number;
  /** Undefined when the rule takes effect. */
  readonly coveredBy: readonly string[] | undefined;
  readonly triggers: readonly CoveredTrigger[];
}

/** One of the rules has a trigger at each position that covers it alone. */
interface CoveredTrigger {
  readonly index: number;
  readonly coveredBy: readonly string[];
  readonly positions: readonly number[];
}

function coveringsOf(policy: Policy): Coverings[] {
  const patterns = new PatternCache();
  const order = inOrder(policy);
  const contents = new Map(policy.rules.map((rule) => [rule, contentsOf(rule, patterns)]));
  return policy.rules.map((rule, position) => {
    const before = order.slice(0, Math.max(0, order.indexOf(rule)));
    const own = contents.get(rule) ?? [];
    const covers = (earlier: Rule, scope: Scope, content: Content) =>
      scopeCovers(earlier.scope, scope) && contentCovers(contents.get(earlier) ?? [], content);
    const ofWhole = before.find((earlier) => own.every((content) => covers(earlier, rule.scope, content)));
    if (ofWhole) return { position, coveredBy: [ofWhole.id], triggers: [] };
    const triggers = own.flatMap((content, index): CoveredTrigger[] => {
      // A trigger is covered by one rule if one does; other contents are compared value by value.
      const first =
        typeof content === 'string'
          ? undefined
          : before.find((earlier) => covers(earlier, rule.scope, content));
      if (first) {
        const positions = positionsThatCover(contents.get(first) ?? [], content);
        return [{ index, coveredBy: [first.id], positions }];
      }
      const together = coveredTogether(before, rule.scope, content, covers);
      return together ? [{ index, coveredBy: together, positions: [] }] : [];
    });
    const isShadowed = before.length > 0 && triggers.length === own.length;
    return {
      position,
      coveredBy: isShadowed ? triggers.flatMap(({ coveredBy }) => coveredBy) : undefined,
      triggers,
    };
  });
}

/** What a rule does: whole sessions, an event type or a trigger. */
type Content = string | CompiledTrigger;

function contentsOf(rule: Rule, patterns: PatternCache): Content[] {
  if ('triggers' in rule) return compileAll(rule.triggers, patterns);
  return 'eventTypes' in rule ? rule.eventTypes : ['session'];
}

function contentCovers(outers: readonly Content[], inner: Content): boolean {
  if (typeof inner === 'string') return outers.includes(inner);
  const triggers = outers.filter((outer) => typeof outer !== 'string');
  return triggers.some((outer) => triggerCovers(outer, inner)) || togetherCover(triggers, inner);
}

function positionsThatCover(outers: readonly Content[], inner: Content): number[] {
  if (typeof inner === 'string') return [];
  return outers.flatMap((outer) =>
    typeof outer !== 'string' && triggerCovers(outer, inner) ? [outer.position] : [],
  );
}

/** The rules that cover one of the single values of a scope and a content, if each of them is covered. */
function coveredTogether(
  before: readonly Rule[],
  scope: Scope,
  content: Content,
  covers: (earlier: Rule, scope: Scope, content: Content) => boolean,
): string[] | undefined {
  const ids = new Set<string>();
  for (const oneScope of singleScopes(scope)) {
    for (const one of typeof content === 'string' ? [content] : singleTriggers(content)) {
      const covering = before.filter((earlier) => covers(earlier, oneScope, one));
      if (covering.length === 0) return undefined;
      for (const { id } of covering) ids.add(id);
    }
  }
  return [...ids];
}

const eachOf = <T, P>(values: readonly T[] | undefined, partOf: (value: T) => P): (P | object)[] =>
  (values ?? []).map(partOf);

function singleScopes({ users, groups, machines, clientAddresses, tags }: Scope): Scope[] {
  const kinds = [
    [...eachOf(users, (one) => ({ users: [one] })), ...eachOf(groups, (one) => ({ groups: [one] }))],
    eachOf(machines, (one) => ({ machines: [one] })),
    eachOf(clientAddresses, (one) => ({ clientAddresses: [one] })),
    eachOf(tags, (one) => ({ tags: [one] })),
  ];
  return combinations(kinds).map((parts) => Object.assign({}, ...parts) as Scope);
}

function singleTriggers(trigger: CompiledTrigger): CompiledTrigger[] {
  return combinations(trigger.tests.map(singleTests)).map((tests) => ({ ...trigger, tests }));
}

function singleTests(test: DimensionTest): DimensionTest[] {
  const part = (values: object) => Object.assign(Object.create(test) as DimensionTest, values);
  if (test instanceof ChoiceTest) return [...test.choices].map((one) => part({ choices: new Set([one]) }));
  if (test instanceof NumberTest) {
    const possible = test.ranges.map((range) => part({ ranges: [range] }));
    return possible.filter((one) => one instanceof NumberTest && acceptedOf(one, [test]).length > 0);
  }
  const none = { equals: [], includes: [], matches: [] };
  return [
    ...test.equals.map((one) => part({ ...none, equals: [one] })),
    ...test.includes.map((one) => part({ ...none, includes: [one] })),
    ...test.matches.map((one) => part({ ...none, matches: [one] })),
  ];
}

/** Each choice of one value of every list that has values. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists
    .filter((values) => values.length > 0)
    .reduce<T[][]>(
      (chosen, values) => chosen.flatMap((before) => values.map((value) => [...before, value])),
      [[]],
    );
}

/** For each trigger that matches the same events as an earlier one of its rule, the pointer to it and the position of that one. */
export function naiveDuplicates(policy: Policy): [pointer: string, first: number][] {
  const patterns = new PatternCache();
  return policy.rules.flatMap((rule, position) => {
    const triggers = 'triggers' in rule ? compileAll(rule.triggers, patterns) : [];
    return triggers.flatMap((later, index): [string, number][] => {
      const first = triggers.slice(0, index).find((earlier) => areEquivalent(earlier, later));
      return first ? [[`/rules/${position}/triggers/${index}`, first.position]] : [];
    });
  });
}

/**
 * For each trigger of a rule not shadowed itself that preceding rules cover: the pointer to it, the ids of rules of which
 * each covers it or a part of it, and the positions of the triggers that cover it; none where only several do together.
 */
export function naiveShadowedTriggers(
  policy: Policy,
): [pointer: string, ruleIds: readonly string[], positions: readonly number[]][] {
  if (policy.kind !== 'eventResponse') return [];
  return coveringsOf(policy).flatMap(({ position, coveredBy, triggers }) =>
    coveredBy
      ? []
      : triggers.map(
          ({ index, coveredBy: ids, positions }): [string, readonly string[], readonly number[]] => [
            `/rules/${position}/triggers/${index}`,
            ids,
            positions,
          ],
        ),
  );
}

const compileAll = (triggers: readonly CompiledTrigger['trigger'][], patterns: PatternCache) =>
  triggers.map((trigger, position) => compileTrigger(trigger, position, patterns));

/** The rules that have an effect, in order of precedence. */
function inOrder(policy: Policy): Rule[] {
  switch (policy.kind) {
    case 'recording':
      return policy.rules.toSorted((a, b) => priorityOf(a.action) - priorityOf(b.action));
    case 'eventDetection':
      return policy.rules.filter(({ eventTypes }) => eventTypes.length > 0);
    case 'eventResponse':
      return policy.rules
        .filter(({ triggers }) => triggers.length > 0)
        .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  }
}

function scopeCovers(outer: Scope, inner: Scope): boolean {
  const ofKeys = KEY_KINDS.every((kind) => {
    const [outers, inners] = [[...keysOfScope(kind, outer)], [...keysOfScope(kind, inner)]];
    return outers.length === 0 || (inners.length > 0 && inners.every((key) => outers.includes(key)));
  });
  const outers = (outer.clientAddresses ?? []).map(parseAddressRange);
  const inners = (inner.clientAddresses ?? []).map(parseAddressRange);
  const within = inners.every(({ first, last }) => {
    let reached = number(first) - 1n;
    const reaching = (range: (typeof outers)[number]) =>
      range.first.charAt(0) === first.charAt(0) &&
      number(range.first) <= reached + 1n &&
      number(range.last) > reached;
    for (let next = outers.find(reaching); next && reached < number(last); next = outers.find(reaching))
      reached = number(next.last);
    return reached >= number(last);
  });
  return ofKeys && (outers.length === 0 || (inners.length > 0 && within));
}

/** The number of an address, without its family. */
const number = (key: string): bigint => BigInt(`0x${key.slice(1)}`);

function triggerCovers(outer: CompiledTrigger, inner: CompiledTrigger): boolean {
  return coversApartFrom(outer, inner, undefined) || areEquivalent(outer, inner);
}

function coversApartFrom(
  outer: CompiledTrigger,
  inner: CompiledTrigger,
  dimension: string | undefined,
): boolean {
  return (
    outer.trigger.eventType === inner.trigger.eventType &&
    outer.tests.every(
      (test) =>
        test.dimension.id === dimension ||
        inner.tests.some((other) => other.dimension.id === test.dimension.id && testCovers(test, other)),
    )
  );
}

/** Whether several triggers each accept a part of one trigger's numbers, and everything else that it accepts. */
function togetherCover(outers: readonly CompiledTrigger[], inner: CompiledTrigger): boolean {
  return inner.tests.some((test) => {
    if (!(test instanceof NumberTest)) return false;
    const parts = outers
      .filter((outer) => coversApartFrom(outer, inner, test.dimension.id))
      .flatMap((outer) => outer.tests.filter(({ dimension }) => dimension.id === test.dimension.id));
    const numbers = parts.filter((part) => part instanceof NumberTest);
    return numbers.length > 1 && numbersCovered(test, numbers);
  });
}

function areEquivalent(one: CompiledTrigger, other: CompiledTrigger): boolean {
  return (
    one.trigger.eventType === other.trigger.eventType &&
    one.tests.length === other.tests.length &&
    one.tests.every((test) =>
      other.tests.some(
        (same) =>
          same.dimension.id === test.dimension.id &&
          (test instanceof NumberTest && same instanceof NumberTest
            ? acceptedOf(test, [same]).join() === acceptedOf(same, [test]).join()
            : testCovers(test, same) && testCovers(same, test)),
      ),
    )
  );
}

/** What the patterns of the generated policies are as parts of a text. */
const PARTS = new Map([
  ['a+', 'a'],
  ['b', 'b'],
  ['.*', ''],
]);

function testCovers(outer: DimensionTest, inner: DimensionTest): boolean {
  if (outer instanceof TextTest && inner instanceof TextTest) {
    const partsOf = ({ includes, matches }: TextTest) => [
      ...includes,
      ...matches.map(({ source }) => PARTS.get(source) ?? source),
    ];
    const contains = (text: string) => partsOf(outer).some((part) => text.includes(part));
    return (
      inner.equals.every((text) => outer.equals.includes(text) || contains(text)) &&
      partsOf(inner).every(contains)
    );
  }
  if (outer instanceof ChoiceTest && inner instanceof ChoiceTest)
    return [...inner.choices].every((choice) => outer.choices.has(choice));
  return outer instanceof NumberTest && inner instanceof NumberTest && numbersCovered(inner, [outer]);
}

function numbersCovered(inner: NumberTest, outers: readonly NumberTest[]): boolean {
  const accepted = acceptedOf(inner, outers);
  return accepted.length > 0 && accepted.every((value) => outers.some((outer) => accepts(outer, value)));
}

/** Which of all limits of some tests, and of numbers between them, one test accepts. */
function acceptedOf(test: NumberTest, others: readonly NumberTest[]): number[] {
  const largest = largestValue(test.dimension);
  const limits = [test, ...others].flatMap(({ ranges }) => ranges.flatMap(({ low, high }) => [low, high]));
  return [0, 1e12, ...limits.filter(Number.isFinite)]
    .flatMap((limit) => [limit - 0.25, limit, limit + 0.25])
    .filter((value) => value >= 0 && value <= largest && accepts(test, value))
    .toSorted((a, b) => a - b);
}

function accepts({ ranges }: NumberTest, value: number): boolean {
  return ranges.some(({ low, high, inclusive }) =>
    inclusive ? low <= value && value <= high : low < value && value < high,
  );
}
