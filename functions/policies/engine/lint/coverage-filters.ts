/** Filters of rules that may cover another by their scopes, and by the texts and choices of their triggers. */
import { add, type Bitset, emptySet, intersect, members } from '../match/bitset';
import { RangeIndex } from '../match/range-index';
import { KEY_KINDS } from '../match/scope-keys';
import type { ComparableScope } from './comparable-scope';
import { ANY_TEXT, type ComparableTest, type Sample } from './comparable-test';
import type { ComparableTrigger } from './comparable-trigger';
import { ADDITIONS_PER_STEP, type TriggerFilter } from './coverage-search';
import type { StepBudget } from './step-budget';
import { SubstringFinder } from './substring-finder';

/** A scope that covers another has no criteria of a kind, or every key of the other; in particular the rarest. */
export class ScopeCoverageFilter {
  private readonly byKey = new PostingLists();
  private readonly ranges: RangeIndex<number>;
  /** For each kind of keys, and for addresses, the scopes without criteria of that kind. */
  private readonly unrestricted: { keys: Bitset[]; addresses: Bitset };

  constructor(
    scopes: readonly ComparableScope[],
    private readonly budget: StepBudget,
  ) {
    const without = (isRestricted: (scope: ComparableScope) => boolean) => {
      const set = emptySet(scopes.length);
      for (const [position, scope] of scopes.entries()) if (!isRestricted(scope)) add(set, position);
      return set;
    };
    this.unrestricted = {
      keys: KEY_KINDS.map((_, kind) => without(({ keys }) => (keys[kind]?.size ?? 0) > 0)),
      addresses: without(({ ranges }) => ranges.length > 0),
    };
    for (const [position, { keys }] of scopes.entries())
      for (const ofKind of keys) for (const key of ofKind) this.byKey.add(key, position);
    this.ranges = new RangeIndex(
      scopes.flatMap(({ ranges }, value) => ranges.map((range) => ({ ...range, value }))),
    );
  }

  /** Removes from a set of rules those whose scope cannot cover another one. */
  restrictTo(candidates: Bitset, scope: ComparableScope): void {
    for (const [kind, unrestricted] of this.unrestricted.keys.entries()) {
      const ofKind = unrestricted.slice();
      this.budget.spend(1 + (scope.keys[kind]?.size ?? 0));
      this.addAll(ofKind, this.byKey.shortest(scope.keys[kind] ?? []));
      intersect(candidates, ofKind);
    }
    const ofAddresses = this.unrestricted.addresses.slice();
    const [range] = scope.ranges;
    if (range) {
      this.ranges.find(range.first, (other) => {
        this.budget.spend(1 / ADDITIONS_PER_STEP);
        add(ofAddresses, other);
      });
    }
    intersect(candidates, ofAddresses);
  }

  /** Whether each key of a scope, and each kind without keys, is accepted by some rule before a position. */
  haveAllKeys({ keys }: ComparableScope, before: number): boolean {
    return this.unrestricted.keys.every((unrestricted, kind) => {
      const ofKind = [...(keys[kind] ?? [])];
      this.budget.spend(1 + ofKind.length);
      return (
        (members(unrestricted).next().value ?? before) < before ||
        (ofKind.length > 0 && ofKind.every((key) => (this.byKey.get(key)[0] ?? before) < before))
      );
    });
  }

  private addAll(set: Bitset, positions: readonly number[]): void {
    this.budget.spend(positions.length / ADDITIONS_PER_STEP);
    for (const position of positions) add(set, position);
  }
}

/**
 * A rule that covers another covers each of its triggers. Each trigger is indexed by the traits of one test; those that
 * may cover another trigger have a trait of a value that it accepts.
 */
export class TriggerCoverageFilter implements TriggerFilter {
  /** By event type and dimension. */
  private readonly indexes = new Map<string, TraitIndex>();
  /** By event type, the rules with triggers that have no traits. */
  private readonly withoutTraits = new Map<string, Bitset>();

  constructor(
    private readonly rules: readonly (readonly ComparableTrigger[])[],
    private readonly budget: StepBudget,
  ) {
    for (const [rule, triggers] of rules.entries()) for (const trigger of triggers) this.index(trigger, rule);
  }

  restrictTo(candidates: Bitset, trigger: ComparableTrigger): void {
    const covering = this.withoutTraitsOf(trigger).slice();
    this.budget.spend(covering.length / ADDITIONS_PER_STEP);
    this.eachWithTrait(trigger, (rule) => {
      this.budget.spend(1 / ADDITIONS_PER_STEP);
      add(covering, rule);
    });
    intersect(candidates, covering);
  }

  private index(trigger: ComparableTrigger, rule: number): void {
    const { eventType, tests } = trigger;
    // Texts come last and are most selective.
    const test = tests.findLast(({ traits }) => traits !== undefined);
    if (!test?.traits) {
      const rules = this.withoutTraitsOf(trigger);
      this.withoutTraits.set(eventType, rules);
      add(rules, rule);
      return;
    }
    const name = indexName(eventType, test);
    const index = this.indexes.get(name) ?? new TraitIndex(this.budget);
    this.indexes.set(name, index);
    for (const trait of test.traits.exact) index.exact.add(trait, rule);
    for (const text of test.traits.substrings) index.substrings.add(text, rule);
  }

  private withoutTraitsOf({ eventType }: ComparableTrigger): Bitset {
    return this.withoutTraits.get(eventType) ?? emptySet(this.rules.length);
  }

  private eachWithTrait({ eventType, tests }: ComparableTrigger, found: (rule: number) => void): void {
    for (const test of tests) {
      const index = this.indexes.get(indexName(eventType, test));
      // Only where there is an index: the example of a pattern is expensive.
      if (index && test.sample) index.eachWith(test.sample, found);
    }
  }
}

const indexName = (eventType: string, { dimension }: ComparableTest) => `${eventType}.${dimension}`;

/** The rules of the triggers of one event type and dimension by their traits. */
class TraitIndex {
  readonly exact = new PostingLists();
  readonly substrings = new PostingLists();
  /** Built when it is first used, after all rules were added. */
  private finder: { readonly texts: readonly string[]; readonly substrings: SubstringFinder } | undefined;

  constructor(private readonly budget: StepBudget) {}

  eachWith({ exact, text }: Sample, found: (rule: number) => void): void {
    for (const trait of [...exact, ANY_TEXT]) this.exact.get(trait).forEach(found);
    const texts = this.finder?.texts ?? this.substrings.keys;
    this.finder ??= { texts, substrings: new SubstringFinder(texts, this.budget) };
    this.finder.substrings.find(text, (position) => {
      this.substrings.get(texts[position] ?? '').forEach(found);
    });
  }
}

/** For each key a list of positions. Positions are added in ascending order. */
class PostingLists {
  private readonly byKey = new Map<string, number[]>();

  get keys(): string[] {
    return [...this.byKey.keys()];
  }

  add(key: string, position: number): void {
    const positions = this.byKey.get(key);
    if (!positions) this.byKey.set(key, [position]);
    else if (positions.at(-1) !== position) positions.push(position);
  }

  get(key: string): readonly number[] {
    return this.byKey.get(key) ?? [];
  }

  /** The shortest list of any of the keys; empty when there is no key. */
  shortest(keys: Iterable<string>): readonly number[] {
    let shortest: readonly number[] | undefined;
    for (const key of keys) {
      const positions = this.get(key);
      if (!shortest || positions.length < shortest.length) shortest = positions;
    }
    return shortest ?? [];
  }
}
