/**
 * GoRules zen-engine (Rust): one decision table per event type, a row per rule, oldest first; the first hit answers.
 * Scope before triggers, since testing patterns is nearly all that it costs.
 */
import { ZenDecisionContent, ZenEngine } from '@gorules/zen-engine';
import {
  type Condition,
  type Dimension,
  dimensionOf,
  eventType,
  type EventTypeId,
  type ResponsePolicy,
  type Trigger,
} from '../../../functions/policies/engine';
import { groupBy } from '../../../shared/pure/group-by';
import {
  type Evaluator,
  lowerCased,
  NONE,
  type Peer,
  type PreparedScope,
  prepareScope,
  prepareSession,
  rulesByType,
} from './evaluator';
import type { WorkloadEvent } from './workload';

export const zen: Peer = (policy, sessions): Evaluator => {
  const engine = new ZenEngine();
  const decisions = new Map(
    [...rulesByType(policy)].map(([type, positions]) => {
      const table = new ZenDecisionContent(decisionTable(policy, type, positions));
      return [type, engine.createDecision(table)];
    }),
  );
  const prepared = new Map(sessions.map((session) => [session, prepareSession(session)]));
  const evaluateOne = async ({ session, event }: WorkloadEvent): Promise<number> => {
    const decision = decisions.get(event.type);
    const facts = prepared.get(session);
    if (!decision || !facts) return NONE;
    const context = { ...facts.keys, address: facts.address, data: lowerCased(event.data) };
    const { result } = (await decision.evaluate(context)) as { result: { rule?: number } | null };
    return result?.rule ?? NONE;
  };
  return {
    name: 'zen-engine 0.52.1, a decision table per type, scope first',
    evaluate: async (events) => {
      const answers: number[] = [];
      for (const event of events) answers.push(await evaluateOne(event));
      return answers;
    },
  };
};

function decisionTable(policy: ResponsePolicy, type: EventTypeId, positions: readonly number[]): object {
  const rules = positions.flatMap((position) => {
    const rule = policy.rules[position];
    if (!rule) return [];
    const triggers = rule.triggers.filter((trigger) => trigger.eventType === type).map(triggerOf);
    const parts = [...scopeOf(prepareScope(rule.scope)), `(${triggers.join(' or ')})`];
    return [{ _id: rule.id, met: parts.join(' and '), rule: String(position) }];
  });
  const at = { x: 0, y: 0 };
  const content = {
    hitPolicy: 'first',
    inputs: [{ id: 'met', name: 'Met' }],
    outputs: [{ id: 'rule', name: 'Rule', field: 'rule' }],
    rules,
  };
  return {
    nodes: [
      { id: 'in', name: 'in', type: 'inputNode', position: at, content: {} },
      { id: 'table', name: 'table', type: 'decisionTableNode', position: at, content },
      { id: 'out', name: 'out', type: 'outputNode', position: at, content: {} },
    ],
    edges: [
      { id: 'first', sourceId: 'in', targetId: 'table', type: 'edge' },
      { id: 'second', sourceId: 'table', targetId: 'out', type: 'edge' },
    ],
  };
}

function scopeOf({ keys, ranges }: PreparedScope): string[] {
  const ofKeys = Object.entries(keys).map(
    ([kind, wanted]) => `some(${kind}, # in [${[...wanted].map(quoted).join(', ')}])`,
  );
  const inRanges = ranges?.map(([first, last]) => `(address >= ${first} and address <= ${last})`);
  return inRanges ? [...ofKeys, `(${inRanges.join(' or ')})`] : ofKeys;
}

function triggerOf({ eventType: type, conditions }: Trigger): string {
  const ofDimensions = [...groupBy(conditions, ({ dimension }) => dimension)].map(([id, group]) => {
    const dimension = dimensionOf(eventType(type), id);
    const values = dimension ? group.flatMap((condition) => conditionOf(condition, dimension)) : [];
    return `(${values.join(' or ')})`;
  });
  return `(${ofDimensions.join(' and ')})`;
}

/** What is true when one value of the condition holds, value by value. */
function conditionOf(condition: Condition, dimension: Dimension): string[] {
  const field = `data.${dimension.field}`;
  if (condition.operator === 'between') return [];
  return condition.values.map((value) => {
    if (typeof value === 'number') {
      return `${field} > ${value * (dimension.kind === 'number' ? dimension.unitsPerLimit : 1)}`;
    }
    if (condition.operator === 'matches') return `matches(${field}, ${quoted(value.replace('(?i)', ''))})`;
    if (condition.operator === 'includes') return `contains(${field}, ${quoted(value.toLowerCase())})`;
    return `${field} == ${quoted((dimension.kind === 'drive' ? `${value}:` : value).toLowerCase())}`;
  });
}

/** The workload's texts have no apostrophes, and the language no escapes. */
const quoted = (text: string) => `'${text}'`;
