/** Compares the rules of a policy with each other: which leave nothing to others, which triggers are the same. */
import type { CompiledTrigger } from './compiled-trigger';
import { ComparableScope, ComparableTrigger, isSubset } from './coverage';
import { findCovered, type Narrowing, ScopeNarrowing, TriggerNarrowing } from './cover-search';
import { Effort } from './effort';
import { NumberNarrowing } from './number-narrowing';
import type { DetectionRule, Policy, RecordingRule } from './policy';
import type { CompiledResponseRule } from './response';

/** About half a second at most. Policies that people write take a hundredth of it. */
const MOST_EFFORT = 10_000_000;

export interface Comparisons {
  /** By the id of each rule that can never act, the name of the first that comes before and takes all it could. */
  readonly shadows: ReadonlyMap<string, string>;
  /** For each trigger that the same events meet as an earlier one of its rule, the position of the first such. */
  readonly twins: ReadonlyMap<CompiledTrigger, number>;
  /** False when comparing all would have taken too long: there may be more. */
  readonly isComplete: boolean;
}

/** Takes rules of highest priority first. */
export function compareRecordingRules(
  rules: readonly RecordingRule[],
  effort = new Effort(MOST_EFFORT),
): Comparisons {
  const shadows = new Map<string, string>();
  effort.within(() => {
    findShadows(rules, effort, shadows);
  });
  return { shadows, twins: new Map(), isComplete: !effort.isSpent };
}

export function compareDetectionRules(
  rules: readonly DetectionRule[],
  effort = new Effort(MOST_EFFORT),
): Comparisons {
  const shadows = new Map<string, string>();
  const types = rules.map(({ eventTypes }) => new Set<string>(eventTypes));
  const none = new Set<string>();
  effort.within(() => {
    findShadows(rules, effort, shadows, {
      takesAll: (first, later) => isSubset(types[later] ?? none, types[first] ?? none, effort),
    });
  });
  return { shadows, twins: new Map(), isComplete: !effort.isSpent };
}

/** Takes the oldest rule first. */
export function compareResponseRules(
  rules: readonly CompiledResponseRule[],
  effort = new Effort(MOST_EFFORT),
): Comparisons {
  const shadows = new Map<string, string>();
  const twins = new Map<CompiledTrigger, number>();
  effort.within(() => {
    const triggers = rules.map((rule) => rule.triggers.map((one) => new ComparableTrigger(one, effort)));
    const forms = triggers.map((ofRule) => new Set(ofRule.map(({ canonicalForm }) => canonicalForm)));
    const isTaken = (inner: ComparableTrigger, by: number) => {
      effort.spend(1);
      // Copies of whole rules are common, and each is found at once by its form.
      return (
        (forms[by]?.has(inner.canonicalForm) ?? false) ||
        (triggers[by]?.some((outer) => outer.covers(inner)) ?? false)
      );
    };
    for (const ofRule of triggers) findTwins(ofRule, twins);
    findShadows(
      rules.map(({ rule }) => rule),
      effort,
      shadows,
      {
        narrowings: [new NumberNarrowing(triggers, effort), new TriggerNarrowing(triggers, effort)],
        takesAll: (first, later) => triggers[later]?.every((inner) => isTaken(inner, first)) ?? false,
      },
    );
  });
  return { shadows, twins, isComplete: !effort.isSpent };
}

function findTwins(triggers: readonly ComparableTrigger[], twins: Map<CompiledTrigger, number>): void {
  const seen = new Map<string, number>();
  for (const { compiled, canonicalForm } of triggers) {
    const first = seen.get(canonicalForm);
    if (first === undefined) seen.set(canonicalForm, compiled.position);
    else twins.set(compiled, first);
  }
}

/** What a rule takes of the sessions in its scope: all, unless said otherwise. */
interface Takes {
  readonly takesAll: (first: number, later: number) => boolean;
  readonly narrowings?: readonly Narrowing[];
}

function findShadows(
  rules: readonly Pick<Policy['rules'][number], 'id' | 'name' | 'scope'>[],
  effort: Effort,
  shadows: Map<string, string>,
  { takesAll, narrowings = [] }: Takes = { takesAll: () => true },
): void {
  const scopes = rules.map(({ scope }) => new ComparableScope(scope, effort));
  const covers = (first: number, later: number) => {
    const inner = scopes[later];
    return inner !== undefined && (scopes[first]?.covers(inner) ?? false) && takesAll(first, later);
  };
  findCovered(rules.length, [new ScopeNarrowing(scopes, effort), ...narrowings], covers, (later, first) => {
    const [rule, by] = [rules[later], rules[first]];
    if (rule && by) shadows.set(rule.id, by.name);
  });
}
