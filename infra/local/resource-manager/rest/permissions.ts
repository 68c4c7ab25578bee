/** The permissions of the caller in the subscription or a group. https://learn.microsoft.com/rest/api/authorization/permissions */
import { decodeJwt } from 'jose';
import { notImplemented } from '../../stand-in-support/errors';
import { header, type LocalRequest } from '../../stand-in-support/server';
import { isObject, type Value } from '../expressions/values';
import { textAt } from '../resources/draft';
import { type RestContext, subscriptionPath } from './context';
import { listReply } from './paging';
import { type Route } from './router';

const apiVersions = ['2015-07-01', '2018-01-01-preview', '2018-07-01', '2022-04-01', '2022-05-01-preview'];
const EVERYTHING = { actions: ['*'], notActions: [], dataActions: [], notDataActions: [] };

/** Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged. */
const BUILT_IN: Readonly<Record<string, object>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': EVERYTHING,
  'b24988ac-6180-42a0-ab88-20f7382dd24c': {
    ...EVERYTHING,
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
    ],
  },
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': { ...EVERYTHING, actions: ['*/read'] },
};

export function permissionRoutes(context: RestContext): Route[] {
  return ['', '/resourcegroups/{group}'].map((scope) => ({
    method: 'GET',
    path: `/subscriptions/{subscription}${scope}/providers/Microsoft.Authorization/permissions`,
    apiVersions,
    handle: (request: LocalRequest) => listReply(request, permissionsOf(context, request)),
  }));
}

/**
 * One for each role that is assigned to the caller at the scope or above. An identity of the local service to which none
 * is assigned owns the subscription.
 */
function permissionsOf(context: RestContext, request: LocalRequest): object[] {
  const caller = decodeJwt((header(request, 'authorization') ?? '').slice('Bearer '.length)).oid;
  const scope = request.url.pathname.replace(/\/providers\/microsoft\.authorization\/permissions\/?$/i, '');
  const assignments = context.store.resources
    .all()
    .filter(
      ({ type, body }) =>
        type.toLowerCase() === 'microsoft.authorization/roleassignments' &&
        textAt(body, 'properties', 'principalId') === caller,
    );
  if (assignments.length === 0) return [EVERYTHING];
  const isAbove = (id: string) => {
    const assigned = id.replace(/\/providers\/microsoft\.authorization\/roleassignments\/[^/]+$/i, '');
    return `${scope}/`.toLowerCase().startsWith(`${assigned}/`.toLowerCase());
  };
  return assignments
    .filter(({ id }) => isAbove(id))
    .map(({ body }) => roleOf(context, textAt(body, 'properties', 'roleDefinitionId') ?? ''))
    .flat();
}

function roleOf(context: RestContext, roleDefinitionId: string): object[] {
  const name = roleDefinitionId.split('/').at(-1)?.toLowerCase() ?? '';
  const builtIn = BUILT_IN[name];
  if (builtIn !== undefined) return [builtIn];
  const id = `${subscriptionPath(context)}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const custom = context.store.resources.get(id);
  if (custom === undefined) throw notImplemented('Resource Manager', `the role ${roleDefinitionId}`);
  const { properties } = custom.body;
  const permissions: Value = isObject(properties) ? (properties.permissions ?? []) : [];
  return Array.isArray(permissions) ? permissions.filter(isObject) : [];
}
