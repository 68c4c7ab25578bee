/** Resource groups. https://learn.microsoft.com/rest/api/resources/resource-groups */
import { z } from 'zod';
import { type LocalRequest, type Reply } from '../../stand-in-support/server';
import { armError } from '../arm-error';
import { type GroupDeletion } from '../group-deletion';
import { isLocation, locations, normalLocation } from '../known-types';
import { type ResourceGroup } from '../store';
import { RETRY_AFTER } from './async-operations';
import {
  describeGroup,
  RESOURCES_API_VERSIONS as apiVersions,
  type RestContext,
  subscriptionPath,
} from './context';
import { readBody, tagsSchema } from './body';
import { filterOf, hasTag, listReply } from './paging';
import { param, type Route } from './router';

const groupBody = z.looseObject({
  location: z.string(),
  tags: tagsSchema.nullish(),
  managedBy: z.string().nullish(),
});
const groupPatch = z.looseObject({ tags: tagsSchema.nullish(), managedBy: z.string().nullish() });

const PATH = '/subscriptions/{subscription}/resourcegroups/{group}';

export function groupRoutes(context: RestContext, deletion: GroupDeletion): Route[] {
  const { store } = context;
  const found = (request: LocalRequest): ResourceGroup => findGroup(context, param(request, 'group'));
  const route = (method: string, handle: Route['handle'], path = PATH): Route => ({
    method,
    path,
    apiVersions,
    handle,
  });
  return [
    route(
      'GET',
      (request) => {
        const filter = filterOf(request);
        const groups = store.groups.all().filter(({ tags }) => hasTag(filter, tags));
        return listReply(
          request,
          groups.map((group) => describeGroup(context, group)),
        );
      },
      '/subscriptions/{subscription}/resourcegroups',
    ),
    route('HEAD', (request) => ({
      status: store.groups.get(param(request, 'group')) === undefined ? 404 : 204,
    })),
    route('GET', (request) => ({ status: 200, body: describeGroup(context, found(request)) })),
    route('PUT', (request) => putGroup(context, request)),
    route('PATCH', (request) => {
      const { tags, managedBy } = readBody(groupPatch, request);
      const group = { ...found(request), ...(tags ? { tags } : {}), ...(managedBy ? { managedBy } : {}) };
      store.groups.put(group.name, '', group);
      return { status: 200, body: describeGroup(context, group) };
    }),
    route('DELETE', (request) => {
      const { name } = found(request);
      deletion.start(name);
      return deletionInProgress(context, name);
    }),
    route(
      'GET',
      (request) => {
        const name = Buffer.from(param(request, 'token'), 'base64url').toString();
        const group = store.groups.get(name);
        if (group === undefined) return { status: 200 };
        if (group.state === 'Deleting') return deletionInProgress(context, name);
        const error = group.deletionError ?? {
          code: 'NotFound',
          message: 'The operation could not be found.',
        };
        throw armError(409, error.code, error.message, error);
      },
      '/subscriptions/{subscription}/operationresults/{token}',
    ),
  ];
}

function deletionInProgress(context: RestContext, name: string): Reply {
  const token = Buffer.from(name).toString('base64url');
  const location = `${context.origin}${subscriptionPath(context)}/operationresults/${token}?api-version=2021-04-01`;
  return { status: 202, headers: { location, ...RETRY_AFTER } };
}

/** @throws ArmError */
export function findGroup({ store }: RestContext, name: string): ResourceGroup {
  const group = store.groups.get(name);
  if (group !== undefined) return group;
  throw armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

function putGroup(context: RestContext, request: LocalRequest): Reply {
  const name = param(request, 'group');
  if (!/^[\p{L}\p{N}_().-]{1,90}$/u.test(name) || name.endsWith('.')) {
    throw armError(
      400,
      'InvalidResourceGroupName',
      `The provided resource group name '${name}' has these invalid characters, ends with a period, or is longer than 90 characters.`,
    );
  }
  const { location, tags, managedBy } = readBody(groupBody, request);
  const before = context.store.groups.get(name);
  if (!isLocation(location)) {
    throw armError(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is ` +
        `'${locations.map((one) => one.name).join(',')}'.`,
    );
  }
  if (before !== undefined && before.location !== normalLocation(location)) {
    throw armError(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${location}'. The Resource group already exists in location '${before.location}'.`,
    );
  }
  if (before?.state === 'Deleting') {
    throw armError(
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
    );
  }
  const group: ResourceGroup = {
    name: before?.name ?? name,
    location: normalLocation(location),
    tags: tags ?? {},
    ...(managedBy ? { managedBy } : {}),
    state: 'Succeeded',
  };
  context.store.groups.put(name, '', group);
  return { status: before === undefined ? 201 : 200, body: describeGroup(context, group) };
}
