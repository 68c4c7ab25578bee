/** Scopes prepared for comparison with many others. */
import { type AddressRange, mergeAddressRanges, parseAddressRange } from '../../../../shared/pure/addresses';
import { KEY_KINDS, keysOfScope } from '../match/scope-keys';
import type { Scope } from '../model/scope';
import type { StepBudget } from './step-budget';

const STEPS_PER_COMPARISON = 10;

export class ComparableScope {
  private constructor(
    /** By kind; empty where the scope has no criteria. */
    readonly keys: readonly ReadonlySet<string>[],
    /** As they were written. */
    private readonly addresses: readonly AddressRange[],
    /** The same, none of which touches another. */
    readonly ranges: readonly AddressRange[],
    private readonly budget: StepBudget,
  ) {}

  static of(scope: Scope, budget: StepBudget): ComparableScope {
    const keys = KEY_KINDS.map((kind) => keysOfScope(kind, scope));
    const addresses = (scope.clientAddresses ?? []).map(parseAddressRange);
    return new ComparableScope(keys, addresses, mergeAddressRanges(addresses), budget);
  }

  /** Scopes that contain the sessions of this one together, one for each criterion of a kind; none if every kind has one at most. */
  *parts(): Generator<ComparableScope> {
    const { keys, addresses, ranges, budget } = this;
    const kind = keys.findIndex(({ size }) => size > 1);
    if (kind >= 0) {
      for (const key of keys[kind] ?? []) {
        budget.spend(1);
        yield new ComparableScope(keys.with(kind, new Set([key])), addresses, ranges, budget);
      }
    } else if (addresses.length > 1) {
      for (const range of addresses) yield new ComparableScope(keys, [range], [range], budget);
    }
  }

  /** Whether every session in the other scope is in this one. False when this cannot be determined from the criteria. */
  covers(other: ComparableScope): boolean {
    this.budget.spend(STEPS_PER_COMPARISON);
    return (
      this.keys.every((keys, kind) => {
        const others = other.keys[kind];
        return (
          keys.size === 0 || (others !== undefined && others.size > 0 && isSubset(others, keys, this.budget))
        );
      }) && this.coversRangesOf(other)
    );
  }

  /**
   * Whether no session is in both scopes: because of criteria of which a session has one value, such as its machine.
   * False when this cannot be determined; groups and tags may always be combined.
   */
  excludes(other: ComparableScope): boolean {
    this.budget.spend(STEPS_PER_COMPARISON);
    return (
      this.keys.some((keys, kind) => {
        const others = other.keys[kind];
        return others !== undefined && areExclusive(keys, others, this.budget);
      }) || this.excludesRangesOf(other)
    );
  }

  private coversRangesOf(other: ComparableScope): boolean {
    if (this.ranges.length === 0) return true;
    return (
      other.ranges.length > 0 &&
      other.ranges.every((inner) => {
        this.budget.spend(this.ranges.length);
        return this.ranges.some((outer) => outer.first <= inner.first && inner.last <= outer.last);
      })
    );
  }

  private excludesRangesOf(other: ComparableScope): boolean {
    this.budget.spend(this.ranges.length * other.ranges.length);
    return (
      this.ranges.length > 0 &&
      other.ranges.length > 0 &&
      this.ranges.every((one) =>
        other.ranges.every(({ first, last }) => last < one.first || one.last < first),
      )
    );
  }
}

/** Whether `outer` contains all members of `inner`. */
export function isSubset(
  inner: ReadonlySet<string>,
  outer: ReadonlySet<string>,
  budget: StepBudget,
): boolean {
  budget.spend(1);
  if (inner.size > outer.size) return false;
  for (const key of inner) {
    budget.spend(1);
    if (!outer.has(key)) return false;
  }
  return true;
}

/** A session has one value of each of these. */
const SINGLE_VALUED = /^(?:user\.(?:name|upn|sid|entraId)|application|deliveryGroup|machine):/;

/** Whether a session with a key of one set has none of the other: all are different values of one property. */
function areExclusive(keys: ReadonlySet<string>, others: ReadonlySet<string>, budget: StepBudget): boolean {
  const [first] = keys;
  const [property] = (first === undefined ? undefined : SINGLE_VALUED.exec(first)) ?? [];
  if (property === undefined || others.size === 0) return false;
  budget.spend(keys.size + others.size);
  return (
    [...keys, ...others].every((key) => key.startsWith(property)) && ![...keys].some((key) => others.has(key))
  );
}
