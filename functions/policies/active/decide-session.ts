/** Decides how a session is recorded and what is logged of it, at its start and at each roll-over. */
import type { Services } from '../../../shared/services';
import { activePolicies, type ActivePolicies } from './active-policies';
import type { CompiledPolicy } from './compiled-policies';
import {
  decide,
  detects,
  NO_DETECTION,
  type PolicyKind,
  preEventSeconds,
  type RecordingDecision,
  rollOver,
  type SessionFacts,
} from '../engine';
import type { PolicyVersion } from '../policy-documents';
import type { SessionDecision } from './session-decision';

type Deciding = Pick<Services, 'database' | 'blobs' | 'clock'>;

const RECORD = { screenAndEvents: 'full', events: 'eventsOnly', nothing: 'none' } as const;
const RECORDS = { full: 'screenAndEvents', eventsOnly: 'events', none: 'nothing' } as const;

/** What the active policies of the site say of a session that starts now. */
export async function decideSession(
  services: Deciding,
  customerId: string,
  siteId: string,
  facts: SessionFacts,
): Promise<SessionDecision> {
  return decisionOf(await activePolicies(services, customerId, siteId), facts);
}

/** What a roll-over brings (POL-4). */
export interface SessionRollOver {
  decision: SessionDecision;
  outcome: 'notRecorded' | 'stops' | 'continues';
  /** Whether a notice appears now. */
  showNotification: boolean;
}

/** What becomes of a running session when its recording rolls over: the policies that are active now take over. */
export async function rollOverSession(
  services: Deciding,
  customerId: string,
  siteId: string,
  facts: SessionFacts,
  previous: SessionDecision,
): Promise<SessionRollOver> {
  const next = decisionOf(await activePolicies(services, customerId, siteId), facts);
  const { outcome, showNotification } = rollOver(recordingOf(previous), recordingOf(next));
  return { decision: outcome === 'notRecorded' ? previous : next, outcome, showNotification };
}

function decisionOf(active: ActivePolicies, facts: SessionFacts): SessionDecision {
  const { records, ...recording } = decide(active.recording.compiled, facts);
  const record = RECORD[records];
  const { eventTypes, performanceData } =
    active.eventDetection && record !== 'none'
      ? detects(active.eventDetection.compiled, facts)
      : NO_DETECTION;
  return {
    ...recording,
    record,
    policyId: active.recording.policyId,
    policyVersion: active.recording.version,
    eventTypes: [...eventTypes],
    logPerformanceData: performanceData,
    // A screen that is recorded anyway needs no buffer.
    preEventBufferSeconds:
      active.eventResponse && record === 'eventsOnly'
        ? preEventSeconds(active.eventResponse.compiled, facts)
        : 0,
    detectionPolicy: versionOf(active.eventDetection),
    responsePolicy: versionOf(active.eventResponse),
  };
}

function versionOf(policy: CompiledPolicy<PolicyKind> | null): PolicyVersion | null {
  return policy && { policyId: policy.policyId, version: policy.version };
}

function recordingOf(decision: SessionDecision): RecordingDecision {
  const { action, record, notify, audio, lossy, ruleId, ruleName } = decision;
  return { action, records: RECORDS[record], notify, audio, lossy, ruleId, ruleName };
}
