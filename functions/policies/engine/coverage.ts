/** Whether one rule takes everything that another could: what lint knows of shadowed rules. */
import { parseAddressRange } from './addresses';
import type { CompiledTrigger } from './compiled-trigger';
import { ChoiceTest, type DimensionTest, type NumberRange, NumberTest, TextTest } from './conditions';
import type { Scope } from './scope';
import { KEY_KINDS, keysOfScope } from './scope-keys';

/** A scope prepared to be compared with many others. */
export class ComparableScope {
  private readonly keys: readonly ReadonlySet<string>[];
  private readonly ranges;

  constructor(scope: Scope) {
    this.keys = KEY_KINDS.map((kind) => new Set(keysOfScope(kind, scope)));
    this.ranges = (scope.clientAddresses ?? []).map(parseAddressRange);
  }

  /** Whether every session in the other scope is in this one. False when that cannot be told from the criteria. */
  covers(other: ComparableScope): boolean {
    return (
      this.keys.every((keys, kind) => {
        const others = other.keys[kind];
        return keys.size === 0 || (others !== undefined && others.size > 0 && isSubset(others, keys));
      }) && this.coversRangesOf(other)
    );
  }

  private coversRangesOf(other: ComparableScope): boolean {
    if (this.ranges.length === 0) return true;
    return (
      other.ranges.length > 0 &&
      other.ranges.every((inner) =>
        this.ranges.some((outer) => outer.first <= inner.first && inner.last <= outer.last),
      )
    );
  }
}

function isSubset(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  for (const key of inner) if (!outer.has(key)) return false;
  return true;
}

/** Whether every event that meets the inner trigger meets the outer one. False when that cannot be told. */
export function triggerCovers(outer: CompiledTrigger, inner: CompiledTrigger): boolean {
  return (
    outer.trigger.eventType === inner.trigger.eventType &&
    outer.tests.every((test) =>
      inner.tests.some((other) => other.dimension.id === test.dimension.id && testCovers(test, other)),
    )
  );
}

function testCovers(outer: DimensionTest, inner: DimensionTest): boolean {
  if (outer instanceof TextTest && inner instanceof TextTest) return textCovers(outer, inner);
  if (outer instanceof ChoiceTest && inner instanceof ChoiceTest)
    return isSubset(inner.choices, outer.choices);
  if (outer instanceof NumberTest && inner instanceof NumberTest) {
    return inner.ranges.every((range) => outer.ranges.some((other) => rangeCovers(other, range)));
  }
  return false;
}

function textCovers(outer: TextTest, inner: TextTest): boolean {
  const contains = (text: string) => outer.includes.some((part) => text.includes(part));
  return (
    inner.equals.every((text) => outer.equals.includes(text) || contains(text)) &&
    inner.includes.every(contains) &&
    inner.matches.every((pattern) => outer.matches.includes(pattern))
  );
}

function rangeCovers(outer: NumberRange, inner: NumberRange): boolean {
  const open = !outer.inclusive && inner.inclusive;
  const low = open ? outer.low < inner.low : outer.low <= inner.low;
  const high = open ? outer.high > inner.high : outer.high >= inner.high;
  return low && high;
}
