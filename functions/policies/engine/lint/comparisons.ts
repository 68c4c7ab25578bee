/** Compares the rules of a policy with each other: which leave nothing to others, which triggers are the same. */
import { allBelow, has } from '../match/bitset';
import type { CompiledTrigger } from '../match/compiled-trigger';
import { ComparableScope, ComparableTrigger, isSubset } from './coverage';
import {
  ADDED_PER_EFFORT,
  findCovered,
  type Narrowing,
  ScopeNarrowing,
  TriggerNarrowing,
} from './coverage-filters';
import { Effort } from './step-budget';
import { NumberNarrowing } from './number-coverage-filter';
import type { DetectionRule, Policy, RecordingRule } from '../model/policy';
import type { CompiledResponseRule } from '../match/response';

/** About half a second at most. Policies that people write take a hundredth of it. */
const MOST_EFFORT = 10_000_000;

export interface Comparisons {
  /** By the id of each rule that can never act, the name of the first that comes before and takes all it could. */
  readonly shadows: ReadonlyMap<string, string>;
  /** For each trigger that the same events meet as an earlier one of its rule, the position of the first such. */
  readonly twins: ReadonlyMap<CompiledTrigger, number>;
  /**
   * For each trigger of a rule that is not shadowed as a whole, which the same events meet as one of a rule that comes
   * before and whose scope covers the rule's, the name of the first such rule.
   */
  readonly repeats: ReadonlyMap<CompiledTrigger, string>;
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
    findShadows(rules, new Scopes(rules, effort), shadows);
  });
  return { shadows, twins: new Map(), repeats: new Map(), isComplete: !effort.isSpent };
}

export function compareDetectionRules(
  rules: readonly DetectionRule[],
  effort = new Effort(MOST_EFFORT),
): Comparisons {
  const shadows = new Map<string, string>();
  const types = rules.map(({ eventTypes }) => new Set<string>(eventTypes));
  const none = new Set<string>();
  effort.within(() => {
    findShadows(rules, new Scopes(rules, effort), shadows, {
      takesAll: (first, later) => isSubset(types[later] ?? none, types[first] ?? none, effort),
    });
  });
  return { shadows, twins: new Map(), repeats: new Map(), isComplete: !effort.isSpent };
}

/** Takes the oldest rule first. */
export function compareResponseRules(
  compiled: readonly CompiledResponseRule[],
  effort = new Effort(MOST_EFFORT),
): Comparisons {
  const shadows = new Map<string, string>();
  const twins = new Map<CompiledTrigger, number>();
  const repeats = new Map<CompiledTrigger, string>();
  const rules = compiled.map(({ rule }) => rule);
  effort.within(() => {
    const triggers = compiled.map((rule) => rule.triggers.map((one) => new ComparableTrigger(one, effort)));
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
    const scopes = new Scopes(rules, effort);
    findShadows(rules, scopes, shadows, {
      narrowings: [new NumberNarrowing(triggers, effort), new TriggerNarrowing(triggers, effort)],
      takesAll: (first, later) => triggers[later]?.every((inner) => isTaken(inner, first)) ?? false,
    });
    findRepeats(rules, triggers, scopes, (rule) => shadows.has(rule.id), repeats);
  });
  return { shadows, twins, repeats, isComplete: !effort.isSpent };
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
  rules: readonly ComparedRule[],
  scopes: Scopes,
  shadows: Map<string, string>,
  { takesAll, narrowings = [] }: Takes = { takesAll: () => true },
): void {
  const covers = (first: number, later: number) => scopes.covers(first, later) && takesAll(first, later);
  findCovered(rules.length, [scopes.narrowing, ...narrowings], covers, (later, first) => {
    const [rule, by] = [rules[later], rules[first]];
    if (rule && by) shadows.set(rule.id, by.name);
  });
}

/** Whatever meets such a trigger meets the rule before, which acts in its place. */
function findRepeats(
  rules: readonly ComparedRule[],
  triggers: readonly (readonly ComparableTrigger[])[],
  scopes: Scopes,
  isShadowed: (rule: ComparedRule) => boolean,
  repeats: Map<CompiledTrigger, string>,
): void {
  /** The rules so far that have a trigger of a form. */
  const having = new Map<string, number[]>();
  for (const [later, rule] of rules.entries()) {
    const ofRule = triggers[later] ?? [];
    if (!isShadowed(rule) && ofRule.some(({ canonicalForm }) => having.has(canonicalForm))) {
      const isCovering = scopes.before(later);
      for (const { compiled, canonicalForm } of ofRule) {
        const first = having.get(canonicalForm)?.find(isCovering);
        if (first !== undefined) repeats.set(compiled, rules[first]?.name ?? '');
      }
    }
    for (const { canonicalForm } of ofRule) {
      const positions = having.get(canonicalForm);
      if (!positions) having.set(canonicalForm, [later]);
      else if (positions.at(-1) !== later) positions.push(later);
    }
  }
}

type ComparedRule = Pick<Policy['rules'][number], 'id' | 'name' | 'scope'>;

/** The scopes of rules, given by position. */
class Scopes {
  readonly narrowing: Narrowing;
  private readonly scopes: readonly ComparableScope[];

  constructor(
    rules: readonly ComparedRule[],
    private readonly effort: Effort,
  ) {
    this.scopes = rules.map(({ scope }) => new ComparableScope(scope, effort));
    this.narrowing = new ScopeNarrowing(this.scopes, effort);
  }

  covers(first: number, later: number): boolean {
    const inner = this.scopes[later];
    return inner !== undefined && (this.scopes[first]?.covers(inner) ?? false);
  }

  /** Tells of the scopes before one whether they cover it, however often it is asked. */
  before(later: number): (first: number) => boolean {
    const candidates = allBelow(later, this.scopes.length);
    this.narrowing.narrow(candidates, later);
    const known = new Map<number, boolean>();
    return (first) => {
      this.effort.spend(1 / ADDED_PER_EFFORT);
      if (!has(candidates, first)) return false;
      const answer = known.get(first) ?? this.covers(first, later);
      known.set(first, answer);
      return answer;
    };
  }
}
