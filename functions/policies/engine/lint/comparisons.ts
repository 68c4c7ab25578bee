/** Compares the rules of a policy: which never take effect because of others, which triggers are duplicates. */
import { isEmpty, members } from '../match/bitset';
import type { CompiledTrigger } from '../match/compiled-trigger';
import type { CompiledResponseRule } from '../match/response';
import type { DetectionRule, Policy, RecordingRule } from '../model/policy';
import { ComparableTrigger } from './comparable-trigger';
import { Scopes } from './compared-scopes';
import { findCovered } from './coverage-search';
import {
  type Content,
  LoggedTypes,
  MatchedEvents,
  rulesThatCoverTogether,
  WHOLE_SESSIONS,
} from './coverage-together';
import { MAX_PATTERN_STEPS, PatternLanguages } from './pattern-languages';
import { StepBudget } from './step-budget';
import { TriggerCoverage } from './trigger-coverage';

/** At most about half a second. Policies written by people take a hundredth of it. */
const MAX_STEPS = 10_000_000;

type ComparedRule = Pick<Policy['rules'][number], 'id' | 'name' | 'scope'>;
export type RuleReference = Pick<ComparedRule, 'id' | 'name'>;

export interface Comparisons {
  /**
   * By the id of each rule that never takes effect, the first rule that precedes it and covers it, or several that only
   * do so together.
   */
  readonly shadowedRules: ReadonlyMap<string, readonly RuleReference[]>;
  /** For each trigger that is equivalent to an earlier one of its rule, the position of the first such trigger. */
  readonly duplicates: ReadonlyMap<CompiledTrigger, number>;
  /**
   * For each trigger of a rule that is not shadowed itself: the first rule that precedes it and covers both its scope and
   * the trigger, or several that do together; and the position of the trigger that does, null where only several do.
   */
  readonly shadowedTriggers: ReadonlyMap<CompiledTrigger, TriggerReference>;
  /** False when comparing all would have taken too long: there may be more results. */
  readonly isComplete: boolean;
}

interface TriggerReference {
  readonly rules: readonly RuleReference[];
  readonly position: number | null;
}

/** Takes rules of highest priority first. */
export function compareRecordingRules(
  rules: readonly RecordingRule[],
  budget = new StepBudget(MAX_STEPS),
): Comparisons {
  const shadowedRules = new Map<string, readonly RuleReference[]>();
  budget.run(() => {
    findShadowedRules(rules, () => WHOLE_SESSIONS, shadowedRules, budget);
  });
  return withoutTriggers(shadowedRules, budget);
}

