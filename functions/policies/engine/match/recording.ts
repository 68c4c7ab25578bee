/** Recording policies: whether and how a session is recorded. */
import {
  type RecordingAction,
  type RecordingPolicy,
  type RecordingRule,
  recordsScreen,
} from '../model/policy';
import type { SessionFacts } from '../model/session';
import { members } from './bitset';
import { ScopeIndex } from './scope-index';

/**
 * Highest first. Event-only recording with notification does precede full recording without it: this is the documented
 * order of the product, not a mistake.
 */
const PRIORITY = [
  'disable',
  'recordWithNotification',
  'eventOnlyWithNotification',
  'recordWithoutNotification',
  'eventOnlyWithoutNotification',
] as const satisfies readonly RecordingAction[];

/** 0 is the highest priority. */
export const priorityOf = (action: RecordingAction): number => PRIORITY.indexOf(action);

/** What is recorded of a session: screen and events, only events, or nothing. */
export const RECORDED_CONTENTS = ['full', 'eventsOnly', 'none'] as const;
export type RecordedContent = (typeof RECORDED_CONTENTS)[number];

/** How a session is recorded, and by which rule. */
export interface RecordingDecision {
  readonly action: RecordingAction;
  readonly record: RecordedContent;
  /** Whether the user is notified. */
  readonly notify: boolean;
  readonly audio: boolean;
  readonly lossy: boolean;
  /** Null for the fallback rule. */
  readonly ruleId: string | null;
  readonly ruleName: string;
}

/** The decision for sessions that no rule applies to. It cannot be edited or deleted. */
export const FALLBACK_DECISION: RecordingDecision = {
  ...effectOf('disable'),
  audio: false,
  lossy: false,
  ruleId: null,
  ruleName: 'Fallback rule',
};

export interface CompiledRecordingPolicy {
  readonly policy: RecordingPolicy;
  /** Highest priority first, then by position. */
  readonly rules: readonly RecordingRule[];
  readonly scopes: ScopeIndex;
}

/** Sorts by priority; rules with the same action keep their order. */
export function highestPriorityFirst(rules: readonly RecordingRule[]): RecordingRule[] {
  return rules.toSorted((a, b) => priorityOf(a.action) - priorityOf(b.action));
}

export function compileRecording(policy: RecordingPolicy): CompiledRecordingPolicy {
  const rules = highestPriorityFirst(policy.rules);
  return { policy, rules, scopes: new ScopeIndex(rules.map((rule) => rule.scope)) };
}

/** The decision of the rule of highest priority among those whose scope contains the session, or of the fallback rule. */
export function decide(compiled: CompiledRecordingPolicy, session: SessionFacts): RecordingDecision {
  for (const position of members(compiled.scopes.scopesOf(session))) {
    const rule = compiled.rules[position];
    if (rule) return decisionOf(rule);
  }
  return FALLBACK_DECISION;
}

function decisionOf({ action, audio, lossy, id, name }: RecordingRule): RecordingDecision {
  return { ...effectOf(action), audio, lossy, ruleId: id, ruleName: name };
}

function effectOf(action: RecordingAction): Pick<RecordingDecision, 'action' | 'record' | 'notify'> {
  const notify = action === 'recordWithNotification' || action === 'eventOnlyWithNotification';
  if (recordsScreen(action)) return { action, notify, record: 'full' };
  return { action, notify, record: action === 'disable' ? 'none' : 'eventsOnly' };
}

/** What happens to a running session when its recording rolls over under a new decision. */
export interface RollOver {
  /** The decision that applies from now on. */
  readonly decision: RecordingDecision;
  readonly outcome: 'notRecorded' | 'stops' | 'continues';
  /** Whether a notification appears now. */
  readonly showNotification: boolean;
}

/**
 * The roll-over table of the product, with its gaps filled by the same principle: a session that is not recorded stays so
 * until the next logon; "do not record" stops a recording; content, options and notification change now, and a
 * notification appears only if there was none before.
 */
export function rollOver(previous: RecordingDecision, next: RecordingDecision): RollOver {
  if (previous.record === 'none') {
    return { decision: previous, outcome: 'notRecorded', showNotification: false };
  }
  if (next.record === 'none') return { decision: next, outcome: 'stops', showNotification: false };
  return { decision: next, outcome: 'continues', showNotification: next.notify && !previous.notify };
}
