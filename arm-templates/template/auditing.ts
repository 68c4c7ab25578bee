/**
 * The audit log of the databases. Azure refuses it until the server may write to the account, and a role takes up to ten
 * minutes until storage knows it: so it is deployed after the machines, which take longer than that as a rule. When that
 * was too soon, the scripts deploy once more.
 * https://learn.microsoft.com/azure/azure-sql/database/audit-write-storage-account-behind-vnet-firewall
 */
import { API_VERSIONS, call, concat, expression, resourceId, stringLiteral } from './arm';
import { nameExpression } from './resource-names';
import type { NestedTemplate } from './nested-template';

const RETENTION_DAYS = 90;

/** Writes the audit log to the account for archived recordings. */
export function auditingTemplate(): NestedTemplate {
  const storage = call(
    'reference',
    resourceId('Microsoft.Storage/storageAccounts', nameExpression('archiveAccount')),
    stringLiteral(API_VERSIONS['Microsoft.Storage/storageAccounts']),
  );
  return {
    name: 'auditing',
    dependsOn: ['databases', 'machines'],
    resources: [
      {
        type: 'Microsoft.Sql/servers/auditingSettings',
        name: expression(concat(nameExpression('sqlServer'), stringLiteral('/default'))),
        properties: {
          state: 'Enabled',
          isManagedIdentityInUse: true,
          storageEndpoint: expression(`${storage}.primaryEndpoints.blob`),
          retentionDays: RETENTION_DAYS,
        },
      },
    ],
  };
}
