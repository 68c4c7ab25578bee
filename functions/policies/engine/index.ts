/** The policy engine: compile a policy once, then decide, respond and explain by it; lint a policy before. See README.md. */
import { type CompiledDetectionPolicy, compileDetection } from './detection';
import type { SessionEvent } from './event';
import { explainDetection, explainRecording, explainResponse, type RuleExplanation } from './explain';
import type { DetectionPolicy, Policy, RecordingPolicy, ResponsePolicy } from './policy';
import { compileRecording, type CompiledRecordingPolicy } from './recording';
import { compileResponse, type CompiledResponsePolicy } from './response';
import type { SessionFacts } from './session';

export { detects } from './detection';
export { lint } from './lint';
export { decide } from './recording';
export { respond } from './response';

type CompiledPolicy = CompiledRecordingPolicy | CompiledDetectionPolicy | CompiledResponsePolicy;

/** Prepares a policy that its schema accepted. It takes a fraction of a millisecond a rule; keep what it returns. */
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
 * For each rule whether it decides about the session, or about the event of it, and if not, the first condition that
 * fails. A recording policy takes no event.
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
