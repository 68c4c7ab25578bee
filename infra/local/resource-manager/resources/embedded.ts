/** Resources that exist only as elements of an array of their parent: subnets, rules of security groups, address pools. */
import { isObject, type Value, type ValueObject } from '../expressions/values';
import { parseResourceId, type ResourceId } from '../resource-id';
import { type Items, type StoredResource } from '../store';
import { objectAt, objectsAt } from './draft';

/** Those that can be written on their own, and what their parent calls the array. */
const arrays: Record<string, string> = {
  'microsoft.network/virtualnetworks/subnets': 'subnets',
  'microsoft.network/networksecuritygroups/securityrules': 'securityRules',
};

export const isEmbedded = (type: string): boolean => Object.hasOwn(arrays, type.toLowerCase());

export interface EmbeddedResource {
  parent: StoredResource;
  arrayName: string;
  element: ValueObject;
}

/** Adds the ids by which others refer to the elements of arrays in a network resource. */
export function withElementIds(id: string, properties: ValueObject): ValueObject {
  return Object.fromEntries(
    Object.entries(properties).map(([arrayName, value]): [string, Value] => [
      arrayName,
      Array.isArray(value) ? value.map((item) => withId(item, `${id}/${arrayName}`)) : value,
    ]),
  );
}

function withId(item: Value, prefix: string): Value {
  if (!isObject(item) || typeof item.name !== 'string') return item;
  return {
    ...item,
    id: `${prefix}/${item.name}`,
    properties: { ...objectAt(item, 'properties'), provisioningState: 'Succeeded' },
  };
}

/** The element that an id refers to. */
export function findEmbedded(
  resources: Items<StoredResource>,
  { parentId, key }: ResourceId,
): EmbeddedResource | undefined {
  const parent = parentId === undefined ? undefined : resources.get(parentId);
  if (parent === undefined) return undefined;
  const [arrayName = '', name = ''] = key.split('/').slice(-2);
  const actual = Object.keys(properties(parent)).find((one) => one.toLowerCase() === arrayName);
  if (actual === undefined) return undefined;
  const element = objectsAt(parent.body, 'properties', actual).find(
    (item) => typeof item.name === 'string' && item.name.toLowerCase() === name,
  );
  return element === undefined ? undefined : { parent, arrayName: actual, element };
}

/** Writes one that has a parent. */
export function putEmbedded(resources: Items<StoredResource>, id: ResourceId, body: ValueObject): void {
  change(resources, id, { name: id.name, ...body });
}

export function removeEmbedded(resources: Items<StoredResource>, id: ResourceId): void {
  change(resources, id, undefined);
}

function change(resources: Items<StoredResource>, id: ResourceId, element: ValueObject | undefined): void {
  const parent = id.parentId === undefined ? undefined : resources.get(id.parentId);
  if (parent === undefined) return;
  const arrayName = arrays[id.type.toLowerCase()] ?? '';
  const others = objectsAt(parent.body, 'properties', arrayName).filter(
    ({ name }) => typeof name !== 'string' || name.toLowerCase() !== id.name.toLowerCase(),
  );
  const changed = {
    ...properties(parent),
    [arrayName]: element === undefined ? others : [...others, element],
  };
  const body = { ...parent.body, properties: withElementIds(parent.id, changed) };
  resources.put(parent.id, parseResourceId(parent.id)?.resourceGroup ?? '', { ...parent, body });
}

function properties({ body }: StoredResource): ValueObject {
  return isObject(body.properties) ? body.properties : {};
}
