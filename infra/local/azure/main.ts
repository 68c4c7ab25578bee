/**
 * Entry of the stand-ins process (`dist/local/azure.js`): reads its flags, prints `ready <login URL>`, ends on SIGTERM.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startAzure, type AzureOptions } from './azure';
import { azureRetryPolicy } from './event-grid/retry-policy';
import { type ServicePrincipal } from './login/token-issuer';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    'blob-port': { type: 'string' },
    'queue-port': { type: 'string' },
    'azurite-blob-port': { type: 'string' },
    'azurite-queue-port': { type: 'string' },
    'login-port': { type: 'string' },
    'key-vault-port': { type: 'string' },
    'event-grid-port': { type: 'string' },
    'email-port': { type: 'string' },
    'smtp-port': { type: 'string' },
    'resource-manager-port': { type: 'string' },
    cert: { type: 'string' },
    key: { type: 'string' },
    'service-principal': { type: 'string' },
    webhook: { type: 'string' },
    'first-retries-seconds': { type: 'string' },
    'max-attempts': { type: 'string' },
    'ttl-minutes': { type: 'string' },
    'blob-endpoint': { type: 'string' },
    'cosmos-url': { type: 'string' },
    'sender-domain': { type: 'string' },
    'memory-blobs': { type: 'boolean' },
  },
});

function required(name: Exclude<keyof typeof values, 'memory-blobs'>): string {
  const value = values[name];
  if (value === undefined) {
    throw new Error(`--${name} is missing.`);
  }
  return value;
}

function readOptions(): AzureOptions {
  return {
    dataDir: required('data'),
    ports: {
      blob: Number(required('blob-port')),
      queue: Number(required('queue-port')),
      azuriteBlob: Number(required('azurite-blob-port')),
      azuriteQueue: Number(required('azurite-queue-port')),
      login: Number(required('login-port')),
      keyVault: Number(required('key-vault-port')),
      eventGrid: Number(required('event-grid-port')),
      email: Number(required('email-port')),
      smtp: Number(required('smtp-port')),
      resourceManager: Number(required('resource-manager-port')),
    },
    tls: { cert: readFileSync(required('cert')), key: readFileSync(required('key')) },
    principal: JSON.parse(readFileSync(required('service-principal'), 'utf8')) as ServicePrincipal,
    webhook: required('webhook'),
    retryPolicy: {
      firstRetriesSeconds: (values['first-retries-seconds'] ?? '').split(',').filter(Boolean).map(Number),
      maxAttempts: Number(values['max-attempts'] ?? azureRetryPolicy.maxAttempts),
      timeToLiveMinutes: Number(values['ttl-minutes'] ?? azureRetryPolicy.timeToLiveMinutes),
    },
    blobEndpoint: values['blob-endpoint'],
    cosmosUrl: values['cosmos-url'],
    senderDomain: required('sender-domain'),
    memoryBlobs: values['memory-blobs'] ?? false,
  };
}

async function main(): Promise<void> {
  const azure = await startAzure(readOptions());
  process.once('SIGTERM', () => void azure.close().then(() => process.exit(0)));
  console.log(`ready ${azure.loginUrl}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
