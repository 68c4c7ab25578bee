/** The index of the triggers of one event type over all rules of a policy: finds the oldest rule matching an event. */
import { groupBy } from '../../../../shared/pure/group-by';
import type { EventTypeId } from '../model/event-types';
import { add, type Bitset, emptySet, intersects } from './bitset';
import {
  type CandidateFilter,
  ChoiceFilter,
  NumberFilter,
  type Posting,
  UnindexedTriggers,
} from './candidate-filters';
import { type CompiledTrigger, matches } from './compiled-trigger';
import { type IndexPredicate, indexPredicateOf } from './index-predicates';
import type { NormalizedEvent } from './normalized-event';
import { type Candidate, OldestMatch } from './oldest-match';
import { TextFilter } from './text-filter';

/**
 * Almost no event matches almost any trigger, so the index must reject quickly. Each trigger is indexed by its most
 * selective predicate on one field; its other tests are run only for events that satisfy the predicate and sessions in
 * the scope of its rule.
 */
export class TypeIndex {
  private readonly filters: readonly { readonly filter: CandidateFilter; readonly rules: Bitset }[];

  /** Takes the triggers of the type by the rank of their rule, oldest first, and the number of all rules. */
  private constructor(
    private readonly byRule: ReadonlyMap<number, readonly CompiledTrigger[]>,
    ruleCount: number,
  ) {
    const postings = [...byRule].flatMap(([rule, triggers]) =>
      triggers.map(({ tests }) => {
        const predicate = indexPredicateOf(tests);
        return { candidate: { rule, tests: predicate?.residualTests ?? tests }, predicate };
      }),
    );
    const entry = (filter: CandidateFilter, indexed: readonly { candidate: Candidate }[]) => ({
      filter,
      rules: rulesOf(
        indexed.map(({ candidate }) => candidate),
        ruleCount,
      ),
    });
    const unindexed = postings.filter(
      (posting): posting is Posting<undefined> => posting.predicate === undefined,
    );
    this.filters = [
      ...byDimension(postings, 'text').map(([dimension, indexed]) =>
        entry(new TextFilter(dimension, indexed), indexed),
      ),
      ...byDimension(postings, 'number').map(([dimension, indexed]) =>
        entry(new NumberFilter(dimension, indexed), indexed),
      ),
      ...byDimension(postings, 'choice').map(([dimension, indexed]) =>
        entry(new ChoiceFilter(dimension, indexed), indexed),
      ),
      ...(unindexed.length > 0 ? [entry(new UnindexedTriggers(unindexed), unindexed)] : []),
    ];
  }

  /** One index for each event type that has a trigger. Takes the rules oldest first. */
  static ofRules(rules: readonly { triggers: readonly CompiledTrigger[] }[]): Map<EventTypeId, TypeIndex> {
    const byType = new Map<EventTypeId, Map<number, CompiledTrigger[]>>();
    for (const [rule, { triggers }] of rules.entries()) {
      for (const [type, ofType] of groupBy(triggers, ({ trigger }) => trigger.eventType)) {
        let byRule = byType.get(type);
        if (!byRule) byType.set(type, (byRule = new Map<number, CompiledTrigger[]>()));
        byRule.set(rule, ofType);
      }
    }
    return new Map([...byType].map(([type, byRule]) => [type, new TypeIndex(byRule, rules.length)]));
  }

  /** The oldest of the rules `inScope` that has a trigger matching the event. */
  oldestMatch(inScope: Bitset, event: NormalizedEvent): number | undefined {
    const search = new OldestMatch(inScope, event);
    for (const { filter, rules } of this.filters)
      if (intersects(rules, inScope)) filter.addCandidates(search);
    return search.rule;
  }

  /** The triggers of a rule that match the event. At least one of them is known to match. */
  matchedTriggers(rule: number, event: NormalizedEvent): readonly CompiledTrigger[] {
    const triggers = this.byRule.get(rule) ?? [];
    return triggers.length === 1 ? triggers : triggers.filter((trigger) => matches(trigger, event));
  }
}

type PredicateOfKind<K extends IndexPredicate['kind']> = Extract<IndexPredicate, { kind: K }>;

function byDimension<K extends IndexPredicate['kind']>(
  postings: readonly Posting<IndexPredicate | undefined>[],
  kind: K,
) {
  const ofKind = postings.filter(
    (posting): posting is Posting<PredicateOfKind<K>> => posting.predicate?.kind === kind,
  );
  return [...groupBy(ofKind, ({ predicate }) => predicate.dimension)];
}

/** The set of the rules of some triggers, with room for all rules. */
function rulesOf(candidates: readonly Candidate[], ruleCount: number): Bitset {
  const rules = emptySet(ruleCount);
  for (const { rule } of candidates) add(rules, rule);
  return rules;
}
