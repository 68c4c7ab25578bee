/** The policy engine: compile a policy once, then decide, respond and explain with it; lint it before saving. See README.md. */
import { type CompiledDetectionPolicy, compileDetection } from './match/detection';
import { explainDetection, explainRecording, explainResponse, type RuleExplanation } from './match/explain';
import { compileRecording, type CompiledRecordingPolicy } from './match/recording';
import { compileResponse, type CompiledResponsePolicy } from './match/response';
import type { SessionEvent } from './model/event';
import type { DetectionPolicy, Policy, RecordingPolicy, ResponsePolicy } from './model/policy';
import type { SessionFacts } from './model/session';

export { type CompiledDetectionPolicy, detects, NO_DETECTION } from './match/detection';
export { type EventData, type SessionEvent, sessionEventSchema } from './model/event';
export {
  type Action,
  ACTIONS,
  DETECTABLE_TYPE_IDS,
  type DetectableTypeId,
  type Dimension,
  dimensionOf,
  EVENT_CATEGORIES,
  EVENT_TYPE_IDS,
  EVENT_TYPES,
  type EventCategory,
  eventType,
  type EventType,
  type EventTypeId,
} from './model/event-types';
export { type RuleExplanation, ruleExplanationSchema, type TriggerExplanation } from './match/explain';
export { findingSchema } from './lint/finding';
export { lint } from './lint/lint';
export {
  type DetectionPolicy,
  detectionPolicySchema,
  type Policy,
  type PolicyKind,
  RECORDING_ACTIONS,
  type RecordingPolicy,
  recordingPolicySchema,
  type ResponsePolicy,
  responsePolicySchema,
  type ResponseRule,
  stampRules,
} from './model/policy';
export {
  type CompiledRecordingPolicy,
  decide,
  RECORDED_CONTENTS,
  type RecordingDecision,
  rollOver,
} from './match/recording';
export {
  type CompiledResponsePolicy,
  type MatchedTrigger,
  preEventSeconds,
  type RecordingOptions,
  respond,
  type ResponseDecision,
  typesWithTriggers,
} from './match/response';
export type { Identity, Scope } from './model/scope';
export { type SessionFacts, sessionFactsSchema } from './model/session';
export {
  DO_NOT_DETECT,
  DO_NOT_RECORD,
  DO_NOT_RESPOND,
  SYSTEM_RECORDING_POLICIES,
} from './model/system-policies';
export { foldText } from './text/case-folding';
export { type Condition, type Trigger, triggerSchema } from './model/trigger';
export { EventTooCostly } from './text/pattern-steps';

type CompiledPolicy = CompiledRecordingPolicy | CompiledDetectionPolicy | CompiledResponsePolicy;

/** Compiles a policy that its schema accepted: a fraction of a millisecond per rule, so keep the result. */
export function compile(policy: RecordingPolicy): CompiledRecordingPolicy;
export function compile(policy: DetectionPolicy): CompiledDetectionPolicy;
export function compile(policy: ResponsePolicy): CompiledResponsePolicy;
export function compile(policy: Policy): CompiledPolicy {
  switch (policy.kind) {
    case 'recording':
      return compileRecording(policy);
    case 'eventDetection':
      return compileDetection(policy);
    case 'eventResponse':
      return compileResponse(policy);
  }
}

/**
 * For each rule whether it decides on the session, or on an event of it, and if not, the first condition that fails.
 * Recording policies ignore the event.
 */
export function explain(
  compiled: CompiledPolicy,
  session: SessionFacts,
  event?: Pick<SessionEvent, 'type' | 'data'>,
): RuleExplanation[] {
  if ('byType' in compiled) return explainResponse(compiled, session, event);
  if ('rules' in compiled) return explainRecording(compiled, session);
  return explainDetection(compiled, session, event);
}
