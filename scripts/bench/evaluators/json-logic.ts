/**
 * json-logic-engine, compiled: one function per event type, a chain of conditions, oldest rule first. Once as a policy
 * is written in JSON logic alone, once in the fastest form that we found.
 */
import { LogicEngine } from 'json-logic-engine';
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
  type PreparedSession,
  prepareScope,
  prepareSession,
  rulesByType,
} from './evaluator';

type Logic = Record<string, unknown> | boolean | number;

interface Facts {
  session: PreparedSession;
  data: Record<string, string | number>;
}

/** Scope before triggers, lists and ranges within the logic; only the search for a pattern is a method. */
export const jsonLogicAlone: Peer = (policy, sessions) =>
  evaluatorOf('json-logic-engine 5.0.7, JSON logic alone, scope first', new LogicWriter(), policy, sessions);

/** Triggers before scope; lists and ranges are methods over sets and arrays, to which JSON logic has numbers only. */
export const jsonLogicTuned: Peer = (policy, sessions) =>
  evaluatorOf(
    'json-logic-engine 5.0.7, tuned: own methods over sets, triggers first',
    new TunedWriter(),
    policy,
    sessions,
  );

function evaluatorOf(
  name: string,
  writer: LogicWriter,
  policy: ResponsePolicy,
  sessions: Parameters<Peer>[1],
): Evaluator {
  const rules = new Map(
    [...rulesByType(policy)].map(([type, positions]) => [type, writer.build(policy, type, positions)]),
  );
  const prepared = new Map(sessions.map((session) => [session, prepareSession(session)]));
  return {
    name,
    evaluate: (events) =>
      events.map(({ session, event }) => {
        const rule = rules.get(event.type);
        const facts = prepared.get(session);
        return rule && facts ? rule({ session: facts, data: lowerCased(event.data) }) : NONE;
      }),
  };
}

/** Writes policies as JSON logic; patterns, which it lacks, are a method with a number. */
class LogicWriter {
  protected readonly engine = new LogicEngine();
  private readonly patterns: RegExp[] = [];

  constructor() {
    const { patterns } = this;
    this.engine.addMethod(
      'matches',
      ([text, index]: [string, number]) => patterns[index]?.test(text) ?? false,
    );
  }

  build(policy: ResponsePolicy, type: EventTypeId, positions: readonly number[]): (facts: Facts) => number {
    const branches = positions.flatMap((position) => {
      const rule = policy.rules[position];
      if (!rule) return [];
      const triggers = rule.triggers.filter((trigger) => trigger.eventType === type);
      const met = { or: triggers.map((trigger) => this.trigger(trigger)) };
      return [{ and: this.parts(this.scope(prepareScope(rule.scope)), met) }, position];
    });
    return this.engine.build({ if: [...branches, NONE] }) as (facts: Facts) => number;
  }

  /** What must hold of a rule, in the order in which it is tested. */
  protected parts(scope: readonly Logic[], triggers: Logic): Logic[] {
    return [...scope, triggers];
  }

  protected scope({ keys, ranges }: PreparedScope): Logic[] {
    const ofKeys = Object.entries(keys).map(([kind, wanted]) => ({
      some: [{ var: `session.keys.${kind}` }, { in: [{ var: '' }, [...wanted]] }],
    }));
    const inRanges = ranges?.map(([first, last]) => ({ '<=': [first, { var: 'session.address' }, last] }));
    return inRanges ? [...ofKeys, { or: inRanges }] : ofKeys;
  }

  private trigger({ eventType: type, conditions }: Trigger): Logic {
    const byDimension = groupBy(conditions, ({ dimension }) => dimension);
    return {
      and: [...byDimension].map(([id, group]) => {
        const dimension = dimensionOf(eventType(type), id);
        return { or: dimension ? group.flatMap((condition) => this.condition(condition, dimension)) : [] };
      }),
    };
  }

  /** What is true when one value of the condition holds, value by value. */
  private condition(condition: Condition, dimension: Dimension): Logic[] {
    const field = { var: `data.${dimension.field}` };
    if (condition.operator === 'between') return [];
    return condition.values.map((value) => {
      if (typeof value === 'number') {
        return { '>': [field, value * (dimension.kind === 'number' ? dimension.unitsPerLimit : 1)] };
      }
      if (condition.operator === 'matches') {
        return { matches: [field, this.patterns.push(nativePattern(value)) - 1] };
      }
      if (condition.operator === 'includes') return { in: [value.toLowerCase(), field] };
      const whole = dimension.kind === 'drive' ? `${value}:` : value;
      return { '===': [field, whole.toLowerCase()] };
    });
  }
}

class TunedWriter extends LogicWriter {
  private readonly sets: ReadonlySet<string>[] = [];
  private readonly ranges: (readonly (readonly [number, number])[])[] = [];

  constructor() {
    super();
    const { sets, ranges } = this;
    this.engine.addMethod('anyIn', ([keys, index]: [string[], number]) =>
      keys.some((key) => sets[index]?.has(key) ?? false),
    );
    this.engine.addMethod('inRange', ([address, index]: [number, number]) =>
      (ranges[index] ?? []).some(([first, last]) => first <= address && address <= last),
    );
  }

  protected override parts(scope: readonly Logic[], triggers: Logic): Logic[] {
    return [triggers, ...scope];
  }

  protected override scope({ keys, ranges }: PreparedScope): Logic[] {
    const ofKeys = Object.entries(keys).map(([kind, set]) => ({
      anyIn: [{ var: `session.keys.${kind}` }, this.sets.push(set) - 1],
    }));
    return ranges
      ? [...ofKeys, { inRange: [{ var: 'session.address' }, this.ranges.push(ranges) - 1] }]
      : ofKeys;
  }
}
