/** Compares the rules of a policy: which never take effect because of others, which triggers are duplicates. */
import { allBelow, type Bitset, members } from '../match/bitset';
import type { CompiledTrigger } from '../match/compiled-trigger';
import type { CompiledResponseRule } from '../match/response';
import type { DetectionRule, Policy, RecordingRule } from '../model/policy';
import { ComparableScope, isSubset } from './comparable-scope';
import { ComparableTrigger } from './comparable-trigger';
import { ScopeCoverageFilter, TriggerCoverageFilter } from './coverage-filters';
import { type CoverageFilter, eachTriggerOf, findCovered } from './coverage-search';
import { NumberCoverageFilter } from './number-coverage-filter';
import { MAX_PATTERN_STEPS, PatternLanguages } from './pattern-languages';
import { StepBudget } from './step-budget';

/** At most about half a second. Policies written by people take a hundredth of it. */
const MAX_STEPS = 10_000_000;

type ComparedRule = Pick<Policy['rules'][number], 'id' | 'name' | 'scope'>;
type RuleReference = Pick<ComparedRule, 'id' | 'name'>;

export interface Comparisons {
  /** By the id of each rule that never takes effect, the first rule that precedes it and covers it. */
  readonly shadowedRules: ReadonlyMap<string, RuleReference>;
  /** For each trigger that is equivalent to an earlier one of its rule, the position of the first such trigger. */
  readonly duplicates: ReadonlyMap<CompiledTrigger, number>;
  /**
   * For each trigger of a rule that is not shadowed itself: the first rule that precedes it and covers both its scope and
   * the trigger, and the position of the trigger that does; null where only several do together.
   */
  readonly shadowedTriggers: ReadonlyMap<CompiledTrigger, TriggerReference>;
  /** False when comparing all would have taken too long: there may be more results. */
  readonly isComplete: boolean;
}

interface TriggerReference {
  readonly rule: RuleReference;
  readonly position: number | null;
}

/** Takes rules of highest priority first. */
export function compareRecordingRules(
  rules: readonly RecordingRule[],
  budget = new StepBudget(MAX_STEPS),
): Comparisons {
  const shadowedRules = new Map<string, RuleReference>();
  budget.run(() => {
    findShadowedRules(rules, new Scopes(rules, budget), shadowedRules);
  });
  return withoutTriggers(shadowedRules, budget);
}

export function compareDetectionRules(
  rules: readonly DetectionRule[],
  budget = new StepBudget(MAX_STEPS),
): Comparisons {
  const shadowedRules = new Map<string, RuleReference>();
  const types = rules.map(({ eventTypes }) => new Set<string>(eventTypes));
  const none = new Set<string>();
  budget.run(() => {
    findShadowedRules(rules, new Scopes(rules, budget), shadowedRules, {
      coversContent: (first, later) => isSubset(types[later] ?? none, types[first] ?? none, budget),
    });
  });
  return withoutTriggers(shadowedRules, budget);
}

function withoutTriggers(shadowedRules: Comparisons['shadowedRules'], budget: StepBudget): Comparisons {
  return {
    shadowedRules,
    duplicates: new Map(),
    shadowedTriggers: new Map(),
    isComplete: !budget.isExceeded,
  };
}

/** Takes the oldest rule first. */
export function compareResponseRules(
  compiled: readonly CompiledResponseRule[],
  budget = new StepBudget(MAX_STEPS),
  languages = new PatternLanguages(new StepBudget(MAX_PATTERN_STEPS)),
): Comparisons {
  const shadowedRules = new Map<string, RuleReference>();
  const duplicates = new Map<CompiledTrigger, number>();
  const shadowedTriggers = new Map<CompiledTrigger, TriggerReference>();
  const rules = compiled.map(({ rule }) => rule);
  budget.run(() => {
    const triggers = compiled.map((rule) =>
      rule.triggers.map((one) => new ComparableTrigger(one, languages, budget)),
    );
    for (const ofRule of triggers) findDuplicates(ofRule, duplicates);
    const scopes = new Scopes(rules, budget);
    const content = new TriggerCoverage(triggers, budget);
    findShadowedRules(rules, scopes, shadowedRules, {
      filters: content.filters,
      coversContent: (first, later) =>
        triggers[later]?.every((inner) => content.coverOf(inner, first) !== undefined) ?? false,
    });
    const isShadowed = (rule: ComparedRule) => shadowedRules.has(rule.id);
    findShadowedTriggers({ rules, triggers, scopes, content, isShadowed }, shadowedTriggers);
  });
  return { shadowedRules, duplicates, shadowedTriggers, isComplete: !budget.isExceeded };
}

/** Which rules, given by position, match everything that a trigger matches. */
class TriggerCoverage {
  readonly filters: readonly CoverageFilter[];
  private readonly triggerFilters: readonly (NumberCoverageFilter | TriggerCoverageFilter)[];
  private readonly forms: readonly ReadonlyMap<string, number>[];

