/** Clients for the queues of the storage connections that an app's bindings name. */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { type Environment, readStorageConnection } from '../storage-connection';

export class QueueClients {
  private readonly services = new Map<string, QueueServiceClient>();

  constructor(private readonly environment: Environment) {}

  /** Throws when a setting is missing. `connection` is the name of the connection, `AzureWebJobsStorage` by default. */
  queue(queueName: string, connection = 'AzureWebJobsStorage'): QueueClient {
    let service = this.services.get(connection);
    if (!service) {
      service = connect(connection, this.environment);
      this.services.set(connection, service);
    }
    return service.getQueueClient(queueName.toLowerCase());
  }
}

function connect(name: string, environment: Environment): QueueServiceClient {
  const connection = readStorageConnection(name, environment, ['queue']);
  if (connection.kind === 'connectionString') return QueueServiceClient.fromConnectionString(connection.text);
  return new QueueServiceClient(connection.serviceUris.queue ?? '', connection.credential());
}
