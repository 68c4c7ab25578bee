/** Finds rules that leave nothing to later ones, without comparing each with each. */
import { add, allBelow, type Bitset, emptySet, intersect, isEmpty, members } from '../match/bitset';
import type { ComparableScope, ComparableTest, ComparableTrigger, Sample } from './coverage';
import type { Effort } from './step-budget';
import { PartFinder } from './substring-finder';
import { RangeIndex } from '../match/range-index';
import { KEY_KINDS } from '../match/scope-keys';

/** So many numbers are added to a set in the time of one unit of effort. */
export const ADDED_PER_EFFORT = 16;

/** Leaves in a set of rules only those that may cover one. */
export interface Narrowing {
  narrow(candidates: Bitset, position: number): void;
}

/** Tells of each rule, given by position, that an earlier one covers, and the first that does. */
export function findCovered(
  count: number,
  narrowings: readonly Narrowing[],
  covers: (first: number, later: number) => boolean,
  found: (later: number, first: number) => void,
): void {
  for (let later = 1; later < count; later++) {
    const candidates = allBelow(later, count);
    for (const narrowing of narrowings) if (!isEmpty(candidates)) narrowing.narrow(candidates, later);
    for (const first of members(candidates)) {
      if (!covers(first, later)) continue;
      found(later, first);
      break;
    }
  }
}

/** A scope that covers another asks for nothing of a kind, or has every key that the other has; so also the rarest. */
export class ScopeNarrowing implements Narrowing {
  private readonly asking = new Postings();
  private readonly ranges: RangeIndex<number>;
  /** For each kind, and last for addresses, the scopes that ask for nothing of it. */
  private readonly unrestricted: { keys: Bitset[]; addresses: Bitset };

  constructor(
    private readonly scopes: readonly ComparableScope[],
    private readonly effort: Effort,
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
      for (const ofKind of keys) for (const key of ofKind) this.asking.add(key, position);
    this.ranges = new RangeIndex(
      scopes.flatMap(({ ranges }, value) => ranges.map((range) => ({ ...range, value }))),
    );
  }

  narrow(candidates: Bitset, position: number): void {
    const scope = this.scopes[position];
    for (const [kind, unrestricted] of this.unrestricted.keys.entries()) {
      const ofKind = unrestricted.slice();
      this.effort.spend(1 + (scope?.keys[kind]?.size ?? 0));
      this.addAll(ofKind, this.asking.rarest(scope?.keys[kind] ?? []));
      intersect(candidates, ofKind);
    }
    const ofAddresses = this.unrestricted.addresses.slice();
    const [range] = scope?.ranges ?? [];
    if (range) {
      this.ranges.find(range.first, (other) => {
        this.effort.spend(1 / ADDED_PER_EFFORT);
        add(ofAddresses, other);
      });
    }
    intersect(candidates, ofAddresses);
  }

  private addAll(set: Bitset, positions: readonly number[]): void {
    this.effort.spend(positions.length / ADDED_PER_EFFORT);
    for (const position of positions) add(set, position);
  }
}

/**
 * A rule that covers another covers each of its triggers. Each trigger is filed under the traits of one test; what may
 * cover another is filed under a trait of a value that the other takes.
 */
export class TriggerNarrowing implements Narrowing {
  private readonly files = new Map<string, File>();
  /** By event type, the rules of triggers that have no traits. */
  private readonly unfiled = new Map<string, Bitset>();

  constructor(
    private readonly rules: readonly (readonly ComparableTrigger[])[],
    private readonly effort: Effort,
  ) {
    for (const [rule, triggers] of rules.entries()) for (const trigger of triggers) this.file(trigger, rule);
  }

  narrow(candidates: Bitset, position: number): void {
    for (const trigger of this.rules[position] ?? []) {
      if (isEmpty(candidates)) return;
      const covering = this.unfiledOf(trigger).slice();
      this.effort.spend(covering.length / ADDED_PER_EFFORT);
      this.eachWithTrait(trigger, (rule) => {
        this.effort.spend(1 / ADDED_PER_EFFORT);
        add(covering, rule);
      });
      intersect(candidates, covering);
    }
  }

  private file(trigger: ComparableTrigger, rule: number): void {
    const { compiled, tests } = trigger;
    const { eventType } = compiled.trigger;
    // Texts come last and tell most.
    const test = tests.findLast(({ traits }) => traits !== undefined);
    if (!test?.traits) {
      const unfiled = this.unfiledOf(trigger);
      this.unfiled.set(eventType, unfiled);
      add(unfiled, rule);
      return;
    }
    const name = fileName(eventType, test);
    const file = this.files.get(name) ?? new File(this.effort);
    this.files.set(name, file);
    for (const trait of test.traits.exact) file.exact.add(trait, rule);
    for (const part of test.traits.parts) file.parts.add(part, rule);
  }

  private unfiledOf({ compiled }: ComparableTrigger): Bitset {
    return this.unfiled.get(compiled.trigger.eventType) ?? emptySet(this.rules.length);
  }

  private eachWithTrait({ compiled, tests }: ComparableTrigger, found: (rule: number) => void): void {
    const { eventType } = compiled.trigger;
    for (const test of tests)
      if (test.sample) this.files.get(fileName(eventType, test))?.eachWith(test.sample, found);
  }
}

const fileName = (eventType: string, { dimension }: ComparableTest) => `${eventType}.${dimension}`;

/** The rules of triggers of one type and dimension by their traits. */
class File {
  readonly exact = new Postings();
  readonly parts = new Postings();
  private finder: { readonly texts: readonly string[]; readonly parts: PartFinder } | undefined;

  constructor(private readonly effort: Effort) {}

  eachWith({ exact, text }: Sample, found: (rule: number) => void): void {
    this.exact.of(exact).forEach(found);
    const texts = this.finder?.texts ?? this.parts.keys;
    this.finder ??= { texts, parts: new PartFinder(texts, this.effort) };
    this.finder.parts.find(text, (part) => {
      this.parts.of(texts[part] ?? '').forEach(found);
    });
  }
}

/** Under each key positions, in the order in which they were added, which is ascending. */
class Postings {
  private readonly byKey = new Map<string, number[]>();

  get keys(): string[] {
    return [...this.byKey.keys()];
  }

  add(key: string, position: number): void {
    const positions = this.byKey.get(key);
    if (!positions) this.byKey.set(key, [position]);
    else if (positions.at(-1) !== position) positions.push(position);
  }

  of(key: string): readonly number[] {
    return this.byKey.get(key) ?? [];
  }

  /** The positions of the key that has fewest; none when there is no key. */
  rarest(keys: Iterable<string>): readonly number[] {
    let rarest: readonly number[] | undefined;
    for (const key of keys) {
      const positions = this.of(key);
      if (!rarest || positions.length < rarest.length) rarest = positions;
    }
    return rarest ?? [];
  }
}
