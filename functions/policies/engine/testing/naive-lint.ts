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

/** For each rule that never takes effect its position, and the id of the first rule that covers it. */
export function naiveShadowedRules(policy: Policy): { position: number; coveredBy: string }[] {
  const patterns = new PatternCache();
  const triggers = new Map(
    policy.rules.map((rule) => [rule, 'triggers' in rule ? compileAll(rule.triggers, patterns) : []]),
  );
  const coversContent = (first: Rule, later: Rule): boolean => {
    if ('eventTypes' in first && 'eventTypes' in later)
      return later.eventTypes.every((type) => first.eventTypes.includes(type));
    const outers = triggers.get(first) ?? [];
    return (triggers.get(later) ?? []).every(
      (inner) => outers.some((outer) => triggerCovers(outer, inner)) || togetherCover(outers, inner),
    );
  };
  const order = inOrder(policy);
  return policy.rules.flatMap((later, position) => {
    const first = order
      .slice(0, Math.max(0, order.indexOf(later)))
      .find((earlier) => scopeCovers(earlier.scope, later.scope) && coversContent(earlier, later));
    return first ? [{ position, coveredBy: first.id }] : [];
  });
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
 * For each trigger of a rule not shadowed itself that a preceding rule covers: the pointer to it, that rule's id and the
 * positions of the triggers that cover it; none where only several do together.
 */
export function naiveShadowedTriggers(
  policy: Policy,
): [pointer: string, ruleId: string, positions: number[]][] {
  const patterns = new PatternCache();
  const shadowed = new Set(naiveShadowedRules(policy).map(({ position }) => position));
  const order = inOrder(policy);
  const triggersOf = (rule: Rule) => ('triggers' in rule ? compileAll(rule.triggers, patterns) : []);
  return policy.rules.flatMap((rule, position) => {
    if (shadowed.has(position)) return [];
    const before = order
      .slice(0, Math.max(0, order.indexOf(rule)))
      .filter((earlier) => scopeCovers(earlier.scope, rule.scope));
    return triggersOf(rule).flatMap((trigger, index): [string, string, number[]][] => {
      for (const first of before) {
        const outers = triggersOf(first);
        const covering = outers.filter((outer) => triggerCovers(outer, trigger));
        if (covering.length === 0 && !togetherCover(outers, trigger)) continue;
        return [[`/rules/${position}/triggers/${index}`, first.id, covering.map((outer) => outer.position)]];
      }
      return [];
    });
  });
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
