/**
 * Which identity of this backend has which role where: what a deployment assigns, and what the local stand-ins enforce. A
 * test compares it with what is called (tests/security/role-assignments.test.ts): nothing is missing, nothing is left over.
 */
import type { RoleName } from './built-in-roles';

/**
 * `app`: of our code (`AZURE_CLIENT_ID`). `functionsHost`: of the platform that runs it (`AzureWebJobsStorage__clientId`,
 * Application Insights). `eventGridTopic`: the topic's own, which writes dead letters.
 */
export const DEPLOYED_IDENTITIES = ['app', 'functionsHost', 'eventGridTopic'] as const;
export type DeployedIdentity = (typeof DEPLOYED_IDENTITIES)[number];

export interface RoleAssignment {
  readonly role: RoleName;
  readonly scope:
    | 'storageAccount'
    | 'cosmosAccount'
    | 'keyVault'
    | 'eventGridTopic'
    | 'applicationInsights'
    | 'deadLetters';
}

export const ROLE_ASSIGNMENTS: Readonly<Record<DeployedIdentity, readonly RoleAssignment[]>> = {
  app: [
    // On the account: a user delegation key, which signs the URLs of recordings, is asked for there.
    { role: 'Storage Blob Data Contributor', scope: 'storageAccount' },
    { role: 'Storage Queue Data Message Sender', scope: 'storageAccount' },
    // For the health operation, which asks for the metadata of a queue.
    { role: 'Storage Queue Data Reader', scope: 'storageAccount' },
    { role: 'Cosmos DB Built-in Data Contributor', scope: 'cosmosAccount' },
    { role: 'Key Vault Secrets Officer', scope: 'keyVault' },
    { role: 'EventGrid Data Sender', scope: 'eventGridTopic' },
  ],
  // Source: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity;
  // queues and tables for Durable Functions, whose task hub lies in the same account.
  functionsHost: [
    { role: 'Storage Blob Data Owner', scope: 'storageAccount' },
    { role: 'Storage Queue Data Contributor', scope: 'storageAccount' },
    { role: 'Storage Table Data Contributor', scope: 'storageAccount' },
    { role: 'Monitoring Metrics Publisher', scope: 'applicationInsights' },
  ],
  eventGridTopic: [{ role: 'Storage Blob Data Contributor', scope: 'deadLetters' }],
};

/** The names of an identity's roles. */
export function rolesOf(identity: DeployedIdentity): RoleName[] {
  return ROLE_ASSIGNMENTS[identity].map(({ role }) => role);
}
