/** Subscriptions, their regions and resource providers. */
import { type LocalRequest } from '../../stand-in-support/server';
import { armError } from '../arm-error';
import { type KnownType, locations, namespaces } from '../known-types';
import { RESOURCES_API_VERSIONS as apiVersions, type RestContext, subscriptionPath } from './context';
import { param, type Route } from './router';

export function subscriptionRoutes(context: RestContext): Route[] {
  const answering = (path: string, answer: (request: LocalRequest) => object): Route => ({
    method: 'GET',
    path,
    apiVersions,
    handle: (request) => ({ status: 200, body: answer(request) }),
  });
  const subscription = describeSubscription(context);
  const provider = (request: LocalRequest): object => describeProvider(context, namespaceOf(request));
  const PROVIDER = '/subscriptions/{subscription}/providers/{namespace}';
  return [
    answering('/tenants', () => ({ value: [describeTenant(context)] })),
    answering('/subscriptions', () => ({ value: [subscription] })),
    answering('/subscriptions/{subscription}', () => subscription),
    answering('/subscriptions/{subscription}/locations', () => ({
      value: locations.map((location) => describeLocation(context, location)),
    })),
    answering('/subscriptions/{subscription}/providers', () => ({
      value: [...namespaces.keys()].map((name) => describeProvider(context, name)),
    })),
    answering(PROVIDER, provider),
    { ...answering(`${PROVIDER}/register`, provider), method: 'POST' },
  ];
}

function describeTenant({ directory: { tenantId } }: RestContext): object {
  return { id: `/tenants/${tenantId}`, tenantId, displayName: 'Local directory' };
}

function describeSubscription(context: RestContext): object {
  const { subscriptionId, tenantId, subscriptionName } = context.directory;
  return {
    id: subscriptionPath(context),
    subscriptionId,
    tenantId,
    displayName: subscriptionName,
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

/** @throws ArmError for any subscription but the only one */
export function requireSubscription({ directory }: RestContext, { url }: LocalRequest): void {
  const [, given] = /^\/+subscriptions\/+([^/]+)/i.exec(url.pathname) ?? [];
  if (given === undefined || given.toLowerCase() === directory.subscriptionId) return;
  throw armError(404, 'SubscriptionNotFound', `The subscription '${given}' could not be found.`);
}

function describeLocation(
  context: RestContext,
  { name, displayName }: { name: string; displayName: string },
): object {
  const id = `${subscriptionPath(context)}/locations/${name}`;
  const metadata = { regionType: 'Physical', regionCategory: 'Recommended' };
  return { id, name, type: 'Region', displayName, regionalDisplayName: displayName, metadata };
}

function namespaceOf(request: LocalRequest): string {
  const given = param(request, 'namespace');
  const found = [...namespaces.keys()].find((name) => name.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  throw armError(404, 'InvalidResourceNamespace', `The resource namespace '${given}' is invalid.`);
}

function describeProvider(context: RestContext, namespace: string): object {
  const types = namespaces.get(namespace) ?? [];
  return {
    id: `${subscriptionPath(context)}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationRequired',
    registrationState: 'Registered',
    resourceTypes: types.map(describeType),
  };
}

function describeType({ type, apiVersions: versions, location }: KnownType): object {
  const places = location === 'regional' ? locations.map(({ displayName }) => displayName) : [];
  return {
    resourceType: type.split('/').slice(1).join('/'),
    locations: location === 'global' ? ['global'] : places,
    apiVersions: versions,
    capabilities: location === undefined ? 'None' : 'SupportsTags, SupportsLocation',
  };
}
