/** All resource providers in one: checks, completes, stores and deletes resources. */
import { armError } from '../arm-error';
import { isObject, UNKNOWN, type ValueObject } from '../expressions/values';
import { findType, isLocation, locations, normalLocation, requireType } from '../known-types';
import { parseResourceId, type ResourceId } from '../resource-id';
import { type ResourceStore, type StoredResource } from '../store';
import { type Draft, objectAt, textAt } from './draft';
import { findEmbedded, isEmbedded, putEmbedded, removeEmbedded, withElementIds } from './embedded';
import { refuseWhileUsed, requireReferences } from './references';
import { ruleOf } from './rules/all';
import { completeIdentity } from './rules/identity';
import { type RuleContext } from './rules/rule';
import { masked, withoutWriteOnly } from './write-only';

export interface Directory {
  subscriptionId: string;
  tenantId: string;
}

export class ResourceProvider {
  private readonly context: RuleContext;

  constructor(
    private readonly store: ResourceStore,
    directory: Directory,
    roleDelayMilliseconds = 0,
  ) {
    this.context = {
      store,
      ...directory,
      roleDelayMilliseconds,
      keep: (id, body) => this.keep(parsed(id), withState(body)),
      discard: (id) => {
        const resource = store.resources.get(id);
        if (resource !== undefined) this.removeStored(resource);
      },
    };
  }

  /** As returned to clients; undefined when it does not exist. */
  get(id: ResourceId): StoredResource | undefined {
    const stored = this.store.resources.get(id.key);
    if (stored !== undefined) return stored;
    const found = findEmbedded(this.store.resources, id);
    if (found === undefined) return undefined;
    const { id: _, name: __, ...body } = found.element;
    return { id: id.id, type: id.type, fullName: id.fullName, body };
  }

  /** The checks before a deployment starts. @throws ArmError */
  preflight(id: ResourceId, apiVersion: string, body: ValueObject): void {
    const draft = this.draft(id, apiVersion, body);
    checkLocation(draft);
    ruleOf(id.type).preflight?.(draft, this.context);
  }

  /** All checks of a write. @throws ArmError */
  check(id: ResourceId, apiVersion: string, body: ValueObject): Draft {
    const draft = this.draft(id, apiVersion, body);
    this.requireSurroundings(id);
    checkLocation(draft);
    ruleOf(id.type).preflight?.(draft, this.context);
    checkName(draft);
    requireReferences(draft, this.store.resources);
    ruleOf(id.type).check?.(draft, this.context);
    return draft;
  }

  /** Stores a checked draft; `secrets` are those of the deployment. */
  write(draft: Draft, secrets: readonly string[] = []): void {
    const { id, known, body, properties } = draft;
    const rule = ruleOf(id.type);
    const { name: _, type: __, apiVersion: ___, dependsOn: ____, scope: _____, id: ______, ...sent } = body;
    const completed = { ...properties, ...rule.complete?.(draft, this.context) };
    const isOfNetwork = id.namespace.toLowerCase() === 'microsoft.network';
    const whole = withState({
      ...sent,
      ...(typeof sent.location === 'string' ? { location: normalLocation(sent.location) } : {}),
      ...completeIdentity(draft, this.context),
      properties: isOfNetwork ? withElementIds(id.id, completed) : completed,
    });
    const shown = masked(withoutWriteOnly(whole, known.writeOnly), secrets);
    this.keep(id, isObject(shown) ? shown : {});
    rule.made?.(draft, this.context);
  }

  /** A resource whose creation failed after it was stored stays, in the state `Failed`. */
  markFailed(id: ResourceId): void {
    const stored = this.store.resources.get(id.key);
    if (stored === undefined) return;
    const properties = { ...objectAt(stored.body, 'properties'), provisioningState: 'Failed' };
    const body = { ...stored.body, properties };
    this.store.resources.put(id.key, id.resourceGroup ?? '', { ...stored, body });
  }

