/** What a deletion deletes: only what carries the deployment's tag and is known to be made by it (HST-3). Pure. */
import { type Deployment, DEPLOYMENT_TAG, type CleanupStep, type Leftover } from './deployment';
import type { GroupResource } from './observation';

/** Deleted at once; what others still use is refused, and comes again. */
const DELETED_AT_ONCE = 10;

const sameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Whether the deployment made the resource: it has the tag, and is recorded or was made together with such a one. */
export function isOwn(deployment: Pick<Deployment, 'id' | 'resources'>, resource: GroupResource): boolean {
  if (resource.tags[DEPLOYMENT_TAG] !== deployment.id) return false;
  return deployment.resources.some(
    ({ id }) =>
      sameId(id, resource.id) || (resource.managedBy !== undefined && sameId(id, resource.managedBy)),
  );
}

/** Whether it is deleted with one of the deployment's resources, as databases are with their server. */
function isPartOfOwn(deployment: Deployment, { id }: GroupResource, resources: GroupResource[]): boolean {
  return resources.some(
    (other) => isOwn(deployment, other) && id.toLowerCase().startsWith(`${other.id.toLowerCase()}/`),
  );
}

/** Those that are deleted by themselves, and those of others. */
function sorted(deployment: Deployment, resources: GroupResource[]) {
  const independent = resources.filter((resource) => !isPartOfOwn(deployment, resource, resources));
  const own = independent.filter((resource) => isOwn(deployment, resource));
  return { own, foreign: independent.filter((resource) => !own.includes(resource)) };
}

/** Machines before their disks and networks, and the rest by the order in which they were made, the last ones first. */
function inOrderOfDeletion(deployment: Deployment, resources: GroupResource[]): GroupResource[] {
  const rank = ({ id, type }: GroupResource): number => {
    if (type.toLowerCase() === 'microsoft.compute/virtualmachines') return -1;
    const index = deployment.resources.findIndex((made) => sameId(made.id, id));
    return index < 0 ? deployment.resources.length : deployment.resources.length - 1 - index;
  };
  return [...resources].sort((one, other) => rank(one) - rank(other));
}

type Listing = {
  group: { exists: boolean; tag?: string | undefined; state?: string };
  resources: GroupResource[];
};

/** The next step after a listing of the group; undefined when nothing is left to delete. */
export function planDeletion(deployment: Deployment, { group, resources }: Listing): CleanupStep | undefined {
  if (!group.exists) return undefined;
  if (group.state === 'Deleting') return { kind: 'listResources' };
  const { own, foreign } = sorted(deployment, resources);
  if (isGroupOwn(deployment, group) && foreign.length === 0 && !isGroupListed(deployment))
    return { kind: 'deleteGroup' };
  if (own.length === 0) return undefined;
  const ids = inOrderOfDeletion(deployment, own).map(({ id }) => id);
  return { kind: 'deleteResources', ids: ids.slice(0, DELETED_AT_ONCE) };
}

/** What stays: the group where others have put something into it, and the vault, whose name is taken for 90 days. */
export function leftoversAfter(deployment: Deployment, { group, resources }: Listing): Leftover[] {
  const { foreign } = sorted(deployment, resources);
  const groupStays =
    group.exists && isGroupOwn(deployment, group) && foreign.length > 0 && !isGroupListed(deployment);
  return [
    ...(groupStays
      ? [
          {
            id: groupIdOf(deployment),
            kind: 'groupOfOthers' as const,
            reason: 'Resources that are not of this deployment are in the resource group.',
          },
        ]
      : []),
    ...deployment.resources
      .filter(({ type }) => type.toLowerCase() === 'microsoft.keyvault/vaults')
      .map(({ id }) => ({
        id: `${subscriptionIdOf(deployment)}/providers/Microsoft.KeyVault/locations/${deployment.plan.region}/deletedVaults/${id.split('/').at(-1)}`,
        kind: 'deletedVault' as const,
        reason:
          'A deleted key vault keeps its name until its purge protection ends, 90 days after the deletion.',
      })),
  ];
}

/** The resource id of the subscription, which is that of the subnet. */
function subscriptionIdOf({ plan }: Deployment): string {
  return /^\/subscriptions\/[^/]+/.exec(plan.network.subnetId)?.[0] ?? '';
}

/** The resource id of the resource group. */
export function groupIdOf(deployment: Deployment): string {
  return `${subscriptionIdOf(deployment)}/resourceGroups/${deployment.group.name}`;
}

/** Whether Azure refused to delete the group. */
function isGroupListed(deployment: Deployment): boolean {
  return deployment.leftovers.some(({ id }) => sameId(id, groupIdOf(deployment)));
}

function isGroupOwn({ id, group }: Deployment, { tag }: { tag?: string | undefined }): boolean {
  return group.isOwn === true && tag === id;
}
