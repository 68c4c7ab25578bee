/** For tests: requests of deployments through a host connection. The subnet of their plan is in another subscription: each fails at its first step. */
import { randomUUID } from 'node:crypto';
import { makePfx, PFX_PASSWORD } from '../../arm-templates/testing/certificates';
import { PARIS, type PlanInput } from '../../arm-templates/testing/plans';
import { newHostConnection } from './host-connection-requests';
import { eventually } from './service';
import type { CustomerRequest, TestCustomer } from './test-customer';

/** A plan that can be deployed. */
export function planWithSecrets(): PlanInput {
  const { machines, databases, domain } = PARIS;
  return {
    ...PARIS,
    machines: { ...machines, administrator: { userName: 'recadmin', password: 'Machine-Passw0rd' } },
    databases: { ...databases, administrator: { userName: 'dbadmin1', password: 'Sql-Passw0rd-1' } },
    domain: { ...domain, password: 'Domain-Passw0rd' } as PlanInput['domain'],
    certificate: { pfx: makePfx({ notAfter: new Date('2099-01-01') }), password: PFX_PASSWORD },
    serverVersion: '24.2.0.11',
  };
}

/** The deployment of a new site. */
export async function newDeployment(customer: TestCustomer): Promise<CustomerRequest> {
  const { administrator } = customer;
  const body = { name: `Deployed ${randomUUID()}` };
  const site = await administrator<{ id: string }>('POST', '/api/v1/sites', { body });
  const connection = await administrator<{ id: string }>('POST', '/api/v1/hostConnections', {
    body: newHostConnection(customer),
  });
  const plan = planWithSecrets();
  return {
    params: { siteId: site.body.id },
    body: { hostConnectionId: connection.body.id, resourceGroup: 'recording-rg', plan },
  };
}

/** A deployment that has failed. */
export async function failedDeployment(customer: TestCustomer): Promise<CustomerRequest> {
  const { params, body } = await newDeployment(customer);
  const path = `/api/v1/sites/${params['siteId']}/deployments`;
  const started = await customer.administrator<{ id: string }>('POST', path, { body });
  const deploymentId = started.body.id;
  await eventually('the failure of a deployment', async () => {
    const found = await customer.administrator<{ state: string }>('GET', `${path}/${deploymentId}`);
    return found.body.state === 'failed' ? true : undefined;
  });
  return { params: { siteId: params['siteId'] ?? '', deploymentId } };
}
