/** Why the rules of a response policy do not respond to an event, down to the condition that fails. Pure. */
import {
  dimensionOf,
  eventType,
  type ResponsePolicy,
  type ResponseRule,
  type RuleExplanation,
  type SessionEvent,
  type Trigger,
  type TriggerExplanation,
} from '../engine';
import { conditionsText, listed, quoted, typeName } from '../trigger-text';

type Event = Pick<SessionEvent, 'type' | 'data'>;

/** The explanations with reasons that quote the conditions of the policy and the values of the event. */
export function withConditions(
  rules: readonly RuleExplanation[],
  policy: ResponsePolicy,
  event: Event | undefined,
): RuleExplanation[] {
  const byId = new Map(policy.rules.map((rule) => [rule.id, rule]));
  return rules.map((explained) => {
    const rule = byId.get(explained.ruleId ?? '');
    if (!rule || !event) return explained;
    const triggers = explained.triggers.map((trigger) => {
      const given = rule.triggers[trigger.position];
      return given && trigger.dimension !== null
        ? { ...trigger, reason: failedCondition(given, trigger.dimension, event) }
        : trigger;
    });
    const reason = explained.outcome === 'notMet' ? reasonNotMet(rule, triggers, event) : explained.reason;
    return { ...explained, triggers, reason };
  });
}

/** Describes the first trigger for events of this type. */
function reasonNotMet(rule: ResponseRule, triggers: readonly TriggerExplanation[], event: Event): string {
  const closest = triggers.find(({ dimension }) => dimension !== null);
  if (closest)
    return `Trigger ${closest.position + 1} (${typeName(event.type)}) does not match. ${closest.reason ?? ''}`;
  const types = [...new Set(rule.triggers.map((trigger) => typeName(trigger.eventType)))];
  return types.length === 0
    ? 'The rule has no triggers'
    : `No trigger is for ${typeName(event.type)}, only for ${listed(types)}`;
}

function failedCondition(trigger: Trigger, dimension: string, { data }: Event): string {
  const type = eventType(trigger.eventType);
  const found = dimensionOf(type, dimension);
  const condition = conditionsText(type, trigger.conditions, dimension);
  const value = found && data[found.field];
  if (!found || value === undefined)
    return `It requires that ${condition}; the event has no ${found?.name ?? dimension}`;
  const has =
    found.kind === 'number' && typeof value === 'number'
      ? `${rounded(value / found.unitsPerLimit)} ${found.unit}`
      : quoted(String(value));
  return `It requires that ${condition}; the event has ${has}`;
}

const rounded = (number: number): number => Math.round(number * 1_000_000) / 1_000_000;
