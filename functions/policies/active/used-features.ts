/** Which of the features that older recording servers lack a policy uses (SRV-6). */
import type { Feature } from '../../../shared/pure/versions';
import type { Identity, Policy, RecordingPolicy, ResponsePolicy } from '../engine';

/** The features that all servers of a site must support before the policy can be activated there. */
export function usedFeatures(policy: Pick<Policy, 'kind' | 'rules'>): Feature[] {
  const used = new Set<Feature>();
  for (const { scope } of policy.rules) {
    if (scope.tags?.length) used.add('smartAccessTags');
    if ([...(scope.users ?? []), ...(scope.groups ?? [])].some(isEntraOnly)) used.add('entraIdentities');
  }
  if (policy.kind === 'recording') addRecordingFeatures(policy as RecordingPolicy, used);
  if (policy.kind === 'eventResponse') addResponseFeatures(policy as ResponsePolicy, used);
  return [...used];
}

/** An identity that also has a name or SID is recognised by those. */
function isEntraOnly({ entraId, name, sid }: Identity): boolean {
  return entraId !== undefined && name === undefined && sid === undefined;
}

function addRecordingFeatures({ rules }: Pick<RecordingPolicy, 'rules'>, used: Set<Feature>): void {
  if (rules.some((rule) => rule.lossy)) used.add('lossyRecording');
  if (rules.some((rule) => rule.audio)) used.add('audioRecording');
}

function addResponseFeatures({ rules }: Pick<ResponsePolicy, 'rules'>, used: Set<Feature>): void {
  for (const { triggers, recordingOptions } of rules) {
    const actions = new Set(triggers.flatMap((trigger) => trigger.actions));
    if (recordingOptions.lossy && actions.has('startScreenRecording')) used.add('lossyRecording');
    if (actions.has('lockSession') || actions.has('disconnectSession') || actions.has('logOffSession')) {
      used.add('sessionOperations');
    }
  }
}
