/** Whether the resources that a resource refers to exist, and which resources refer to one that is to be deleted. */
import { armError } from '../arm-error';
import { isObject, type Value } from '../expressions/values';
import { findType } from '../known-types';
import { parseResourceId } from '../resource-id';
import { type Items, type StoredResource } from '../store';
import { type Draft } from './draft';
import { findEmbedded, withElementIds } from './embedded';

/** Ids within resource groups of the subscription, anywhere in a value. */
function idsIn(value: Value, found: string[] = []): string[] {
  if (typeof value === 'string') {
    if (/^\/subscriptions\/[^/]+\/resourcegroups\/[^/\s]+\/providers\/\S+$/i.test(value)) found.push(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      if (!Array.isArray(value)) idsIn(name, found);
      idsIn(item, found);
    }
  }
  return found;
}

/** @throws ArmError for the first that does not exist; unknown types are assumed to exist */
export function requireReferences(draft: Draft, resources: Items<StoredResource>): void {
  for (const id of idsIn(draft.body)) {
    if (exists(id, draft, resources)) continue;
    throw armError(
      400,
      'InvalidResourceReference',
      `Resource ${id} referenced by resource ${draft.id.id} was not found. Please make sure that the referenced ` +
        'resource exists, and that both resources are in the same region.',
    );
  }
}

function exists(given: string, draft: Draft, resources: Items<StoredResource>): boolean {
  const id = parseResourceId(given);
  if (id === undefined || id.subscriptionId?.toLowerCase() !== draft.id.subscriptionId?.toLowerCase())
    return true;
  if (id.key === draft.id.key || resources.get(id.key) !== undefined) return true;
  if (id.key.startsWith(`${draft.id.key}/`)) return isOwnElement(id.key, draft);
  if (findEmbedded(resources, id) !== undefined) return true;
  const parent = id.parentId === undefined ? undefined : parseResourceId(id.parentId);
  const isOfKnown =
    findType(id.type) !== undefined || (parent !== undefined && findType(parent.type) !== undefined);
  return !isOfKnown;
}

/** Load balancers refer to their own address pools. */
function isOwnElement(key: string, { id, properties }: Draft): boolean {
  const elements = Object.values(withElementIds(id.id, properties)).flatMap((value) =>
    Array.isArray(value) ? value.filter(isObject) : [],
  );
  return elements.some((element) => typeof element.id === 'string' && element.id.toLowerCase() === key);
}

/** Types that Azure does not delete while they are used, with the error code. */
const refusedWhileUsed: Record<string, string> = {
  'microsoft.compute/availabilitysets': 'OperationNotAllowed',
  'microsoft.network/loadbalancers': 'InUseLoadBalancerCannotBeDeleted',
  'microsoft.network/networkinterfaces': 'NicInUse',
  'microsoft.network/networksecuritygroups': 'InUseNetworkSecurityGroupCannotBeDeleted',
  'microsoft.network/publicipaddresses': 'PublicIPAddressCannotBeDeleted',
  'microsoft.network/virtualnetworks': 'InUseSubnetCannotBeDeleted',
  'microsoft.network/virtualnetworks/subnets': 'InUseSubnetCannotBeDeleted',
};

/** @throws ArmError while another resource refers to it */
export function refuseWhileUsed(id: string, type: string, resources: Items<StoredResource>): void {
  const code = refusedWhileUsed[type.toLowerCase()];
  if (code === undefined) return;
  const key = id.toLowerCase();
  const user = resources
    .all()
    .filter((other) => other.id.toLowerCase() !== key && !key.startsWith(`${other.id.toLowerCase()}/`))
    .find((other) => idsIn(other.body).some((one) => `${one.toLowerCase()}/`.startsWith(`${key}/`)));
  if (user === undefined) return;
  throw armError(
    400,
    code,
    `Resource ${id} is in use by ${user.id} and cannot be deleted. In order to delete it, remove the reference from ` +
      'the resource that uses it.',
  );
}
