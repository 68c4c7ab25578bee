/** Finds what several earlier rules cover together, each of them some of its sessions and some of what it does for them. */
import { type Bitset, isEmpty, members } from '../match/bitset';
import { type ComparableScope, isSubset } from './comparable-scope';
import type { ComparableTrigger } from './comparable-trigger';
import type { Scopes } from './compared-scopes';
import type { StepBudget } from './step-budget';
import type { TriggerCoverage } from './trigger-coverage';

/** What a rule does for the sessions in a scope. */
export interface Content {
  /** Removes rules that cannot cover it; it need not remove all of them. */
  restrict(candidates: Bitset): void;
  /** Whether an earlier rule, given by position, does all of it. */
  isCoveredBy(rule: number): boolean;
  /** Contents of one value each that together are this one; none if it has one value. */
  parts(): Iterable<Content>;
}

/** All that happens in the sessions: any other rule for them covers it. */
export const WHOLE_SESSIONS: Content = {
  restrict: () => undefined,
  isCoveredBy: () => true,
  parts: () => [],
};

/** Event types that are logged. */
export class LoggedTypes implements Content {
  constructor(
    private readonly types: ReadonlySet<string>,
    /** Those of all rules, by position. */
    private readonly ofRules: readonly ReadonlySet<string>[],
    private readonly budget: StepBudget,
  ) {}

  restrict(): void {
    // Nothing is indexed: comparing types is cheap.
  }

  isCoveredBy(rule: number): boolean {
    const ofRule = this.ofRules[rule];
    return ofRule !== undefined && isSubset(this.types, ofRule, this.budget);
  }

  *parts(): Generator<LoggedTypes> {
    if (this.types.size < 2) return;
    for (const type of this.types) yield new LoggedTypes(new Set([type]), this.ofRules, this.budget);
  }
}

/** Events that a trigger of the rule at a position matches. */
export class MatchedEvents implements Content {
  constructor(
    private readonly trigger: ComparableTrigger,
    private readonly position: number,
    private readonly coverage: TriggerCoverage,
  ) {}

  restrict(candidates: Bitset): void {
    this.coverage.restrict(candidates, this.trigger, this.position);
  }

  isCoveredBy(rule: number): boolean {
    return this.coverage.coverOf(this.trigger, rule) !== undefined;
  }

  *parts(): Generator<MatchedEvents> {
    for (const part of this.trigger.parts()) yield new MatchedEvents(part, this.position, this.coverage);
  }
}

/** A content for the sessions in a scope. */
interface Part {
  readonly scope: ComparableScope;
  readonly content: Content;
}

/**
 * The rules before a position, of which each covers a part of the rule there: all values of its criteria and its content.
 * Undefined when no rule covers one of the values. Values are taken apart only where no rule covers them all.
 */
export function rulesThatCoverTogether(
  whole: Part,
  position: number,
  scopes: Scopes,
): ReadonlySet<number> | undefined {
  const covering = new Set<number>();
  const isCovered = (part: Part): boolean => {
    const rule = firstThatCovers(part, position, scopes);
    if (rule !== undefined) {
      covering.add(rule);
      return true;
    }
    let isSingle = true;
    for (const next of partsOf(part)) {
      if (!isCovered(next)) return false;
      isSingle = false;
    }
    return !isSingle;
  };
  // Most rules are not covered, and their criteria or the first of their values show it.
  if (!scopes.haveAllKeys(whole.scope, position)) return undefined;
  const first = firstValue(whole);
  if (first !== whole && firstThatCovers(first, position, scopes) === undefined) return undefined;
  return isCovered(whole) ? covering : undefined;
}

function firstThatCovers({ scope, content }: Part, position: number, scopes: Scopes): number | undefined {
  const candidates = scopes.candidates(scope, position);
  if (isEmpty(candidates)) return undefined;
  content.restrict(candidates);
  for (const rule of members(candidates))
    if (scopes.isCoveredBy(scope, rule) && content.isCoveredBy(rule)) return rule;
  return undefined;
}

function* partsOf({ scope, content }: Part): Generator<Part> {
  let isScopeSingle = true;
  for (const part of scope.parts()) {
    isScopeSingle = false;
    yield { scope: part, content };
  }
  if (isScopeSingle) for (const part of content.parts()) yield { scope, content: part };
}

function firstValue(part: Part): Part {
  for (const first of partsOf(part)) return firstValue(first);
  return part;
}
