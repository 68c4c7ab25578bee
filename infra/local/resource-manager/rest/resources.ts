/** Resources of every type. https://learn.microsoft.com/rest/api/resources/resources */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { notImplemented } from '../../stand-in-support/errors';
import { type LocalRequest, type Reply } from '../../stand-in-support/server';
import { armError } from '../arm-error';
import { createUnderFaults } from '../deployments/deployment-runner';
import { notFound } from '../deployments/runtime';
import { isObject, type Value, type ValueObject } from '../expressions/values';
import { findType, requireType } from '../known-types';
import { parseResourceId, type ResourceId } from '../resource-id';
import { type Draft, objectAt, textAt } from '../resources/draft';
import { refuseWhileUsed } from '../resources/references';
import { requireGroup } from '../resources/resource-provider';
import { accountKeys } from '../resources/rules/storage';
import { type StoredResource } from '../store';
import { RETRY_AFTER } from './async-operations';
import { readBody, tagsSchema } from './body';
import { RESOURCES_API_VERSIONS as apiVersions, type RestContext, subscriptionPath } from './context';
import { withInstanceView } from './instance-view';
import { filterOf, hasTag, listReply } from './paging';
import { param, requireApiVersion, type Route } from './router';

const resourceBody = z.looseObject({ tags: tagsSchema.nullish() });

export function resourceRoutes(context: RestContext): Route[] {
  const resources = new ResourceRequests(context);
  const ANY = '/{id+}';
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/resources',
      apiVersions,
      handle: (request) => resources.list(request, undefined),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/resourcegroups/{group}/resources',
      apiVersions,
      handle: (request) => resources.list(request, param(request, 'group')),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscription}/providers/{namespace}/locations/{location}/operations/{operation}',
      handle: (request) => context.operations.status(param(request, 'operation')),
    },
    { method: 'GET', path: ANY, handle: (request) => resources.get(request) },
    {
      method: 'HEAD',
      path: ANY,
      handle: (request) => ({ status: resources.find(request) === undefined ? 404 : 204 }),
    },
    {
      method: 'PUT',
      path: ANY,
      handle: (request) => resources.put(request, readBody(resourceBody, request) as ValueObject),
    },
    { method: 'PATCH', path: ANY, handle: (request) => resources.patch(request) },
    { method: 'DELETE', path: ANY, handle: (request) => resources.delete(request) },
    { method: 'POST', path: ANY, handle: (request) => resources.act(request) },
  ];
}

class ResourceRequests {
  /** Accepted but not yet created; by id. */
  private readonly pending = new Map<string, StoredResource>();

  constructor(private readonly context: RestContext) {}

  list(request: LocalRequest, group: string | undefined): Reply {
    const { store } = this.context;
    if (group !== undefined) requireGroup(store, group);
    const filter = filterOf(request);
    const is = (name: string, value: string): boolean =>
      filter.get(name) === undefined || filter.get(name)?.toLowerCase() === value.toLowerCase();
    // Lists contain independent resources only, not the parts of other resources.
    const items = (group === undefined ? store.resources.all() : store.resources.inGroup(group)).filter(
      ({ type, fullName, body, id }) =>
        findType(type)?.location !== undefined &&
        is('resourcetype', type) &&
        is('name', fullName) &&
        is('location', textAt(body, 'location') ?? '') &&
        is('resourcegroup', parseResourceId(id)?.resourceGroup ?? '') &&
        hasTag(filter, objectAt(body, 'tags')),
    );
    return listReply(request, items.map(summarise));
  }

  get(request: LocalRequest): Reply {
    const id = idOf(request);
    if (id === undefined) return this.listOfType(request);
    requireType(id.type, requireApiVersion(request), undefined);
    const found = this.pending.get(id.key) ?? this.context.provider.get(id);
    if (found === undefined) {
      if (id.resourceGroup !== undefined) requireGroup(this.context.store, id.resourceGroup);
      throw notFound(id.id);
    }
    return { status: 200, body: withInstanceView(request, id.type, describe(found)) };
  }

  find(request: LocalRequest): StoredResource | undefined {
    const id = idOf(request);
    return id === undefined ? undefined : this.context.provider.get(id);
  }

  put(request: LocalRequest, body: ValueObject): Reply {
    const id = requiredId(request);
    const draft = this.context.provider.check(id, requireApiVersion(request), body);
    const status = draft.existing === undefined ? 201 : 200;
    const state = draft.existing === undefined ? 'Creating' : 'Updating';
    const accepted = this.accept(draft, state);
    const asking = this.context.operations.start(id.namespace, locationOf(draft), () => this.make(draft));
    return { status, headers: this.headersFor(asking), body: describe(accepted) };
  }

  /** The members sent replace the existing ones, in `properties` one by one. */
  patch(request: LocalRequest): Reply {
    const id = requiredId(request);
    requireType(id.type, requireApiVersion(request), undefined);
    const found = this.context.provider.get(id);
    if (found === undefined) throw notFound(id.id);
    const sent = readBody(resourceBody, request) as ValueObject;
    const properties = { ...objectAt(found.body, 'properties'), ...objectAt(sent, 'properties') };
    return this.put(request, { ...found.body, ...sent, properties });
  }

