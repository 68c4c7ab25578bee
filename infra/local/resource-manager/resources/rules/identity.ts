/** Managed identities and role assignments. https://learn.microsoft.com/rest/api/authorization/role-assignments/create */
import { randomUUID } from 'node:crypto';
import { isObject, type Value, type ValueObject } from '../../expressions/values';
import { at, type Draft, textAt } from '../draft';
import { badRequest, conflict, type RuleContext, type Rules } from './rule';

export const identityRules: Rules = {
  'microsoft.managedidentity/userassignedidentities': {
    complete: ({ existing }, { store, tenantId }) => ({
      principalId: textAt(existing?.body, 'properties', 'principalId') ?? newPrincipal(store),
      clientId: textAt(existing?.body, 'properties', 'clientId') ?? randomUUID(),
      tenantId,
    }),
  },
  'microsoft.authorization/roleassignments': {
    check: checkAssignment,
    complete: ({ id, existing }) => ({
      scope: id.scope,
      createdOn: textAt(existing?.body, 'properties', 'createdOn') ?? new Date().toISOString(),
    }),
  },
};

/** How long the directory takes to know a new principal everywhere. */
const REPLICATION_MILLISECONDS = 5_000;

/** When principals were created. */
const createdAt = new WeakMap<RuleContext['store'], Map<string, number>>();

function newPrincipal(store: RuleContext['store']): string {
  const principalId = randomUUID();
  const known = createdAt.get(store) ?? new Map<string, number>();
  createdAt.set(store, known.set(principalId, Date.now()));
  return principalId;
}

/** A new principal is taken on trust only when its type is given. */
function requirePrincipal(properties: ValueObject, { store, tenantId }: RuleContext): void {
  const principalId = textAt(properties, 'principalId') ?? '';
  const created = createdAt.get(store)?.get(principalId);
  const isReplicated = created === undefined || Date.now() - created >= REPLICATION_MILLISECONDS;
  if (isReplicated || textAt(properties, 'principalType') !== undefined) return;
  throw badRequest(
    'PrincipalNotFound',
    `Principal ${principalId} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. ` +
      'If you are creating this principal and then immediately assigning a role, this error might be related to a ' +
      'replication delay. In this case, set the role assignment principalType property to a value, such as ' +
      'ServicePrincipal, User, or Group.',
  );
}

function checkAssignment({ id, properties, existing }: Draft, context: RuleContext): void {
  const { store } = context;
  const wanted = [textAt(properties, 'principalId'), textAt(properties, 'roleDefinitionId')];
  if (wanted.includes(undefined)) {
    throw badRequest(
      'InvalidRequestContent',
      'The request content was invalid and could not be deserialized: principalId and roleDefinitionId are required.',
    );
  }
  requirePrincipal(properties, context);
  const key = (body: Value | undefined): string =>
    `${textAt(body, 'principalId')}/${textAt(body, 'roleDefinitionId')?.split('/').at(-1)}`.toLowerCase();
  if (existing !== undefined && key(at(existing.body, 'properties')) !== key(properties)) {
    throw badRequest(
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    );
  }
  const duplicate = store.resources
    .all()
    .find(
      (other) =>
        other.type.toLowerCase() === 'microsoft.authorization/roleassignments' &&
        other.id.toLowerCase() !== id.key &&
        textAt(other.body, 'properties', 'scope')?.toLowerCase() === id.scope.toLowerCase() &&
        key(at(other.body, 'properties')) === key(properties),
    );
  if (duplicate !== undefined) throw conflict('RoleAssignmentExists', 'The role assignment already exists.');
}

/** The `identity` member as returned: a principal for the resource's own, and those of the ones it is given. */
export function completeIdentity(draft: Draft, { store, tenantId }: RuleContext): ValueObject {
  const { identity } = draft.body;
  if (!isObject(identity)) return {};
  const isOwn = (textAt(identity, 'type') ?? '').toLowerCase().includes('systemassigned');
  const principalId = isOwn
    ? (textAt(draft.existing?.body, 'identity', 'principalId') ?? newPrincipal(store))
    : null;
  const assigned = isObject(identity.userAssignedIdentities) ? identity.userAssignedIdentities : undefined;
  const described = Object.keys(assigned ?? {}).map((id): [string, Value] => {
    const properties = store.resources.get(id)?.body.properties ?? {};
    return [
      id,
      { principalId: at(properties, 'principalId') ?? null, clientId: at(properties, 'clientId') ?? null },
    ];
  });
  return {
    identity: {
      ...identity,
      ...(isOwn ? { principalId, tenantId } : {}),
      ...(assigned === undefined ? {} : { userAssignedIdentities: Object.fromEntries(described) }),
    },
  };
}
