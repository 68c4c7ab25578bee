/** The identities of the local service: all of them follow from the app's, so that one file keeps them. */
import { createHmac } from 'node:crypto';
import { v5 } from 'uuid';
import { DEPLOYED_IDENTITIES } from '../../azure/role-assignments';
import { objectIdOf } from '../azure/login/directory-ids';
import { type ServicePrincipal } from '../azure/login/token-issuer';

/** `deployment`: of whoever deploys, who owns everything and makes what the app may not make. */
export const IDENTITY_NAMES = [...DEPLOYED_IDENTITIES, 'deployment'] as const;
export type IdentityName = (typeof IDENTITY_NAMES)[number];

/** Every identity of the service whose app has this one. */
export function identitiesOf(app: ServicePrincipal): Record<IdentityName, ServicePrincipal> {
  const derived = (name: IdentityName): ServicePrincipal => ({
    tenantId: app.tenantId,
    clientId: v5(name, app.clientId),
    clientSecret: createHmac('sha256', app.clientSecret).update(name).digest('base64url'),
  });
  return {
    app,
    functionsHost: derived('functionsHost'),
    eventGridTopic: derived('eventGridTopic'),
    deployment: derived('deployment'),
  };
}

/** The object id in the identity's tokens (`oid`). */
export function objectIdOfIdentity({ tenantId, clientId }: ServicePrincipal): string {
  return objectIdOf(tenantId, clientId);
}
