/**
 * The settings of a storage connection, as the real host reads them: a connection string, or an identity and where the
 * services are. Source: https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection.
 */
import { ClientSecretCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

export type Environment = Readonly<Record<string, string | undefined>>;

export const STORAGE_SERVICES = ['blob', 'queue', 'table'] as const;
export type StorageService = (typeof STORAGE_SERVICES)[number];

export type StorageConnection =
  | { readonly kind: 'connectionString'; readonly text: string }
  | {
      readonly kind: 'identity';
      /** Of the services that are configured. */
      readonly serviceUris: Readonly<Partial<Record<StorageService, string>>>;
      readonly credential: () => TokenCredential;
    };

/** Azurite's well-known account, which `UseDevelopmentStorage=true` stands for. */
const DEVELOPMENT_ACCOUNT =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;' +
  'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;' +
  'QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;';

/**
 * Reads the connection `name`, and checks that it reaches these services.
 * @throws Error naming the setting that is missing or has no meaning
 */
export function readStorageConnection(
  name: string,
  environment: Environment,
  services: readonly StorageService[],
): StorageConnection {
  const text = environment[name] ?? environment[`AzureWebJobs${name}`];
  if (text) return { kind: 'connectionString', text: connectionString(text) };
  // The configuration of .NET ignores the case of names.
  const settings = new Map(Object.entries(environment).map(([key, value]) => [key.toLowerCase(), value]));
  const setting = (key: string): string | undefined =>
    settings.get(`${name}__${key}`.toLowerCase()) || undefined;
  const account = setting('accountName');
  const uris = STORAGE_SERVICES.map(
    (service) =>
      [
        service,
        setting(`${service}ServiceUri`) ?? (account && `https://${account}.${service}.core.windows.net`),
      ] as const,
  );
  const serviceUris = Object.fromEntries(uris.filter(([, uri]) => uri !== undefined));
  const missing = services.filter((service) => !(service in serviceUris));
  if (Object.keys(serviceUris).length === 0)
    throw new Error(
      `The storage connection '${name}' is not configured: set ${name}__accountName, or ${all(name, services)}.`,
    );
  if (missing.length > 0)
    throw new Error(
      `The storage connection '${name}' lacks ${all(name, missing)}: set all of them, or ${name}__accountName alone.`,
    );
  const credential = credentialOf(name, setting, environment);
  return { kind: 'identity', serviceUris, credential };
}

function all(name: string, services: readonly StorageService[]): string {
  return services.map((service) => `${name}__${service}ServiceUri`).join(', ');
}

function connectionString(text: string): string {
  const isDevelopment = text.trim().replace(/;$/, '').toLowerCase() === 'usedevelopmentstorage=true';
  return isDevelopment ? DEVELOPMENT_ACCOUNT : text;
}

/**
 * The identity of the connection: a managed one, by its client id or resource id or the system-assigned one, or, for
 * development, an application with its secret.
 */
function credentialOf(
  name: string,
  setting: (key: string) => string | undefined,
  { AZURE_AUTHORITY_HOST: authorityHost }: Environment,
): () => TokenCredential {
  const kind = setting('credential')?.toLowerCase();
  const resourceId = setting('managedIdentityResourceId');
  const [clientId, tenantId, clientSecret] = ['clientId', 'tenantId', 'clientSecret'].map(setting);
  if (kind !== undefined && kind !== 'managedidentity')
    throw new Error(
      `${name}__credential is '${setting('credential') ?? ''}': the only value that this host knows is managedidentity.`,
    );
  if (resourceId !== undefined && kind === undefined)
    throw new Error(
      `${name}__managedIdentityResourceId has no effect without ${name}__credential=managedidentity.`,
    );
  if (resourceId !== undefined && clientId !== undefined)
    throw new Error(
      `${name}__clientId and ${name}__managedIdentityResourceId both say which identity it is: set one of them.`,
    );
  if (resourceId !== undefined) return () => new ManagedIdentityCredential({ resourceId });
  if (kind === 'managedidentity')
    return () =>
      clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  if (clientId !== undefined && tenantId !== undefined && clientSecret !== undefined)
    return () =>
      new ClientSecretCredential(tenantId, clientId, clientSecret, {
        authorityHost,
        disableInstanceDiscovery: true,
      });
  // Azure would silently take the system-assigned identity instead, which then has no roles.
  if (clientId !== undefined)
    throw new Error(`${name}__clientId has no effect without ${name}__credential=managedidentity.`);
  return () => new ManagedIdentityCredential();
}
