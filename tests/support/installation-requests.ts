/** Valid requests of the operations that install the server component on a machine. */
import { randomUUID } from 'node:crypto';
import type { CustomerRequest, Make, TestCustomer } from './customer-requests';

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
export function installationRequests(
  newServer: (customer: TestCustomer, more: object) => Promise<CustomerRequest>,
): Readonly<Record<string, Make>> {
  const ready =
    (body?: () => object): Make =>
    async (customer) => ({
      ...(await newServer(customer, { serverVersion: undefined, database: undefined })),
      ...(body ? { body: body() } : {}),
    });
  return {
    getInstallation: ready(),
    startInstallation: ready(() => ({
      serverVersion: SERVER_PACKAGE,
      databases: { ...databases(), userName: 'sa', password: `a"';\`$` },
    })),
    checkInstallation: ready(() => ({ serverVersion: SERVER_PACKAGE })),
    testConnection: ready(() => ({ databases: databases() })),
  };
}