export function compareDetectionRules(
  rules: readonly DetectionRule[],
  budget = new StepBudget(MAX_STEPS),
): Comparisons {
  const shadowedRules = new Map<string, readonly RuleReference[]>();
  const types = rules.map(({ eventTypes }) => new Set<string>(eventTypes));
  const contentOf = ({ eventTypes }: DetectionRule) => new LoggedTypes(new Set(eventTypes), types, budget);
  budget.run(() => {
    findShadowedRules(rules, contentOf, shadowedRules, budget);
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
  const shadowedRules = new Map<string, readonly RuleReference[]>();
  const duplicates = new Map<CompiledTrigger, number>();
  const shadowedTriggers = new Map<CompiledTrigger, TriggerReference>();
  const rules = compiled.map(({ rule }) => rule);
  budget.run(() => {
    const triggers = compiled.map((rule) =>
      rule.triggers.map((one) => ComparableTrigger.of(one, languages, budget)),
    );
    for (const ofRule of triggers) findDuplicates(ofRule, duplicates);
    const scopes = new Scopes(rules, budget);
    const content = new TriggerCoverage(triggers, budget);
    const compared = { rules, triggers, scopes, content };
    findCoveredByOneRule(compared, shadowedRules);
    findShadowedTriggers(compared, shadowedRules, shadowedTriggers);
  });
  return { shadowedRules, duplicates, shadowedTriggers, isComplete: !budget.isExceeded };
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

/** Takes rules whose content each other rule for the same sessions, or with the same content, replaces. */
function findShadowedRules<Rule extends ComparedRule>(
  rules: readonly Rule[],
  contentOf: (rule: Rule) => Content,
  shadowedRules: Map<string, readonly RuleReference[]>,
  budget: StepBudget,
): void {
  const scopes = new Scopes(rules, budget);
  for (const [position, rule] of rules.entries()) {
    const part = { scope: scopes.at(position), content: contentOf(rule) };
    const covering = rulesThatCoverTogether(part, position, scopes);
    if (covering) shadowedRules.set(rule.id, rulesAt(covering, rules));
  }
}

function rulesAt(positions: Iterable<number>, rules: readonly ComparedRule[]): ComparedRule[] {
  return [...positions].toSorted((a, b) => a - b).flatMap((position) => rules[position] ?? []);
}

interface ComparedTriggers {
  readonly rules: readonly ComparedRule[];
  readonly triggers: readonly (readonly ComparableTrigger[])[];
  readonly scopes: Scopes;
  readonly content: TriggerCoverage;
}

/** Response rules of which an earlier one covers all triggers. */
function findCoveredByOneRule(
  { rules, triggers, scopes, content }: ComparedTriggers,
  shadowedRules: Map<string, readonly RuleReference[]>,
): void {
  const coversContent = (first: number, later: number) =>
    triggers[later]?.every((inner) => content.coverOf(inner, first) !== undefined) ?? false;
  const covers = (first: number, later: number) => scopes.covers(first, later) && coversContent(first, later);
  findCovered(rules.length, [scopes.filter, ...content.filters], covers, (later, first) => {
    const [rule, covering] = [rules[later], rules[first]];
    if (rule && covering) shadowedRules.set(rule.id, [covering]);
  });
}

/**
 * An event that matches such a trigger also matches a preceding rule, which acts instead. A rule of which all triggers are
 * such is shadowed itself.
 */
function findShadowedTriggers(
  compared: ComparedTriggers,
  shadowedRules: Map<string, readonly RuleReference[]>,
  shadowedTriggers: Map<CompiledTrigger, TriggerReference>,
): void {
  const { rules, triggers } = compared;
  for (const [later, rule] of rules.entries()) {
    if (shadowedRules.has(rule.id)) continue;
    const coverings = coveringsOfTriggers(compared, later);
    if (coverings.size < (triggers[later]?.length ?? 0))
      for (const [trigger, { positions, position }] of coverings)
        shadowedTriggers.set(trigger, { rules: rulesAt(positions, rules), position });
    else {
      const positions = new Set([...coverings.values()].flatMap((covering) => [...covering.positions]));
      shadowedRules.set(rule.id, rulesAt(positions, rules));
    }
  }
}

/** Which rules cover a trigger, and the position of the trigger if one covers it alone. */
interface TriggerCovering {
  readonly positions: ReadonlySet<number>;
  readonly position: number | null;
}

/** Of the triggers of the rule at a position those that preceding rules cover. */
function coveringsOfTriggers(
  { triggers, scopes, content }: ComparedTriggers,
  later: number,
): Map<CompiledTrigger, TriggerCovering> {
  const coverings = new Map<CompiledTrigger, TriggerCovering>();
  const before = scopes.before(later);
  const coveredByOne = (trigger: ComparableTrigger): TriggerCovering | undefined => {
    const candidates = before.candidates.slice();
    if (isEmpty(candidates)) return undefined;
    content.restrict(candidates, trigger, later);
    for (const first of members(candidates)) {
      const position = before.covers(first) ? content.coverOf(trigger, first) : undefined;
      if (position !== undefined) return { positions: new Set([first]), position };
    }
    return undefined;
  };
  const coveredByMany = (trigger: ComparableTrigger): TriggerCovering | undefined => {
    const part = { scope: scopes.at(later), content: new MatchedEvents(trigger, later, content) };
    const positions = rulesThatCoverTogether(part, later, scopes);
    return positions && { positions, position: null };
  };
  for (const trigger of triggers[later] ?? []) {
    const covering = coveredByOne(trigger) ?? coveredByMany(trigger);
    if (covering) coverings.set(trigger.compiled, covering);
  }
  return coverings;
}
