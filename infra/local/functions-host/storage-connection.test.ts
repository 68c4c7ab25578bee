import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { readStorageConnection, STORAGE_SERVICES } from './storage-connection';

const read = (
  settings: Record<string, string | undefined>,
  services = STORAGE_SERVICES as readonly ('blob' | 'queue' | 'table')[],
) =>
  readStorageConnection(
    'Storage',
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [`Storage__${key}`, value])),
    services,
  );

const URIS = { blobServiceUri: 'https://b', queueServiceUri: 'https://q', tableServiceUri: 'https://t' };

describe('a storage connection with an identity', () => {
  it('finds every service by the name of the account', () => {
    expect(read({ accountName: 'records' })).toMatchObject({
      serviceUris: {
        blob: 'https://records.blob.core.windows.net',
        queue: 'https://records.queue.core.windows.net',
        table: 'https://records.table.core.windows.net',
      },
    });
  });

  it('takes the services by their addresses, which win over the name', () => {
    expect(read({ ...URIS, accountName: 'records' })).toMatchObject({
      serviceUris: { blob: 'https://b', queue: 'https://q', table: 'https://t' },
    });
  });

  it('is refused without the table service, which Durable Functions needs', () => {
    const { tableServiceUri: _, ...others } = URIS;
    expect(() => read(others)).toThrow(
      "The storage connection 'Storage' lacks Storage__tableServiceUri: set all of them, or Storage__accountName alone.",
    );
    expect(() => read(others, ['queue'])).not.toThrow();
  });

  it('is refused when nothing of it is set', () => {
    expect(() => read({}, ['queue'])).toThrow(
      "The storage connection 'Storage' is not configured: set Storage__accountName, or Storage__queueServiceUri.",
    );
  });

  it('is a managed identity, the system-assigned one or that of the client id', () => {
    const credential = 'managedidentity';
    for (const settings of [{}, { credential }, { credential, clientId: 'c' }]) {
      const connection = read({ ...URIS, ...settings });
      expect(connection.kind === 'identity' && connection.credential()).toBeInstanceOf(
        ManagedIdentityCredential,
      );
    }
  });

  const RESOURCE =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
  const named = (credential: unknown) => (credential as Record<string, unknown>)['resourceId'];

  it.each(['managedidentity', 'ManagedIdentity', 'MANAGEDIDENTITY'])(
    'is a managed identity by its resource id, with the credential written as %s',
    (credential) => {
      const connection = read({ ...URIS, credential, managedIdentityResourceId: RESOURCE });
      const identity = connection.kind === 'identity' ? connection.credential() : undefined;
      expect(identity).toBeInstanceOf(ManagedIdentityCredential);
      expect(named(identity)).toBe(RESOURCE);
    },
  );

  it('is refused with a client id and a resource id, or with a resource id that Azure would ignore', () => {
    const managedIdentityResourceId = RESOURCE;
    expect(() => read({ ...URIS, managedIdentityResourceId })).toThrow(
      'Storage__managedIdentityResourceId has no effect without Storage__credential=managedidentity.',
    );
    expect(() =>
      read({ ...URIS, credential: 'managedidentity', clientId: 'c', managedIdentityResourceId }),
    ).toThrow('Storage__clientId and Storage__managedIdentityResourceId both say which identity it is');
  });

  it('is found whatever the letter case of its settings, as the configuration of .NET does', () => {
    expect(read({ ACCOUNTNAME: 'records', CREDENTIAL: 'ManagedIdentity' })).toMatchObject({
      serviceUris: { blob: 'https://records.blob.core.windows.net' },
    });
  });

  it('is an application with its secret, for development', () => {
    const connection = read({ ...URIS, tenantId: 't', clientId: 'c', clientSecret: 's' });
    expect(connection.kind === 'identity' && connection.credential()).toBeInstanceOf(ClientSecretCredential);
  });

  it('is refused with a client id that Azure would ignore', () => {
    expect(() => read({ ...URIS, clientId: 'c' })).toThrow(
      'Storage__clientId has no effect without Storage__credential=managedidentity.',
    );
  });

  it('is refused with another kind of credential', () => {
    expect(() => read({ ...URIS, credential: 'workloadidentity' })).toThrow(
      "Storage__credential is 'workloadidentity'",
    );
  });
});

describe('a storage connection with a connection string', () => {
  it('is taken as it is', () => {
    expect(readStorageConnection('Storage', { Storage: 'AccountName=a' }, ['queue', 'table'])).toEqual({
      kind: 'connectionString',
      text: 'AccountName=a',
    });
  });

  it('may be the development account', () => {
    expect(
      readStorageConnection('Storage', { Storage: 'UseDevelopmentStorage=true' }, ['queue']),
    ).toMatchObject({
      text: expect.stringContaining('AccountName=devstoreaccount1') as string,
    });
  });
});
