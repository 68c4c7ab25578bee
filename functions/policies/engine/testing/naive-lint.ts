/** Reference implementation of lint for shadowed rules and triggers and for duplicates: compares all pairs. */
import { parseAddressRange } from '../../../../shared/pure/addresses';
import { type CompiledTrigger, compileTrigger } from '../match/compiled-trigger';
import { ChoiceTest, type DimensionTest, type NumberRange, NumberTest, TextTest } from '../match/conditions';
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
    return (triggers.get(later) ?? []).every((inner) => outers.some((outer) => triggerCovers(outer, inner)));
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
      const first = triggers
        .slice(0, index)
        .find((earlier) => triggerCovers(earlier, later) && triggerCovers(later, earlier));
      return first ? [[`/rules/${position}/triggers/${index}`, first.position]] : [];
    });
  });
}

/** For each trigger of a rule not shadowed itself that a preceding rule has too: the pointer to it, that rule's id and the trigger's position in it. */
export function naiveShadowedTriggers(policy: Policy): [pointer: string, ruleId: string, position: number][] {
  const patterns = new PatternCache();
  const shadowed = new Set(naiveShadowedRules(policy).map(({ position }) => position));
  const order = inOrder(policy);
  const triggersOf = (rule: Rule) => ('triggers' in rule ? compileAll(rule.triggers, patterns) : []);
  return policy.rules.flatMap((rule, position) => {
    if (shadowed.has(position)) return [];
    const before = order
      .slice(0, Math.max(0, order.indexOf(rule)))
      .filter((earlier) => scopeCovers(earlier.scope, rule.scope));
    return triggersOf(rule).flatMap((trigger, index): [string, string, number][] => {
      const isSame = (other: CompiledTrigger) =>
        triggerCovers(other, trigger) && triggerCovers(trigger, other);
      const first = before.find((earlier) => triggersOf(earlier).some(isSame));
      const covering = first && triggersOf(first).find(isSame);
      return covering ? [[`/rules/${position}/triggers/${index}`, first.id, covering.position]] : [];
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
  const within = inners.every((range) =>
    outers.some(({ first, last }) => first <= range.first && range.last <= last),
  );
  return ofKeys && (outers.length === 0 || (inners.length > 0 && within));
}

function triggerCovers(outer: CompiledTrigger, inner: CompiledTrigger): boolean {
  return (
    outer.trigger.eventType === inner.trigger.eventType &&
    outer.tests.every((test) =>
      inner.tests.some((other) => other.dimension.id === test.dimension.id && testCovers(test, other)),
    )
  );
}

function testCovers(outer: DimensionTest, inner: DimensionTest): boolean {
  if (outer instanceof TextTest && inner instanceof TextTest) {
    const contains = (text: string) => outer.includes.some((substring) => text.includes(substring));
    return (
      inner.equals.every((text) => outer.equals.includes(text) || contains(text)) &&
      inner.includes.every(contains) &&
      inner.matches.every((pattern) => outer.matches.includes(pattern))
    );
  }
  if (outer instanceof ChoiceTest && inner instanceof ChoiceTest)
    return [...inner.choices].every((choice) => outer.choices.has(choice));
  if (outer instanceof NumberTest && inner instanceof NumberTest)
    return inner.ranges.every((range) => outer.ranges.some((other) => rangeCovers(other, range)));
  return false;
}

function rangeCovers(outer: NumberRange, inner: NumberRange): boolean {
  const open = !outer.inclusive && inner.inclusive;
  const low = open ? outer.low < inner.low : outer.low <= inner.low;
  const high = open ? outer.high > inner.high : outer.high >= inner.high;
  return low && high;
}
