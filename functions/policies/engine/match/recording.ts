/** Recording policies: whether and how a session is recorded. */
import { members } from './bitset';
import {
  type RecordingAction,
  type RecordingPolicy,
  type RecordingRule,
  recordsScreen,
} from '../model/policy';
import { ScopeIndex } from './scope-index';
import type { SessionFacts } from '../model/session';

/**
 * Highest first. That events with a notice come before the screen without one is the product's documented order, not
 * a slip.
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

/** How a session is recorded, and by which rule. */
export interface RecordingDecision {
  readonly action: RecordingAction;
  readonly records: 'screenAndEvents' | 'events' | 'nothing';
  /** Whether the user is told. */
  readonly notify: boolean;
  readonly audio: boolean;
  readonly lossy: boolean;
  /** Null for the fallback rule. */
  readonly ruleId: string | null;
  readonly ruleName: string;
}

/** What holds for sessions that no rule applies to. It cannot be edited or deleted. */
export const FALLBACK_DECISION: RecordingDecision = {
  ...effectOf('disable'),
  audio: false,
  lossy: false,
  ruleId: null,
  ruleName: 'Fallback rule',
};

export interface CompiledRecordingPolicy {
  readonly policy: RecordingPolicy;
  /** Highest priority first; among equals, by position. */
  readonly rules: readonly RecordingRule[];
  readonly scopes: ScopeIndex;
}

/** Rules with the same action keep their order. */
export function highestPriorityFirst(rules: readonly RecordingRule[]): RecordingRule[] {
  return rules.toSorted((a, b) => priorityOf(a.action) - priorityOf(b.action));
}

export function compileRecording(policy: RecordingPolicy): CompiledRecordingPolicy {
  const rules = highestPriorityFirst(policy.rules);
  return { policy, rules, scopes: new ScopeIndex(rules.map((rule) => rule.scope)) };
}

/** The decision of the rule of highest priority among those in whose scope the session is, or of the fallback rule. */
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

function effectOf(action: RecordingAction): Pick<RecordingDecision, 'action' | 'records' | 'notify'> {
  const notify = action === 'recordWithNotification' || action === 'eventOnlyWithNotification';
  if (recordsScreen(action)) return { action, notify, records: 'screenAndEvents' };
  return { action, notify, records: action === 'disable' ? 'nothing' : 'events' };
}

/** What becomes of a running session when its recording rolls over while another decision holds. */
export interface RollOver {
  /** The decision from now on. */
  readonly decision: RecordingDecision;
  readonly outcome: 'notRecorded' | 'stops' | 'continues';
  /** Whether a notice appears now. */
  readonly showNotification: boolean;
}

/**
 * The product's roll-over table, its gaps filled by the same principle: a session that is not recorded stays so until
 * the next logon; "do not record" stops a recording; kind, options and notice change now, and only a notice that is
 * new appears.
 */
export function rollOver(previous: RecordingDecision, next: RecordingDecision): RollOver {
  if (previous.records === 'nothing') {
    return { decision: previous, outcome: 'notRecorded', showNotification: false };
  }
  if (next.records === 'nothing') return { decision: next, outcome: 'stops', showNotification: false };
  return { decision: next, outcome: 'continues', showNotification: next.notify && !previous.notify };
}
