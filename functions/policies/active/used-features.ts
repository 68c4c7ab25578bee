/** Which features a policy makes use of that older recording servers lack (SRV-6). */
import type { Feature } from '../../../shared/versions';
import type { Identity, Policy, RecordingPolicy, ResponsePolicy } from '../engine';

/** The features that the servers of a site need before the policy may be active there. */
export function usedFeatures(policy: Pick<Policy, 'kind' | 'rules'>): Feature[] {
  const needed = new Set<Feature>();
  for (const { scope } of policy.rules) {
    if (scope.tags?.length) needed.add('smartAccessTags');
    if ([...(scope.users ?? []), ...(scope.groups ?? [])].some(isKnownToEntraOnly))
      needed.add('entraIdentities');
  }
  if (policy.kind === 'recording') addRecordingFeatures(policy as RecordingPolicy, needed);
  if (policy.kind === 'eventResponse') addResponseFeatures(policy as ResponsePolicy, needed);
  return [...needed];
}

/** An identity that also has a name or SID is recognised by that. */
function isKnownToEntraOnly({ entraId, name, sid }: Identity): boolean {
  return entraId !== undefined && name === undefined && sid === undefined;
}

function addRecordingFeatures({ rules }: Pick<RecordingPolicy, 'rules'>, needed: Set<Feature>): void {
  if (rules.some((rule) => rule.lossy)) needed.add('lossyRecording');
  if (rules.some((rule) => rule.audio)) needed.add('audioRecording');
}

function addResponseFeatures({ rules }: Pick<ResponsePolicy, 'rules'>, needed: Set<Feature>): void {
  for (const { triggers, recordingOptions } of rules) {
    const actions = new Set(triggers.flatMap((trigger) => trigger.actions));
    if (recordingOptions.lossy && actions.has('startScreenRecording')) needed.add('lossyRecording');
    if (actions.has('lockSession') || actions.has('disconnectSession') || actions.has('logOffSession')) {
      needed.add('sessionOperations');
    }
  }
}
