/** A deployment after what its cleanup has shown: Azure is stopped, what it made is recorded, and deleted where requested. Pure. */
import type { AzureErrorInfo } from '../../shared/azure/azure-error';
import { type Deployment, DEPLOYMENT_TAG, type Leftover, withResources } from './deployment';
import { groupIdOf, leftoversAfter, planDeletion } from './deletion';
import { type DeploymentState, isDeleting } from './deployment-states';
import { hasRequestedTemplate, withEvent } from './enter-state';
import type { GroupResource, Observation, Seen } from './observation';

/** Why a cleanup ends that takes too long. */
export function notInTime(state: DeploymentState): AzureErrorInfo {
  const message = isDeleting(state) ? 'It could not be deleted in time.' : 'It could not be stopped in time.';
  return { code: 'TimedOut', message };
}

/** Azure refuses to delete a group with a single resource that is locked: the others are deleted by themselves. */
export function withoutGroupDeletion<T extends Deployment>(deployment: T, reason: string): T {
  const group: Leftover = { id: groupIdOf(deployment), kind: 'notDeleted', reason };
  const leftovers = [...deployment.leftovers, group];
  return { ...deployment, leftovers, retries: { count: 0 }, cleanup: { kind: 'listResources' } };
}

/** The deployment whose cleanup ends early: what may be left is listed, and a deletion for a retry says why it failed. */
export function unfinished<T extends Deployment>(deployment: T, error: AzureErrorInfo): T {
  const { id, group, resources, state } = deployment;
  const reason = `${error.code}: ${error.message}`;
  const groupReason = `${reason} What has the tag ${DEPLOYMENT_TAG} with the value ${id} in this resource group may be of this deployment.`;
  const possible: Leftover[] = [
    // A failure alone deletes nothing: what is recorded is shown as made.
    ...(isDeleting(state)
      ? resources.map((made) => ({ id: made.id, kind: 'notDeleted' as const, reason }))
      : []),
    ...(group.isOwn === true || hasRequestedTemplate(deployment)
      ? [{ id: groupIdOf(deployment), kind: 'notKnown' as const, reason: groupReason }]
      : []),
  ];
  const known = new Map(deployment.leftovers.map((leftover) => [leftover.id.toLowerCase(), leftover]));
  for (const leftover of possible)
    if (!known.has(leftover.id.toLowerCase())) known.set(leftover.id.toLowerCase(), leftover);
  const leftovers = [...known.values()];
  return { ...deployment, leftovers, ...(state === 'deletingForRetry' ? { error } : {}) };
}

/** Stop the deployments in the group, record what they made; in a deletion, list and delete until nothing is left. */
export function duringCleanup<T extends Deployment>(deployment: T, seen: Observation, now: Date): T {
  switch (seen.kind) {
    case 'deploymentsStopped':
      return seen.stillRunning > 0 ? deployment : { ...deployment, cleanup: { kind: 'recordResources' } };
    case 'resourcesRecorded': {
      const resources = withResources(deployment.resources, seen.resources);
      return deployment.state === 'recordingFailure'
        ? withEvent({ ...deployment, resources }, 'stepDone', now)
        : { ...deployment, resources, cleanup: { kind: 'listResources' } };
    }
    case 'resourcesListed':
      return afterListing(deployment, seen, now);
    case 'groupDeletionRequested':
      return { ...deployment, cleanup: { kind: 'listResources' } };
    case 'deletionsRequested':
      return afterDeletions(deployment, seen);
    default:
      return deployment;
  }
}

function afterListing<T extends Deployment>(deployment: T, seen: Seen<'resourcesListed'>, now: Date): T {
  const refused = new Set(deployment.leftovers.map(({ id }) => id.toLowerCase()));
  const resources = seen.resources.filter(({ id }) => !refused.has(id.toLowerCase()));
  // With a resource that cannot be deleted, the group stays too: it counts as one of others.
  const stuck = seen.resources.filter(({ id }) => refused.has(id.toLowerCase()));
  const listing = { group: seen.group, resources: [...resources, ...stuck.map(asForeign)] };
  const cleanup = planDeletion(deployment, listing);
  if (cleanup) return { ...deployment, cleanup };
  const known = new Set(deployment.leftovers.map(({ id }) => id.toLowerCase()));
  const more = leftoversAfter(deployment, listing).filter(({ id }) => !known.has(id.toLowerCase()));
  return afterDeletion({ ...deployment, leftovers: [...deployment.leftovers, ...more] }, now);
}

/** The next attempt would meet what is still there. */
function afterDeletion<T extends Deployment>(deployment: T, now: Date): T {
  const left = deployment.leftovers.filter(({ kind }) => kind === 'notDeleted');
  const [first] = left;
  if (deployment.state !== 'deletingForRetry' || !first) return withEvent(deployment, 'stepDone', now);
  const message = `What the deployment made could not be deleted: ${first.reason} Delete it, then retry.`;
  const error = { code: 'NotDeleted', message, target: first.id };
  return withEvent({ ...deployment, error }, 'stepFailed', now);
}

const asForeign = (resource: GroupResource): GroupResource => ({ ...resource, tags: {} });

/** What is refused for good is a leftover; what is in use comes again when its users are gone. */
function afterDeletions<T extends Deployment>(deployment: T, { refused }: Seen<'deletionsRequested'>): T {
  const final = refused
    .filter(({ canRetry }) => !canRetry)
    .map(({ id, error }) => ({
      id,
      kind: 'notDeleted' as const,
      reason: `${error.code}: ${error.message}`,
    }));
  const leftovers = [...deployment.leftovers, ...final];
  return { ...deployment, leftovers, cleanup: { kind: 'listResources' } };
}
