/** For tests: for every operation a request that succeeds. */
import { randomUUID } from 'node:crypto';
import { PARIS } from '../../arm-templates/testing/plans';
import {
  enrolment,
  machine,
  type Make,
  newTemplate,
  CUSTOMER_REQUESTS,
  type CustomerRequest,
  type TestCustomer,
} from './customer-requests';
import { newHostConnection } from './host-connection-requests';
import { newCommandSearch } from './insight-requests';

/** For operations that name no resource of the customer; those without a body are not listed. */
const OTHER_REQUESTS: Readonly<Record<string, Make>> = {
  putAdministratorGroup: () => ({
    params: { groupId: randomUUID() },
    body: { name: 'Auditors', kind: 'readOnlyAdmin' },
  }),
  createSite: () => ({ params: {}, body: { name: `Berlin ${randomUUID()}`, database: newDatabase() } }),
  createSecureClient: () => ({ params: {}, body: { name: 'another' } }),
  createEventTriggerTemplate: () => ({ params: {}, body: newTemplate() }),
  createCommandSearch: () => ({ params: {}, body: newCommandSearch() }),
  createHostConnection: (customer) => ({ params: {}, body: newHostConnection(customer) }),
  issueClientToken: ({ clientId, clientSecret }) => ({
    params: {},
    body: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
  }),
  createInstallCommand: ({ clientId, clientSecret }) => ({ params: {}, body: { clientId, clientSecret } }),
  createDiagnosis: ({ clientId }) => ({ params: {}, body: { clientId } }),
  recommendSitePlan: () => ({ params: {}, body: { concurrentSessions: '4000-6000' } }),
  estimateSitePlan: () => ({ params: {}, body: { region: 'eastus', loadBalancer: { type: 'public' } } }),
  validateSitePlan: () => ({ params: {}, body: PARIS }),
  enrolMachine: enrolment,
  registerServer: () => ({ params: {}, body: machine(newDatabase()) }),
};

const newDatabase = () => ({ instance: `sql-${randomUUID()}`, name: 'recordings' });

/** A request for the operation with this id; the resources that it names are created. */
export async function validRequest(operationId: string, customer: TestCustomer): Promise<CustomerRequest> {
  const make = CUSTOMER_REQUESTS[operationId] ?? OTHER_REQUESTS[operationId];
  return make ? make(customer) : { params: {} };
}
