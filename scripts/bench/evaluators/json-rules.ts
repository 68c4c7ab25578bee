/** json-rules-engine: one engine per event type; the oldest rule has the highest priority and stops the run. */
import {
  type ConditionProperties,
  Engine,
  type NestedCondition,
  type TopLevelCondition,
} from 'json-rules-engine';
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
  nativePattern,
  NONE,
  type Peer,
  type PreparedScope,
  prepareScope,
  prepareSession,
  rulesByType,
} from './evaluator';
import type { WorkloadEvent } from './workload';

export const jsonRules: Peer = (policy, sessions): Evaluator => {
  const engines = new Map(
    [...rulesByType(policy)].map(([type, positions]) => [type, engineOf(policy, type, positions)]),
  );
  const prepared = new Map(sessions.map((session) => [session, prepareSession(session)]));
  const evaluateOne = async ({ session, event }: WorkloadEvent): Promise<number> => {
    const engine = engines.get(event.type);
    const facts = prepared.get(session);
    if (!engine || !facts) return NONE;
    const { events } = await engine.run({ ...facts.keys, address: facts.address, ...lowerCased(event.data) });
    return events[0] ? Number(events[0].type) : NONE;
  };
  return {
    name: 'json-rules-engine 7.3.1, one engine per type, own operators over sets, scope first',
    evaluate: async (events) => {
      const answers: number[] = [];
      for (const event of events) answers.push(await evaluateOne(event));
      return answers;
    },
  };
};

function engineOf(policy: ResponsePolicy, type: EventTypeId, positions: readonly number[]): Engine {
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addOperator('anyIn', (keys: readonly string[], wanted: ReadonlySet<string>) =>
    keys.some((key) => wanted.has(key)),
  );
  engine.addOperator('inRange', (address: number, ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([first, last]) => first <= address && address <= last),
  );
  engine.addOperator('includes', (text: string, part: string) => text.includes(part));
  engine.addOperator('matches', (text: string, pattern: RegExp) => pattern.test(text));
  for (const position of positions) {
    const rule = policy.rules[position];
    if (!rule) continue;
    const triggers = rule.triggers.filter((trigger) => trigger.eventType === type);
    engine.addRule({
      conditions: { all: [...scopeOf(prepareScope(rule.scope)), { any: triggers.map(triggerOf) }] },
      event: { type: String(position) },
      priority: policy.rules.length - position,
      onSuccess: () => {
        engine.stop();
      },
    });
  }
  return engine;
}

function scopeOf({ keys, ranges }: PreparedScope): ConditionProperties[] {
  const ofKeys = Object.entries(keys).map(([fact, value]) => ({ fact, operator: 'anyIn', value }));
  return ranges ? [...ofKeys, { fact: 'address', operator: 'inRange', value: ranges }] : ofKeys;
}

function triggerOf({ eventType: type, conditions }: Trigger): TopLevelCondition {
  const byDimension = groupBy(conditions, ({ dimension }) => dimension);
  return {
    all: [...byDimension].map(([id, group]): NestedCondition => {
      const dimension = dimensionOf(eventType(type), id);
      return { any: dimension ? group.flatMap((condition) => conditionOf(condition, dimension)) : [] };
    }),
  };
}

/** What is true when one value of the condition holds, value by value. */
function conditionOf(condition: Condition, dimension: Dimension): ConditionProperties[] {
  const fact = dimension.field;
  if (condition.operator === 'between') return [];
  return condition.values.map((value) => {
    if (typeof value === 'number') {
      const units = dimension.kind === 'number' ? dimension.unitsPerLimit : 1;
      return { fact, operator: 'greaterThan', value: value * units };
    }
    if (condition.operator === 'matches') return { fact, operator: 'matches', value: nativePattern(value) };
    if (condition.operator === 'includes') return { fact, operator: 'includes', value: value.toLowerCase() };
    const whole = dimension.kind === 'drive' ? `${value}:` : value;
    return { fact, operator: 'equal', value: whole.toLowerCase() };
  });
}
