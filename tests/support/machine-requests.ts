/** Valid requests of the operations that install the server component on a machine, and upgrade its cloud client. */
import { IDLE_STATE } from './idle-state';
import { randomUUID } from 'node:crypto';
import type { CustomerRequest, Make, TestCustomer } from './test-customer';

export const heartbeat = () => ({
  ...IDLE_STATE,
  clientTime: new Date().toISOString(),
});

/** The version of the server that the local service publishes. */
const SERVER_PACKAGE = '24.2.0.16';

const databases = () => ({
  type: 'onPremises',
  instance: `sql-${randomUUID()}`,
  recordingDatabase: 'Recording',
  loggingDatabase: 'Logging',
});

/**
 * By operation id.
 * @param newServer registers a machine, with other values than those of a server
 */
export function machineRequests(
  newServer: (customer: TestCustomer, more: object) => Promise<CustomerRequest>,
): Readonly<Record<string, Make>> {
  const ready =
    (body?: () => object): Make =>
    async (customer) => ({
      ...(await newServer(customer, { serverVersion: undefined, database: undefined })),
      ...(body ? { body: body() } : {}),
    });
  return {
    upgradeServer: async (customer) => {
      // Older than what the local service publishes.
      const request = await newServer(customer, { clientVersion: '7.40.13020.11' });
      const path = `/api/cloud-client/v1/servers/${request.params['serverId']}/heartbeat`;
      await customer.server('POST', path, { body: heartbeat() });
      return request;
    },
    getInstallation: ready(),
    startInstallation: ready(() => ({
      serverVersion: SERVER_PACKAGE,
      databases: { ...databases(), userName: 'sa', password: `a"';\`$` },
    })),
    checkInstallation: ready(() => ({ serverVersion: SERVER_PACKAGE })),
    testConnection: ready(() => ({ databases: databases() })),
  };
}
