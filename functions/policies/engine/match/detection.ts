/** Event detection policies: which events of a session are logged. */
import { DETECTABLE_TYPE_IDS, type DetectableTypeId } from '../model/event-types';
import type { DetectionPolicy } from '../model/policy';
import type { SessionFacts } from '../model/session';
import { members } from './bitset';
import { ScopeIndex } from './scope-index';

export interface CompiledDetectionPolicy {
  readonly policy: DetectionPolicy;
  readonly scopes: ScopeIndex;
}

/** Which events of a session are logged. */
export interface DetectionDecision {
  /** In the order of the table of event types; includes performance data when it is logged. */
  readonly eventTypes: readonly DetectableTypeId[];
  readonly performanceData: boolean;
}

/** The decision when no detection policy is active. */
export const NO_DETECTION: DetectionDecision = { eventTypes: [], performanceData: false };

export function compileDetection(policy: DetectionPolicy): CompiledDetectionPolicy {
  return { policy, scopes: new ScopeIndex(policy.rules.map((rule) => rule.scope)) };
}

/** The union of the event types of all rules whose scope contains the session. */
export function detects(compiled: CompiledDetectionPolicy, session: SessionFacts): DetectionDecision {
  const logged = new Set<DetectableTypeId>();
  for (const position of members(compiled.scopes.scopesOf(session))) {
    for (const type of compiled.policy.rules[position]?.eventTypes ?? []) logged.add(type);
  }
  const eventTypes = DETECTABLE_TYPE_IDS.filter((type) => logged.has(type));
  return { eventTypes, performanceData: logged.has('performanceData') };
}
