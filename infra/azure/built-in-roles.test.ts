import { permits } from './built-in-roles';

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices';
const QUEUES = 'Microsoft.Storage/storageAccounts/queueServices/queues';

// Of the published tables of permissions, what tells the roles apart.
it.each([
  ['Storage Blob Data Contributor', `${BLOBS}/containers/blobs/write`, true],
  ['Storage Blob Data Contributor', `${BLOBS}/containers/blobs/tags/write`, false],
  ['Storage Blob Data Contributor', `${BLOBS}/generateUserDelegationKey/action`, true],
  ['Storage Blob Data Contributor', `${BLOBS}/read`, false],
  ['Storage Blob Data Owner', `${BLOBS}/containers/blobs/tags/write`, true],
  ['Storage Blob Data Owner', `${BLOBS}/read`, false],
  ['Storage Queue Data Message Sender', `${QUEUES}/messages/add/action`, true],
  ['Storage Queue Data Message Sender', `${QUEUES}/read`, false],
  ['Storage Queue Data Reader', `${QUEUES}/read`, true],
  ['Storage Queue Data Reader', `${QUEUES}/messages/process/action`, false],
  ['Storage Queue Data Contributor', `${QUEUES}/messages/process/action`, true],
  ['Storage Queue Data Contributor', `${QUEUES}/messages/add/action`, false],
  ['Key Vault Secrets Officer', 'microsoft.keyvault/vaults/secrets/setsecret/action', true],
  ['Key Vault Secrets Officer', 'Microsoft.KeyVault/vaults/keys/read', false],
  [
    'Cosmos DB Built-in Data Contributor',
    'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create',
    true,
  ],
  ['Cosmos DB Built-in Data Contributor', 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/write', false],
] as const)('%s and %s: %s', (role, permission, expected) => {
  expect(permits([role], permission)).toBe(expected);
});
