/** The triggers of one event type over all rules of a policy, arranged to find the oldest rule that an event meets. */
import { type Bitset, has } from './bitset';
import { type CompiledTrigger, meets } from './compiled-trigger';
import type { EventData } from './event';
import type { EventTypeId } from './event-types';
import { groupBy } from './group-by';

/** A trigger and the age of its rule: 0 is the oldest. */
interface Candidate {
  readonly rule: number;
  readonly trigger: CompiledTrigger;
}

export class TypeIndex {
  /** Oldest rule first. */
  constructor(private readonly candidates: readonly Candidate[]) {}

  /** One index for each event type that has a trigger. */
  static ofRules(rules: readonly { triggers: readonly CompiledTrigger[] }[]): Map<EventTypeId, TypeIndex> {
    const candidates = rules.flatMap(({ triggers }, rule) => triggers.map((trigger) => ({ rule, trigger })));
    const byType = groupBy(candidates, ({ trigger }) => trigger.trigger.eventType);
    return new Map([...byType].map(([type, ofType]) => [type, new TypeIndex(ofType)]));
  }

  /** The oldest of the rules `inScope` that has a trigger which the event meets. */
  oldestMet(inScope: Bitset, data: EventData): number | undefined {
    return this.candidates.find(({ rule, trigger }) => has(inScope, rule) && meets(trigger, data))?.rule;
  }
}
