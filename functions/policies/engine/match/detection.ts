/** Event detection policies: which events of a session are logged. */
import { members } from './bitset';
import { DETECTABLE_TYPE_IDS, type DetectableTypeId } from '../model/event-types';
import type { DetectionPolicy } from '../model/policy';
import { ScopeIndex } from './scope-index';
import type { SessionFacts } from '../model/session';

export interface CompiledDetectionPolicy {
  readonly policy: DetectionPolicy;
  readonly scopes: ScopeIndex;
}

/** What is logged of a session. */
export interface DetectionDecision {
  /** In the order of the table of event types; performance data is among them when it is logged. */
  readonly eventTypes: readonly DetectableTypeId[];
  readonly performanceData: boolean;
}

/** What holds where no detection policy is active. */
export const NO_DETECTION: DetectionDecision = { eventTypes: [], performanceData: false };

export function compileDetection(policy: DetectionPolicy): CompiledDetectionPolicy {
  return { policy, scopes: new ScopeIndex(policy.rules.map((rule) => rule.scope)) };
}

/** The event types of all rules in whose scope the session is, together. */
export function detects(compiled: CompiledDetectionPolicy, session: SessionFacts): DetectionDecision {
  const logged = new Set<DetectableTypeId>();
  for (const position of members(compiled.scopes.scopesOf(session))) {
    for (const type of compiled.policy.rules[position]?.eventTypes ?? []) logged.add(type);
  }
  const eventTypes = DETECTABLE_TYPE_IDS.filter((type) => logged.has(type));
  return { eventTypes, performanceData: logged.has('performanceData') };
}
