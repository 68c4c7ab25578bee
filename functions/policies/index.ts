/** The public interface of policies. */
export { activeResponsePolicy, readPointer } from './active/active-policies';
export { askPolicy, responsesTo } from './active/ask-policy';
export { decideSession, rollOverSession, type SessionRollOver } from './active/decide-session';
export { policiesOfSite } from './policies-of-site';
export { policyOperations } from './operations';
export type { ResponseOutcome } from './active/policy-question';
export type { PolicyVersion } from './policy-version';
export { type SessionDecision, sessionDecisionSchema } from './active/session-decision';