  /** Refuses what is in use. @throws ArmError */
  remove(id: ResourceId): void {
    const stored = this.store.resources.get(id.key);
    if (stored === undefined) {
      if (findEmbedded(this.store.resources, id) === undefined) return;
      refuseWhileUsed(id.id, id.type, this.store.resources);
      removeEmbedded(this.store.resources, id);
      return;
    }
    refuseWhileUsed(id.id, id.type, this.store.resources);
    this.removeStored(stored);
  }

  /** The resources of a type anywhere below a group, subscription or parent. */
  listOfType(scope: string, type: string): StoredResource[] {
    const isOfType = (resource: StoredResource): boolean =>
      resource.type.toLowerCase() === type.toLowerCase();
    return this.store.resources.below(`${scope}/`).filter(isOfType);
  }

  private removeStored(resource: StoredResource): void {
    for (const { id } of this.store.resources.below(`${resource.id}/`)) this.store.resources.delete(id);
    this.store.resources.delete(resource.id);
    ruleOf(resource.type).deleted?.(resource, this.context);
  }

  private draft(id: ResourceId, apiVersion: string, body: ValueObject): Draft {
    const location = textAt(body, 'location');
    const known = requireType(id.type, apiVersion, location);
    return { id, known, body, properties: objectAt(body, 'properties'), existing: this.get(id) };
  }

  private requireSurroundings({ resourceGroup, parentId, scope, type }: ResourceId): void {
    if (resourceGroup !== undefined) requireGroup(this.store, resourceGroup);
    const isExtension = /\/providers\//i.test(scope);
    const parent = parentId ?? (isExtension ? scope : undefined);
    if (parent === undefined) return;
    const id = parsed(parent);
    if (this.get(id) !== undefined || (isExtension && findType(id.type) === undefined)) return;
    throw armError(
      404,
      'ParentResourceNotFound',
      `Failed to perform 'write' on resource(s) of type '${type}', because the parent resource '${parent}' could not ` +
        'be found.',
    );
  }

  private keep(id: ResourceId, body: ValueObject): void {
    if (isEmbedded(id.type)) {
      putEmbedded(this.store.resources, id, body);
      return;
    }
    const before = this.store.resources.get(id.key);
    const type = findType(id.type)?.type ?? id.type;
    const resource = { id: before?.id ?? id.id, type, fullName: id.fullName, body };
    this.store.resources.put(id.key, id.resourceGroup ?? '', resource);
  }
}

/** @throws ArmError */
export function requireGroup(store: ResourceStore, name: string): void {
  const group = store.groups.get(name);
  if (group === undefined) {
    throw armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  }
  if (group.state === 'Deleting') {
    throw armError(
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
    );
  }
}

function parsed(id: string): ResourceId {
  const found = parseResourceId(id);
  if (found === undefined) throw new Error(`'${id}' is not the id of a resource.`);
  return found;
}

function withState(body: ValueObject): ValueObject {
  return { ...body, properties: { ...objectAt(body, 'properties'), provisioningState: 'Succeeded' } };
}

function checkLocation({ id, known, body, existing }: Draft): void {
  const location = textAt(body, 'location');
  // Until its location is known.
  if (known.location === undefined || body.location === UNKNOWN) return;
  if (location === undefined) {
    if (existing !== undefined) return;
    throw armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const isRight = known.location === 'global' ? normalLocation(location) === 'global' : isLocation(location);
  if (!isRight) {
    const available = known.location === 'global' ? 'global' : locations.map(({ name }) => name).join(',');
    throw armError(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available for resource type '${known.type}'. List of available ` +
        `regions for the resource type is '${available}'.`,
    );
  }
  const before = textAt(existing?.body, 'location');
  if (before === undefined || before === normalLocation(location)) return;
  throw armError(
    409,
    'InvalidResourceLocation',
    `The resource '${id.name}' already exists in location '${before}' in resource group '${id.resourceGroup}'. A ` +
      `resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}

function checkName({ id, known }: Draft): void {
  if (known.name === undefined || known.name.test(id.name)) return;
  throw armError(
    400,
    'InvalidResourceName',
    `Resource name ${id.name} is invalid for '${known.type}'. See ` +
      'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.',
  );
}
