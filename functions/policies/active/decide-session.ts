/** Decides how a session is recorded and which events are logged, at its start and at each roll-over. */
import type { Services } from '../../../shared/services';
import { activePolicies, type ActivePolicies } from './active-policies';
import type { CompiledPolicy } from './compiled-policies';
import {
  decide,
  detects,
  NO_DETECTION,
  type PolicyKind,
  preEventSeconds,
  rollOver,
  type SessionFacts,
} from '../engine';
import type { PolicyVersion } from '../policy-version';
import type { SessionDecision } from './session-decision';

type Deciding = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** The decision of the active policies of the site on a session that starts now. */
export async function decideSession(
  services: Deciding,
  customerId: string,
  siteId: string,
  facts: SessionFacts,
): Promise<SessionDecision> {
  return decisionOf(await activePolicies(services, customerId, siteId), facts);
}

/** The result of a roll-over (POL-4). */
export interface SessionRollOver {
  decision: SessionDecision;
  outcome: 'notRecorded' | 'stops' | 'continues';
  /** Whether a notification appears now. */
  showNotification: boolean;
}

/** Decides on a running session whose recording rolls over: the policies that are active now apply from now on. */
export async function rollOverSession(
  services: Deciding,
  customerId: string,
  siteId: string,
  facts: SessionFacts,
  previous: SessionDecision,
): Promise<SessionRollOver> {
  const next = decisionOf(await activePolicies(services, customerId, siteId), facts);
  const { outcome, showNotification } = rollOver(previous, next);
  return { decision: outcome === 'notRecorded' ? previous : next, outcome, showNotification };
}

function decisionOf(active: ActivePolicies, facts: SessionFacts): SessionDecision {
  const recording = decide(active.recording.compiled, facts);
  const { eventTypes, performanceData } =
    active.eventDetection && recording.record !== 'none'
      ? detects(active.eventDetection.compiled, facts)
      : NO_DETECTION;
  return {
    ...recording,
    policyId: active.recording.policyId,
    policyVersion: active.recording.version,
    eventTypes: [...eventTypes],
    logPerformanceData: performanceData,
    // A screen that is recorded from the start needs no buffer.
    preEventBufferSeconds:
      active.eventResponse && recording.record === 'eventsOnly'
        ? preEventSeconds(active.eventResponse.compiled, facts)
        : 0,
    detectionPolicy: versionOf(active.eventDetection),
    responsePolicy: versionOf(active.eventResponse),
  };
}

function versionOf(policy: CompiledPolicy<PolicyKind> | null): PolicyVersion | null {
  return policy && { policyId: policy.policyId, version: policy.version };
}
