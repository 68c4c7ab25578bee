/** The fixture app of the triggers in host processes, as many as wanted, on one storage folder and one Azurite. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import {
  bundleHost,
  eventually,
  type HostProcess,
  startAzuriteQueues,
  startHostProcess,
  temporaryFolder,
} from './processes';

/**
 * Bundles and starts Azurite; `stop` when all hosts have ended. A message of a killed host comes back after
 * `leaseSeconds`.
 */
export async function triggersFixture(leaseSeconds: number) {
  const { folder, remove } = temporaryFolder();
  const azurite = await startAzuriteQueues();
  const queueService = QueueServiceClient.fromConnectionString(azurite.connection);
  // A deployment makes them; of the rest, poison queues and those of outputs, the host makes what is missing.
  for (const name of ['orders', 'long']) await queueService.createQueue(name);
  const bundles = bundleHost(folder, require.resolve('./triggers.app.ts'));
  const hostJson = path.join(folder, 'host.json');
  // At most twelve messages at once in one host, whatever its number of processors.
  const queues = { messageEncoding: 'none', maxDequeueCount: 2, batchSize: 8, newBatchThreshold: 4 };
  const extensions = { http: { routePrefix: '' }, queues };
  writeFileSync(hostJson, JSON.stringify({ version: '2.0', extensions }));
  const flags = ['--app', bundles.app, '--port', '0', '--host-json', hostJson, '--storage-dir', folder];
  const environment = {
    AzureWebJobsStorage: azurite.connection,
    ORDERS_QUEUE: 'orders',
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2000000',
  };
  return {
    queues: queueService,
    start: () =>
      startHostProcess(bundles.host, [...flags, '--queue-lease-seconds', String(leaseSeconds)], environment),
    stop: async () => {
      await azurite.stop();
      remove();
    },
  };
}

/** What a function of this host has recorded so far. */
export async function seenBy(host: HostProcess, name: string): Promise<unknown[]> {
  const response = await fetch(`${host.url}/seen/${name}`);
  return (await response.json()) as unknown[];
}

export function seenAtLeastBy(host: HostProcess, name: string, count: number): Promise<unknown[]> {
  return eventually(`${count} of ${name}`, async () => {
    const entries = await seenBy(host, name);
    return entries.length >= count ? entries : undefined;
  });
}
