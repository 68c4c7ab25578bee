/** What other capabilities may use of policies. */
export { activePolicies } from './active-policies';
export { decideSession, rollOverSession, type SessionRollOver } from './decide-session';
export { type SessionEvent, sessionEventSchema } from './engine/event';
export { type SessionFacts, sessionFactsSchema } from './engine/session';
export { policyOperations } from './operations';
export { type PolicyVersion } from './policy';
export { publishBatch, responsePolicyInForce } from './publish-batch';
export { registerPolicyTriggers } from './responses/triggers';
export { type SessionDecision, sessionDecisionSchema } from './session-decision';
