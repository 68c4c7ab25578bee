/** What other capabilities may use of policies. */
export { activePolicies, responsePolicyInForce } from './active-policies';
export { compiledPolicy } from './compiled-policies';
export { decideSession, rollOverSession, type SessionRollOver } from './decide-session';
export { policyOperations } from './operations';
export { type PolicyVersion } from './policy';
export { type SessionDecision, sessionDecisionSchema } from './session-decision';
