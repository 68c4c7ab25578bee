/** Clients for the queues of a connection setting, as the host reads one: identity-based, or a connection string. */
import { ClientSecretCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';

type Environment = Readonly<Record<string, string | undefined>>;

/** Azurite's well-known account, which `UseDevelopmentStorage=true` stands for. */
const DEVELOPMENT_ACCOUNT =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;' +
  'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;' +
  'QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;';

export class QueueClients {
  private readonly services = new Map<string, QueueServiceClient>();

  constructor(private readonly environment: Environment) {}

  /** Throws when the setting is missing. `connection` is the name of the setting, `AzureWebJobsStorage` by default. */
  queue(queueName: string, connection = 'AzureWebJobsStorage'): QueueClient {
    let service = this.services.get(connection);
    if (!service) {
      service = connect(connection, this.environment);
      this.services.set(connection, service);
    }
    return service.getQueueClient(queueName.toLowerCase());
  }
}

function connect(connection: string, environment: Environment): QueueServiceClient {
  const uri = environment[`${connection}__queueServiceUri`];
  if (uri) return new QueueServiceClient(uri, hostCredential(environment));
  const text = environment[connection] ?? environment[`AzureWebJobs${connection}`];
  if (!text)
    throw new Error(
      `Queue connection '${connection}': neither ${connection}__queueServiceUri nor ${connection} is set`,
    );
  const isDevelopment = text.trim().replace(/;$/, '').toLowerCase() === 'usedevelopmentstorage=true';
  return QueueServiceClient.fromConnectionString(isDevelopment ? DEVELOPMENT_ACCOUNT : text);
}

/** The host's own identity: a service principal where one is given, else the managed identity. */
function hostCredential(environment: Environment): TokenCredential {
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_AUTHORITY_HOST } = environment;
  if (!AZURE_TENANT_ID || !AZURE_CLIENT_ID || !AZURE_CLIENT_SECRET) return new ManagedIdentityCredential();
  return new ClientSecretCredential(AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, {
    authorityHost: AZURE_AUTHORITY_HOST,
    disableInstanceDiscovery: true,
  });
}