  delete(request: LocalRequest): Reply {
    const id = requiredId(request);
    requireType(id.type, requireApiVersion(request), undefined);
    const { provider, store, operations, workMilliseconds } = this.context;
    const found = provider.get(id);
    if (found === undefined) return { status: 204 };
    refuseWhileUsed(id.id, id.type, store.resources);
    const asking = operations.start(id.namespace, textAt(found.body, 'location') ?? 'global', async () => {
      await sleep(workMilliseconds);
      provider.remove(id);
    });
    return { status: 202, headers: this.headersFor(asking) };
  }

  /** The actions that are implemented. */
  act(request: LocalRequest): Reply {
    const path = `/${param(request, 'id')}`;
    const [, resource = '', action = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const id = parseResourceId(resource);
    const isListKeys =
      id?.type.toLowerCase() === 'microsoft.storage/storageaccounts' && action.toLowerCase() === 'listkeys';
    if (id === undefined || !isListKeys) throw notImplemented('Resource Manager', `POST ${path}`);
    requireType(id.type, requireApiVersion(request), undefined);
    if (this.context.provider.get(id) === undefined) throw notFound(id.id);
    return { status: 200, body: accountKeys(id.id) };
  }

  private listOfType(request: LocalRequest): Reply {
    const path = `/${param(request, 'id')}`;
    const [, scope = '', namespace = '', rest = ''] = /^(.*)\/providers\/([^/]+)\/(.+)$/i.exec(path) ?? [];
    const segments = rest.split('/');
    if (scope === '' || segments.length % 2 === 0) throw notImplemented('Resource Manager', `GET ${path}`);
    const type = [namespace, ...segments.filter((_, index) => index % 2 === 0)].join('/');
    requireType(type, requireApiVersion(request), undefined);
    const parent = segments.length === 1 ? undefined : parseResourceId(path.replace(/\/[^/]+$/, ''));
    const group = /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i.exec(path)?.[1];
    if (group !== undefined) requireGroup(this.context.store, group);
    const stored = this.context.provider.listOfType(parent?.id ?? scope, type);
    return listReply(request, [...stored.map(describe), ...this.embeddedIn(parent, segments.at(-1) ?? '')]);
  }

  /** Subnets, rules of security groups and the like. */
  private embeddedIn(parent: ResourceId | undefined, arrayName: string): object[] {
    const found = parent === undefined ? undefined : this.context.provider.get(parent);
    const properties = objectAt(found?.body, 'properties');
    const actual = Object.keys(properties).find((name) => name.toLowerCase() === arrayName.toLowerCase());
    const items: Value = actual === undefined ? [] : (properties[actual] ?? []);
    return Array.isArray(items) ? items.filter(isObject) : [];
  }

  private accept(draft: Draft, provisioningState: string): StoredResource {
    const { id, known, existing, body } = draft;
    const properties = { ...objectAt(existing?.body, 'properties'), provisioningState };
    const { location, tags, sku, kind } = body;
    const shown = Object.entries({ location, tags, sku, kind }).filter(([, value]) => value !== undefined);
    const accepted: StoredResource = {
      id: id.id,
      type: known.type,
      fullName: id.fullName,
      body: { ...(Object.fromEntries(shown) as ValueObject), properties },
    };
    this.pending.set(id.key, accepted);
    return accepted;
  }

  private async make(draft: Draft): Promise<void> {
    const { id, known } = draft;
    try {
      const what = { id: id.id, type: known.type, name: id.fullName };
      await createUnderFaults(this.context, what, async () => {
        await sleep(this.context.workMilliseconds);
        this.context.provider.write(draft);
      });
    } finally {
      this.pending.delete(id.key);
    }
  }

  private headersFor(asking: string): Record<string, string> {
    const url = `${this.context.origin}${subscriptionPath(this.context)}${asking}?api-version=2024-03-01`;
    return { 'azure-asyncoperation': url, ...RETRY_AFTER };
  }
}

function idOf(request: LocalRequest): ResourceId | undefined {
  return parseResourceId(param(request, 'id'));
}

function requiredId(request: LocalRequest): ResourceId {
  const id = idOf(request);
  if (id === undefined || id.type.toLowerCase() === 'microsoft.resources/deployments') {
    throw notImplemented('Resource Manager', `${request.method} ${request.url.pathname}`);
  }
  if (id.subscriptionId === undefined) {
    throw armError(400, 'InvalidResourceId', `The id '${id.id}' belongs to no subscription.`);
  }
  return id;
}

function locationOf({ body }: Draft): string {
  return textAt(body, 'location') ?? 'global';
}

/** A line of a list: its whole name, and no properties. */
function summarise({ id, type, fullName, body }: StoredResource): ValueObject {
  const { properties: _, ...rest } = body;
  return { id, name: fullName, type, ...rest };
}

function describe({ id, type, fullName, body }: StoredResource): ValueObject {
  return { id, name: fullName.split('/').at(-1) ?? '', type, ...body };
}