  constructor(
    private readonly triggers: readonly (readonly ComparableTrigger[])[],
    private readonly budget: StepBudget,
  ) {
    this.triggerFilters = [
      new NumberCoverageFilter(triggers, budget),
      new TriggerCoverageFilter(triggers, budget),
    ];
    this.filters = this.triggerFilters.map((filter) => eachTriggerOf(triggers, filter));
    this.forms = triggers.map(
      (ofRule) => new Map(ofRule.map((one, position) => [one.canonicalForm, position] as const).toReversed()),
    );
  }

  /** Removes rules that cannot cover a trigger of the rule at a position. */
  restrict(candidates: Bitset, trigger: ComparableTrigger, position: number): void {
    for (const filter of this.triggerFilters) filter.restrictTo(candidates, trigger, position);
  }

  /** The position of the trigger of a rule that covers another trigger; null: several do together; undefined: none. */
  coverOf(inner: ComparableTrigger, rule: number): number | null | undefined {
    this.budget.spend(1);
    const ofRule = this.triggers[rule] ?? [];
    // Copies of whole rules are common, and their triggers are found immediately by their form.
    const same = this.forms[rule]?.get(inner.canonicalForm);
    if (same !== undefined) return same;
    const position = ofRule.findIndex((outer) => outer.covers(inner));
    if (position >= 0) return position;
    return ofRule.length > 1 && inner.isCoveredTogetherBy(ofRule) ? null : undefined;
  }
}

/** In larger rules, triggers with patterns are compared by their form only. */
const MAX_COMPARED_IN_PAIRS = 64;

function findDuplicates(
  triggers: readonly ComparableTrigger[],
  duplicates: Map<CompiledTrigger, number>,
): void {
  const seen = new Map<string, number>();
  for (const [index, trigger] of triggers.entries()) {
    const { compiled, canonicalForm } = trigger;
    const isEquivalent = (other: ComparableTrigger) =>
      (trigger.hasPatterns || other.hasPatterns) && other.covers(trigger) && trigger.covers(other);
    const first =
      seen.get(canonicalForm) ??
      (triggers.length > MAX_COMPARED_IN_PAIRS
        ? undefined
        : triggers.slice(0, index).find(isEquivalent)?.compiled.position);
    if (first === undefined) seen.set(canonicalForm, compiled.position);
    else duplicates.set(compiled, first);
  }
}

/** How to compare what rules do for the sessions in their scope; by default a rule covers all of it. */
interface ContentCoverage {
  readonly coversContent: (first: number, later: number) => boolean;
  readonly filters?: readonly CoverageFilter[];
}

function findShadowedRules(
  rules: readonly ComparedRule[],
  scopes: Scopes,
  shadowedRules: Map<string, RuleReference>,
  { coversContent, filters = [] }: ContentCoverage = { coversContent: () => true },
): void {
  const covers = (first: number, later: number) => scopes.covers(first, later) && coversContent(first, later);
  findCovered(rules.length, [scopes.filter, ...filters], covers, (later, first) => {
    const [rule, covering] = [rules[later], rules[first]];
    if (rule && covering) shadowedRules.set(rule.id, covering);
  });
}

interface ComparedTriggers {
  readonly rules: readonly ComparedRule[];
  readonly triggers: readonly (readonly ComparableTrigger[])[];
  readonly scopes: Scopes;
  readonly content: TriggerCoverage;
  readonly isShadowed: (rule: ComparedRule) => boolean;
}

/** An event that matches such a trigger also matches the preceding rule, which acts instead. */
function findShadowedTriggers(
  { rules, triggers, scopes, content, isShadowed }: ComparedTriggers,
  shadowedTriggers: Map<CompiledTrigger, TriggerReference>,
): void {
  for (const [later, rule] of rules.entries()) {
    if (isShadowed(rule)) continue;
    const before = scopes.before(later);
    for (const trigger of triggers[later] ?? []) {
      const candidates = before.candidates.slice();
      content.restrict(candidates, trigger, later);
      for (const first of members(candidates)) {
        const position = before.covers(first) ? content.coverOf(trigger, first) : undefined;
        const covering = rules[first];
        if (position === undefined || !covering) continue;
        shadowedTriggers.set(trigger.compiled, { rule: covering, position });
        break;
      }
    }
  }
}

/** The scopes of rules, given by position. */
class Scopes {
  readonly filter: CoverageFilter;
  private readonly scopes: readonly ComparableScope[];

  constructor(
    rules: readonly ComparedRule[],
    private readonly budget: StepBudget,
  ) {
    this.scopes = rules.map(({ scope }) => new ComparableScope(scope, budget));
    this.filter = new ScopeCoverageFilter(this.scopes, budget);
  }

  covers(first: number, later: number): boolean {
    const inner = this.scopes[later];
    return inner !== undefined && (this.scopes[first]?.covers(inner) ?? false);
  }

  /** The scopes before `later` that may cover it, and whether one of them does; results are cached. */
  before(later: number): { candidates: Bitset; covers: (first: number) => boolean } {
    const candidates = allBelow(later, this.scopes.length);
    this.filter.restrict(candidates, later);
    const cache = new Map<number, boolean>();
    const covers = (first: number) => {
      this.budget.spend(1);
      const result = cache.get(first) ?? this.covers(first, later);
      cache.set(first, result);
      return result;
    };
    return { candidates, covers };
  }
}
