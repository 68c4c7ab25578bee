/** Event response policies: what an event of a session sets off. */
import { members } from './bitset';
import { type CompiledTrigger, compileTrigger } from './compiled-trigger';
import { FoldedData } from './normalized-event';
import { Patterns } from '../text/pattern-cache';
import type { SessionEvent } from '../model/event';
import { type Action, ACTIONS, type EventTypeId } from '../model/event-types';
import type { ResponsePolicy, ResponseRule } from '../model/policy';
import { parseRecipients } from '../model/recipients';
import { ScopeIndex } from './scope-index';
import type { SessionFacts } from '../model/session';
import { TypeIndex } from './type-index';

/** Less is recorded in blocks of this length anyway. */
const LEAST_SECONDS_BEFORE = 10;

export interface CompiledResponseRule {
  readonly rule: ResponseRule;
  readonly triggers: readonly CompiledTrigger[];
  readonly recipients: readonly string[];
  readonly recordingOptions: RecordingOptions;
}

export interface CompiledResponsePolicy {
  readonly policy: ResponsePolicy;
  /** Oldest first: by time of making, then by position. */
  readonly rules: readonly CompiledResponseRule[];
  readonly scopes: ScopeIndex;
  readonly byType: ReadonlyMap<EventTypeId, TypeIndex>;
}

/** Options of a dynamic screen recording; null means unset. */
export interface RecordingOptions {
  /** Null: until the session ends. */
  readonly minutesAfter: number | null;
  /** 10 to 120; null: nothing from before the event. */
  readonly secondsBefore: number | null;
  readonly lossy: boolean;
}

/** What one event sets off: the oldest rule that it meets, and all triggers of that rule that it meets. */
export interface ResponseDecision {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly triggers: readonly MetTrigger[];
  /** Of all triggers, each once, in the order in which they are carried out. It may be empty. */
  readonly actions: readonly Action[];
  /** Those that are not empty, in the order of the triggers. */
  readonly descriptions: readonly string[];
  readonly recipients: readonly string[];
  readonly recordingOptions: RecordingOptions;
  /** 0: at once, without notice. */
  readonly operationDelaySeconds: number;
}

export interface MetTrigger {
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

/** The rules without the indexes that quicken their use, oldest first. */
export function compileRules(rules: readonly ResponseRule[]): CompiledResponseRule[] {
  const patterns = new Patterns();
  return oldestFirst(rules).map((rule) => compileRule(rule, patterns));
}

/** What the event sets off, or null when no rule in whose scope the session is has a trigger that it meets. */
export function respond(
  compiled: CompiledResponsePolicy,
  session: SessionFacts,
  event: Pick<SessionEvent, 'type' | 'data'>,
): ResponseDecision | null {
  const index = compiled.byType.get(event.type);
  if (!index) return null;
  const data = new FoldedData(event.data);
  const met = index.oldestMet(compiled.scopes.scopesOf(session), data);
  if (met === undefined) return null;
  const rule = compiled.rules[met];
  return rule ? responseOf(rule, index.metTriggers(met, data)) : null;
}

/**
 * How many seconds of the screen a server must keep from before any event of the session: the largest of the rules in
 * whose scope the session is and that start a recording. 0: none.
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

/** The event types that some rule has a trigger for: no other event can set anything off. */
export function typesWithTriggers(compiled: CompiledResponsePolicy): ReadonlySet<EventTypeId> {
  return new Set(compiled.byType.keys());
}

/** Sorts by the instant of making; equally old rules keep their order. */
function oldestFirst(rules: readonly ResponseRule[]): ResponseRule[] {
  return rules.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

function compileRule(rule: ResponseRule, patterns: Patterns): CompiledResponseRule {
  const { minutesAfter, secondsBefore, lossy } = rule.recordingOptions;
  return {
    rule,
    triggers: rule.triggers.map((trigger, position) => compileTrigger(trigger, position, patterns)),
    recipients: parseRecipients(rule.recipients),
    recordingOptions: {
      minutesAfter: minutesAfter || null,
      secondsBefore: secondsBefore ? Math.max(LEAST_SECONDS_BEFORE, secondsBefore) : null,
      lossy,
    },
  };
}

function responseOf(rule: CompiledResponseRule, met: readonly CompiledTrigger[]): ResponseDecision {
  const triggers = met.map(({ position, trigger: { description, actions } }) => ({
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
