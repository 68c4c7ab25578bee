/** Compares the rules of a policy: which never take effect because of others, which triggers are duplicates. */
import { allBelow, has } from '../match/bitset';
import type { CompiledTrigger } from '../match/compiled-trigger';
import type { CompiledResponseRule } from '../match/response';
import type { DetectionRule, Policy, RecordingRule } from '../model/policy';
import { ComparableScope, ComparableTrigger, isSubset } from './coverage';
import { ScopeCoverageFilter, TriggerCoverageFilter } from './coverage-filters';
import { ADDITIONS_PER_STEP, type CoverageFilter, findCovered } from './coverage-search';
import { NumberCoverageFilter } from './number-coverage-filter';
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
   * For each trigger of a rule that is not shadowed itself: the first rule that precedes it, covers its scope and has an
   * equivalent trigger, and the position of that trigger.
   */
  readonly shadowedTriggers: ReadonlyMap<CompiledTrigger, TriggerReference>;
  /** False when comparing all would have taken too long: there may be more results. */
  readonly isComplete: boolean;
}

interface TriggerReference {
  readonly rule: RuleReference;
  readonly position: number;
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
): Comparisons {
  const shadowedRules = new Map<string, RuleReference>();
  const duplicates = new Map<CompiledTrigger, number>();
  const shadowedTriggers = new Map<CompiledTrigger, TriggerReference>();
  const rules = compiled.map(({ rule }) => rule);
  budget.run(() => {
    const triggers = compiled.map((rule) => rule.triggers.map((one) => new ComparableTrigger(one, budget)));
    const forms = triggers.map((ofRule) => new Set(ofRule.map(({ canonicalForm }) => canonicalForm)));
    const isCoveredBy = (inner: ComparableTrigger, first: number) => {
      budget.spend(1);
      // Copies of whole rules are common, and their triggers are found immediately by their form.
      return (
        (forms[first]?.has(inner.canonicalForm) ?? false) ||
        (triggers[first]?.some((outer) => outer.covers(inner)) ?? false)
      );
    };
    for (const ofRule of triggers) findDuplicates(ofRule, duplicates);
    const scopes = new Scopes(rules, budget);
    findShadowedRules(rules, scopes, shadowedRules, {
      filters: [new NumberCoverageFilter(triggers, budget), new TriggerCoverageFilter(triggers, budget)],
      coversContent: (first, later) => triggers[later]?.every((inner) => isCoveredBy(inner, first)) ?? false,
    });
    const isShadowed = (rule: ComparedRule) => shadowedRules.has(rule.id);
    findShadowedTriggers({ rules, triggers, scopes, isShadowed }, shadowedTriggers);
  });
  return { shadowedRules, duplicates, shadowedTriggers, isComplete: !budget.isExceeded };
}

function findDuplicates(
  triggers: readonly ComparableTrigger[],
  duplicates: Map<CompiledTrigger, number>,
): void {
  const seen = new Map<string, number>();
  for (const { compiled, canonicalForm } of triggers) {
    const first = seen.get(canonicalForm);
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
  readonly isShadowed: (rule: ComparedRule) => boolean;
}

/** An event that matches such a trigger also matches the preceding rule, which acts instead. */
function findShadowedTriggers(
  { rules, triggers, scopes, isShadowed }: ComparedTriggers,
  shadowedTriggers: Map<CompiledTrigger, TriggerReference>,
): void {
  /** By canonical form the first trigger of each preceding rule that has one of the form. */
  const preceding = new Map<string, { rule: number; position: number }[]>();
  for (const [later, rule] of rules.entries()) {
    const ofRule = triggers[later] ?? [];
    if (!isShadowed(rule) && ofRule.some(({ canonicalForm }) => preceding.has(canonicalForm))) {
      const isCovering = scopes.before(later);
      for (const { compiled, canonicalForm } of ofRule) {
        const first = preceding.get(canonicalForm)?.find((trigger) => isCovering(trigger.rule));
        const covering = first && rules[first.rule];
        if (covering) shadowedTriggers.set(compiled, { rule: covering, position: first.position });
      }
    }
    for (const { compiled, canonicalForm } of ofRule) {
      const { position } = compiled;
      const sameForm = preceding.get(canonicalForm);
      if (!sameForm) preceding.set(canonicalForm, [{ rule: later, position }]);
      else if (sameForm.at(-1)?.rule !== later) sameForm.push({ rule: later, position });
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

  /** Whether a scope before `later` covers it; results are cached. */
  before(later: number): (first: number) => boolean {
    const candidates = allBelow(later, this.scopes.length);
    this.filter.restrict(candidates, later);
    const cache = new Map<number, boolean>();
    return (first) => {
      this.budget.spend(1 / ADDITIONS_PER_STEP);
      if (!has(candidates, first)) return false;
      const result = cache.get(first) ?? this.covers(first, later);
      cache.set(first, result);
      return result;
    };
  }
}
