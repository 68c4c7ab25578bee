/** For tests: requests about host connections, whose application is the local service's own. */
import { localSubscriptionId, objectIdOf } from '../../infra/local/azure/login/directory-ids';
import type { CustomerRequest, Make, TestCustomer } from './test-customer';

const path = '/api/v1/hostConnections';

/** A body for a new connection. */
export function newHostConnection({ service }: TestCustomer) {
  const { AZURE_TENANT_ID: tenantId = '', AZURE_CLIENT_ID: applicationId = '' } = service.stack.env;
  return {
    name: 'Production',
    subscriptionId: localSubscriptionId,
    ...{ tenantId, applicationId, servicePrincipalObjectId: objectIdOf(tenantId, applicationId) },
    ...newSecret(service.stack.env),
  };
}

const newSecret = ({ AZURE_CLIENT_SECRET: clientSecret = '' }: Record<string, string>) => ({
  clientSecret,
  secretExpiresAt: '2099-01-01T00:00:00.000Z',
});

const connection =
  (more: (customer: TestCustomer) => Partial<CustomerRequest> = () => ({})): Make =>
  async (customer) => {
    const body = newHostConnection(customer);
    const added = await customer.administrator<{ id: string }>('POST', path, { body });
    const headers = { 'if-match': added.headers.get('etag') ?? '' };
    return { params: { id: added.body.id }, headers, ...more(customer) };
  };

/** By operation id: of operations that name a connection. */
export const HOST_CONNECTION_REQUESTS: Readonly<Record<string, Make>> = {
  getHostConnection: async (customer) => ({ params: (await connection()(customer)).params }),
  changeHostConnection: connection(() => ({ body: { name: 'Test' } })),
  putHostConnectionSecret: connection(({ service }) => ({ body: newSecret(service.stack.env) })),
  testHostConnection: async (customer) => ({ params: (await connection()(customer)).params }),
  deleteHostConnection: connection(),
};
