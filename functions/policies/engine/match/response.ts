/** Event response policies: the response to an event of a session. */
import type { SessionEvent } from '../model/event';
import { type Action, ACTIONS, type EventTypeId } from '../model/event-types';
import type { ResponsePolicy, ResponseRule } from '../model/policy';
import { parseRecipients } from '../model/recipients';
import type { SessionFacts } from '../model/session';
import { PatternCache } from '../text/pattern-cache';
import { members } from './bitset';
import { type CompiledTrigger, compileTrigger } from './compiled-trigger';
import { NormalizedEvent } from './normalized-event';
import { ScopeIndex } from './scope-index';
import { TypeIndex } from './type-index';

/** Recording servers buffer the screen in blocks of this length. */
const MIN_SECONDS_BEFORE = 10;

export interface CompiledResponseRule {
  readonly rule: ResponseRule;
  readonly triggers: readonly CompiledTrigger[];
  readonly recipients: readonly string[];
  readonly recordingOptions: RecordingOptions;
}

export interface CompiledResponsePolicy {
  readonly policy: ResponsePolicy;
  /** Oldest first: by creation time, then by position. */
  readonly rules: readonly CompiledResponseRule[];
  readonly scopes: ScopeIndex;
  readonly byType: ReadonlyMap<EventTypeId, TypeIndex>;
}

/** Options of a dynamic screen recording; null means unset. */
export interface RecordingOptions {
  /** Null: until the session ends. */
  readonly minutesAfter: number | null;
  /** 10 to 120; null: nothing before the event. */
  readonly secondsBefore: number | null;
  readonly lossy: boolean;
}

/** The response to one event: the oldest rule with a matching trigger, and all triggers of that rule that match. */
export interface ResponseDecision {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly triggers: readonly MatchedTrigger[];
  /** The union of the actions of these triggers, in the order of execution; may be empty. */
  readonly actions: readonly Action[];
  /** The non-empty descriptions of these triggers, in their order. */
  readonly descriptions: readonly string[];
  readonly recipients: readonly string[];
  readonly recordingOptions: RecordingOptions;
  /** 0: immediately, without notification. */
  readonly operationDelaySeconds: number;
}

export interface MatchedTrigger {
  /** Position within its rule, from 0. */
  readonly position: number;
  readonly description: string;
  readonly actions: readonly Action[];
}

export function compileResponse(policy: ResponsePolicy): CompiledResponsePolicy {
  const rules = compileRules(policy.rules);
  const scopes = new ScopeIndex(rules.map(({ rule }) => rule.scope));
  return { policy, rules, scopes, byType: TypeIndex.ofRules(rules) };
}

/** Compiles the rules without building indexes; oldest first. */
export function compileRules(rules: readonly ResponseRule[]): CompiledResponseRule[] {
  const patterns = new PatternCache();
  return oldestFirst(rules).map((rule) => compileRule(rule, patterns));
}

/**
 * The response to the event, or null when no rule whose scope contains the session has a matching trigger.
 * @throws EventTooCostly when the patterns of the policy take too long on it
 */
export function respond(
  compiled: CompiledResponsePolicy,
  session: SessionFacts,
  event: Pick<SessionEvent, 'type' | 'data'>,
): ResponseDecision | null {
  const index = compiled.byType.get(event.type);
  if (!index) return null;
  const normalized = new NormalizedEvent(event.data);
  const oldest = index.oldestMatch(compiled.scopes.scopesOf(session), normalized);
  if (oldest === undefined) return null;
  const rule = compiled.rules[oldest];
  return rule ? responseOf(rule, index.matchedTriggers(oldest, normalized)) : null;
}

/**
 * How many seconds of the screen a server must buffer before any event of the session: the maximum over the rules that
 * start a recording and whose scope contains the session. 0: none.
 */
export function preEventSeconds(compiled: CompiledResponsePolicy, session: SessionFacts): number {
  let seconds = 0;
  for (const position of members(compiled.scopes.scopesOf(session))) {
    const rule = compiled.rules[position];
    const starts = rule?.triggers.some(({ trigger }) => trigger.actions.includes('startScreenRecording'));
    if (starts) seconds = Math.max(seconds, rule?.recordingOptions.secondsBefore ?? 0);
  }
  return seconds;
}

/** The event types that some rule has a trigger for: events of other types have no response. */
export function typesWithTriggers(compiled: CompiledResponsePolicy): ReadonlySet<EventTypeId> {
  return new Set(compiled.byType.keys());
}

/** Sorts by creation time; rules of the same age keep their order. */
function oldestFirst(rules: readonly ResponseRule[]): ResponseRule[] {
  return rules.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

function compileRule(rule: ResponseRule, patterns: PatternCache): CompiledResponseRule {
  const { minutesAfter, secondsBefore, lossy } = rule.recordingOptions;
  return {
    rule,
    triggers: rule.triggers.map((trigger, position) => compileTrigger(trigger, position, patterns)),
    recipients: parseRecipients(rule.recipients),
    recordingOptions: {
      minutesAfter: minutesAfter || null,
      secondsBefore: secondsBefore ? Math.max(MIN_SECONDS_BEFORE, secondsBefore) : null,
      lossy,
    },
  };
}

function responseOf(rule: CompiledResponseRule, matched: readonly CompiledTrigger[]): ResponseDecision {
  const triggers = matched.map(({ position, trigger: { description, actions } }) => ({
    position,
    description,
    actions,
  }));
  return {
    ruleId: rule.rule.id,
    ruleName: rule.rule.name,
    triggers,
    actions: ACTIONS.filter((action) => triggers.some((trigger) => trigger.actions.includes(action))),
    descriptions: triggers.map(({ description }) => description).filter((description) => description !== ''),
    recipients: rule.recipients,
    recordingOptions: rule.recordingOptions,
    operationDelaySeconds: rule.rule.operationDelaySeconds,
  };
}
