/** The environment that makes the app use the stand-ins: exactly the variables that a deployment sets in Azure. */
import { identitiesOf } from '../access/identities';
import { identityHeaderOf } from '../azure/login/managed-identity';
import { apiAudience, type ServicePrincipal } from '../azure/login/token-issuer';
import { STAND_IN_PACKAGE_SHA256 } from '../azure/cloud-client-package';
import { type StackPorts } from './ports';

/** The domain that the local Communication Services resource may send from. */
export const senderDomain = 'session-recording.example';

/** For tests and measurements that send as much as they can. */
export const withoutRequestLimits: Readonly<Record<string, string>> = {
  REFUSAL_DELAY_MS: '0',
  ...Object.fromEntries(
    [
      'ADMIN_REQUESTS_PER_MINUTE',
      'CUSTOMER_REQUESTS_PER_MINUTE',
      'SERVER_REQUESTS_PER_MINUTE',
      'CUSTOMER_SERVER_REQUESTS_PER_MINUTE',
      'SERVER_EVENTS_PER_MINUTE',
      'CUSTOMER_EVENTS_PER_MINUTE',
      'CUSTOMER_CONCURRENT_REQUESTS',
      'CUSTOMER_MATCHING_MS_PER_MINUTE',
      'CUSTOMER_POLICY_MS_PER_MINUTE',
    ].map((name) => [name, '1000000000']),
  ),
};

/** `caFile` is trusted by the app's process from its start. */
export function appEnvironment(
  ports: StackPorts,
  principal: ServicePrincipal,
  caFile: string,
): Record<string, string> {
  const at = (port: number): string => `https://127.0.0.1:${port}`;
  const blobs = `${at(ports.blob)}/devstoreaccount1`;
  const queues = `${at(ports.queue)}/devstoreaccount1`;
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    WEBSITE_HOSTNAME: `127.0.0.1:${ports.host}`,
    PUBLIC_URL: `http://127.0.0.1:${ports.host}`,
    ADMIN_ISSUER: `${at(ports.login)}/{tenantid}/v2.0`,
    ADMIN_AUDIENCE: apiAudience,
    ADMIN_JWKS_URL: `${at(ports.login)}/common/discovery/v2.0/keys`,
    ADMIN_TENANTS: '*',
    AZURE_TENANT_ID: principal.tenantId,
    AZURE_CLIENT_ID: principal.clientId,
    AZURE_CLIENT_SECRET: principal.clientSecret,
    AZURE_AUTHORITY_HOST: at(ports.login),
    AZURE_DISABLE_INSTANCE_DISCOVERY: 'true',
    COSMOS_ENDPOINT: at(ports.cosmos),
    COSMOS_DATABASE: 'session-recording',
    STORAGE_BLOB_ENDPOINT: blobs,
    STORAGE_QUEUE_ENDPOINT: queues,
    // The host's own identity is a managed one, whose tokens come from where the platform would serve them.
    AzureWebJobsStorage__blobServiceUri: blobs,
    AzureWebJobsStorage__queueServiceUri: queues,
    AzureWebJobsStorage__tableServiceUri: `${at(ports.table)}/devstoreaccount1`,
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId: identitiesOf(principal).functionsHost.clientId,
    IDENTITY_ENDPOINT: `${at(ports.login)}/msi/token`,
    IDENTITY_HEADER: identityHeaderOf(principal),
    KEY_VAULT_URL: at(ports.keyVault),
    KEY_VAULT_DISABLE_CHALLENGE_VERIFICATION: 'true',
    EVENT_GRID_TOPIC_ENDPOINT: `${at(ports.eventGrid)}/api/events`,
    // Estimates use the prices that come with the service: nothing here reaches the Internet.
    RETAIL_PRICES_URL: '',
    RESOURCE_MANAGER_URL: at(ports.resourceManager),
    CLOUD_CLIENT_PACKAGE_URL: `http://127.0.0.1:${ports.host}/local/packages/SRCloudClientService.msi`,
    CLOUD_CLIENT_PACKAGE_SHA256: STAND_IN_PACKAGE_SHA256,
    SMTP_ALLOWED_PORTS: `465,587,${ports.smtp}`,
    SMTP_ALLOW_PRIVATE_HOSTS: 'true',
  };
}
