/** Decides how a session is recorded and which events are logged, at its start and at each roll-over. */
import type { Services } from '../../../shared/services';
import { activePolicies } from './active-policies';
import { askPolicy } from './ask-policy';
import type { QuestionName, Questions } from './policy-question';
import { NO_DETECTION, rollOver, type SessionFacts } from '../engine';
import type { PolicyVersion } from '../policy-version';
import type { SessionDecision } from './session-decision';

type Deciding = Pick<Services, 'database' | 'blobs' | 'clock' | 'workLimits'>;

/** The decision of the active policies of the site on a session that starts now. */
export async function decideSession(
  services: Deciding,
  customerId: string,
  siteId: string,
  facts: SessionFacts,
): Promise<SessionDecision> {
  return decisionOf({ services, customerId, siteId }, facts);
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
  const next = await decisionOf({ services, customerId, siteId }, facts);
  const { outcome, showNotification } = rollOver(previous, next);
  return { decision: outcome === 'notRecorded' ? previous : next, outcome, showNotification };
}

interface AtSite {
  services: Deciding;
  customerId: string;
  siteId: string;
}

async function decisionOf(site: AtSite, facts: SessionFacts): Promise<SessionDecision> {
  const { recording, eventDetection, eventResponse } = await activePolicies(
    site.services,
    site.customerId,
    site.siteId,
  );
  const decision = await ask(site, recording, 'decide', facts);
  const [detection, preEventBufferSeconds] = await Promise.all([
    eventDetection && decision.record !== 'none' ? ask(site, eventDetection, 'detects', facts) : NO_DETECTION,
    // A screen that is recorded from the start needs no buffer.
    eventResponse && decision.record === 'eventsOnly'
      ? ask(site, eventResponse, 'preEventSeconds', facts)
      : 0,
  ]);
  return {
    ...decision,
    policyId: recording.policyId,
    policyVersion: recording.version,
    eventTypes: [...detection.eventTypes],
    logPerformanceData: detection.performanceData,
    preEventBufferSeconds,
    detectionPolicy: eventDetection,
    responsePolicy: eventResponse,
  };
}

async function ask<Name extends QuestionName>(
  site: AtSite,
  { policyId, version }: PolicyVersion,
  name: Name,
  facts: Questions[Name]['input'],
): Promise<Questions[Name]['answer']> {
  const answer = await askPolicy({ ...site, policyId, version }, name, facts);
  if (answer === undefined) throw new Error(`the active policy ${policyId} has no version ${version}`);
  return answer;
}
