/** Explains for every rule of a policy whether it decides, and if not, why not. */
import { z } from 'zod';
import type { SessionEvent } from '../model/event';
import { eventType } from '../model/event-types';
import type { Scope } from '../model/scope';
import type { SessionFacts } from '../model/session';
import type { CompiledTrigger } from './compiled-trigger';
import type { CompiledDetectionPolicy } from './detection';
import { NormalizedEvent } from './normalized-event';
import { type CompiledRecordingPolicy, decide, FALLBACK_DECISION } from './recording';
import { type CompiledResponsePolicy, type CompiledResponseRule, respond } from './response';
import { reasonOutOfScope } from './scope-reasons';

const triggerExplanationSchema = z.strictObject({
  position: z.int().meta({ description: 'Position within the rule, from 0' }),
  met: z.boolean().meta({ description: 'Whether the trigger matches the event' }),
  dimension: z
    .string()
    .nullable()
    .meta({ description: 'The first dimension of which no condition is satisfied' }),
  reason: z.string().nullable().meta({ description: 'Why the trigger does not match' }),
});

export const ruleExplanationSchema = z
  .strictObject({
    ruleId: z.string().nullable().meta({ description: 'Null for the fallback rule' }),
    ruleName: z.string(),
    outcome: z.enum(['decides', 'inScope', 'outranked', 'notMet', 'outOfScope']).meta({
      description:
        'decides: the rule takes effect; inScope: whether it takes effect depends on the event; outranked: another ' +
        'rule takes effect instead; notMet: the rule does not match the event; outOfScope: the session is not in scope',
    }),
    reason: z.string().nullable().meta({ description: 'Why the rule does not decide' }),
    triggers: z
      .array(triggerExplanationSchema)
      .meta({ description: 'Of response rules in scope, when an event is given' }),
  })
  .meta({ id: 'RuleExplanation' });

export type RuleExplanation = Readonly<z.infer<typeof ruleExplanationSchema>>;
export type TriggerExplanation = Readonly<z.infer<typeof triggerExplanationSchema>>;

type Event = Pick<SessionEvent, 'type' | 'data'>;
type Verdict = Omit<RuleExplanation, 'ruleId' | 'ruleName' | 'triggers'> &
  Partial<Pick<RuleExplanation, 'triggers'>>;

const DECIDES: Verdict = { outcome: 'decides', reason: null };
const outranked = (reason: string): Verdict => ({ outcome: 'outranked', reason });

/** The rules by position, the fallback rule last. Exactly one decides. */
export function explainRecording(
  compiled: CompiledRecordingPolicy,
  session: SessionFacts,
): RuleExplanation[] {
  const decision = decide(compiled, session);
  const verdicts = compiled.policy.rules.map((rule) =>
    explainRule(rule, session, () => {
      if (rule.id === decision.ruleId) return DECIDES;
      return outranked(
        rule.action === decision.action
          ? `Rule "${decision.ruleName}" has the same action and comes first`
          : `Rule "${decision.ruleName}" has an action of higher priority (${decision.action})`,
      );
    }),
  );
  const { ruleId, ruleName } = FALLBACK_DECISION;
  const fallback = decision.ruleId === null ? DECIDES : outranked(`Rule "${decision.ruleName}" applies`);
  return [...verdicts, { ruleId, ruleName, ...fallback, triggers: [] }];
}

/** The rules by position. With an event, those that log its type decide; without one, all rules in scope. */
export function explainDetection(
  { policy }: CompiledDetectionPolicy,
  session: SessionFacts,
  event?: Event,
): RuleExplanation[] {
  return policy.rules.map((rule) =>
    explainRule(rule, session, () => {
      if (!event || (rule.eventTypes as readonly string[]).includes(event.type)) return DECIDES;
      return { outcome: 'notMet', reason: `The rule does not log ${eventType(event.type).name}` };
    }),
  );
}

/** The rules by position. With an event, at most one decides. */
export function explainResponse(
  compiled: CompiledResponsePolicy,
  session: SessionFacts,
  event?: Event,
): RuleExplanation[] {
  const acting = event && respond(compiled, session, event);
  const byId = new Map(compiled.rules.map((rule) => [rule.rule.id, rule]));
  return compiled.policy.rules.map((rule) =>
    explainRule(rule, session, () => {
      const triggers = event ? explainTriggers(byId.get(rule.id), event) : [];
      if (!event) return { outcome: 'inScope', reason: 'Whether it decides depends on the event' };
      if (rule.id === acting?.ruleId) return { ...DECIDES, triggers };
      if (triggers.some((trigger) => trigger.met))
        return { ...outranked(`Rule "${acting?.ruleName ?? ''}" is older`), triggers };
      return { outcome: 'notMet', reason: 'No trigger matches the event', triggers };
    }),
  );
}

function explainRule(
  rule: { id: string; name: string; scope: Scope },
  session: SessionFacts,
  verdictInScope: () => Verdict,
): RuleExplanation {
  const reason = reasonOutOfScope(rule.scope, session);
  const verdict: Verdict = reason === undefined ? verdictInScope() : { outcome: 'outOfScope', reason };
  return { ruleId: rule.id, ruleName: rule.name, triggers: [], ...verdict };
}

function explainTriggers(rule: CompiledResponseRule | undefined, event: Event): TriggerExplanation[] {
  const normalized = new NormalizedEvent(event.data);
  return (rule?.triggers ?? []).map((trigger) => explainTrigger(trigger, event, normalized));
}

function explainTrigger(
  { position, trigger, tests }: CompiledTrigger,
  event: Event,
  normalized: NormalizedEvent,
): TriggerExplanation {
  const not = (reason: string, dimension: string | null) => ({ position, met: false, dimension, reason });
  if (trigger.eventType !== event.type) {
    return not(`The trigger is for ${eventType(trigger.eventType).name} events`, null);
  }
  const failed = trigger.conditions
    .map((condition) => tests.find((test) => test.dimension.id === condition.dimension))
    .find((test) => test && !test.holds(normalized));
  if (!failed) return { position, met: true, dimension: null, reason: null };
  const { id, name, field } = failed.dimension;
  const reason =
    event.data[field] === undefined ? `The event has no ${name}` : `No condition on ${name} is satisfied`;
  return not(reason, id);
}
