/** The triggers of one event type over all rules of a policy, arranged to find the oldest rule that an event meets. */
import { add, type Bitset, emptySet, meet } from './bitset';
import { type CandidateFilter, ChoiceFilter, type Filed, NoFilter, NumberFilter } from './candidate-filters';
import { type CompiledTrigger, meets } from './compiled-trigger';
import type { EventTypeId } from '../model/event-types';
import type { FoldedData } from './normalized-event';
import { groupBy } from '../../../../shared/pure/group-by';
import { TextFilter } from './text-filter';
import { type Need, needOf } from './index-predicates';
import { type Candidate, OldestSearch } from './oldest-match';

/**
 * Almost no event meets almost any trigger, so what counts is to find out quickly that it does not. Each trigger is
 * filed in one filter, under what it needs in one field; only of those that the event's value calls up, and whose rule
 * is in scope, what else they ask is tested.
 */
export class TypeIndex {
  private readonly filters: readonly { readonly filter: CandidateFilter; readonly rules: Bitset }[];

  /** Takes the triggers of the type by the age of their rule, oldest first, and the number of all rules. */
  private constructor(
    private readonly byRule: ReadonlyMap<number, readonly CompiledTrigger[]>,
    ruleCount: number,
  ) {
    const files = [...byRule].flatMap(([rule, triggers]) =>
      triggers.map(({ tests }) => {
        const need = needOf(tests);
        return { candidate: { rule, tests: need?.rest ?? tests }, need };
      }),
    );
    const entry = (filter: CandidateFilter, filed: readonly { candidate: Candidate }[]) => ({
      filter,
      rules: rulesOf(
        filed.map(({ candidate }) => candidate),
        ruleCount,
      ),
    });
    const rest = files.filter((filed): filed is Filed<undefined> => filed.need === undefined);
    this.filters = [
      ...byDimension(files, 'text').map(([dimension, filed]) =>
        entry(new TextFilter(dimension, filed), filed),
      ),
      ...byDimension(files, 'number').map(([dimension, filed]) =>
        entry(new NumberFilter(dimension, filed), filed),
      ),
      ...byDimension(files, 'choice').map(([dimension, filed]) =>
        entry(new ChoiceFilter(dimension, filed), filed),
      ),
      ...(rest.length > 0 ? [entry(new NoFilter(rest), rest)] : []),
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

  /** The oldest of the rules `inScope` that has a trigger which the event meets. */
  oldestMet(inScope: Bitset, data: FoldedData): number | undefined {
    const search = new OldestSearch(inScope, data);
    for (const { filter, rules } of this.filters) if (meet(rules, inScope)) filter.offer(search);
    return search.oldest;
  }

  /** Those triggers of a rule that the event meets. At least one of them is known to be met. */
  metTriggers(rule: number, data: FoldedData): readonly CompiledTrigger[] {
    const triggers = this.byRule.get(rule) ?? [];
    return triggers.length === 1 ? triggers : triggers.filter((trigger) => meets(trigger, data));
  }
}

type NeedOfKind<K extends Need['kind']> = Extract<Need, { kind: K }>;

function byDimension<K extends Need['kind']>(files: readonly Filed<Need | undefined>[], kind: K) {
  const ofKind = files.filter((filed): filed is Filed<NeedOfKind<K>> => filed.need?.kind === kind);
  return [...groupBy(ofKind, ({ need }) => need.dimension)];
}

/** The rules of some triggers, out of so many rules. */
function rulesOf(candidates: readonly Candidate[], ruleCount: number): Bitset {
  const rules = emptySet(ruleCount);
  for (const { rule } of candidates) add(rules, rule);
  return rules;
}
