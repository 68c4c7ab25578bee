/** The key vault with the secrets of the machines. */
import type { SitePlan } from '../plan/site-plan';
import {
  API_VERSIONS,
  call,
  concat,
  expression,
  parameter,
  stringLiteral,
  type Resource,
  resourceId,
} from './arm';
import { nameExpression, vaultName } from './resource-names';
import { subResource, LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';

const VAULT = 'Microsoft.KeyVault/vaults';

/** Names of the secrets, which the machines' setup script and the set-up of the site read. */
export const SECRET_NAMES = {
  certificate: 'certificate',
  certificatePassword: 'certificate-password',
  clientSecret: 'secure-client-secret',
  enrolmentToken: 'enrolment-token',
  recordingsKey: 'recordings-storage-key',
  archiveKey: 'archive-storage-key',
} as const;

export const vaultId = resourceId(VAULT, vaultName);

function vault({ network }: SitePlan): Resource {
  return {
    type: VAULT,
    name: expression(vaultName),
    location: LOCATION,
    tags: TAGS,
    properties: {
      tenantId: expression('subscription().tenantId'),
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
      publicNetworkAccess: network.privateEndpoints ? 'Disabled' : 'Enabled',
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'AzureServices',
        virtualNetworkRules: network.privateEndpoints ? [] : [subResource(subnetIdOf('subnetName'))],
      },
    },
  };
}

function secret(name: string, value: string, contentType: string): Resource {
  return {
    type: `${VAULT}/secrets`,
    name: expression(concat(vaultName, stringLiteral(`/${name}`))),
    dependsOn: [expression(vaultId)],
    properties: { value: expression(value), contentType },
  };
}

function storageKey(account: 'recordingsAccount' | 'archiveAccount'): string {
  const id = resourceId('Microsoft.Storage/storageAccounts', nameExpression(account));
  return `${call('listKeys', id, stringLiteral(API_VERSIONS['Microsoft.Storage/storageAccounts']))}.keys[0].value`;
}

/** The vault with its secrets. Azure Resource Manager writes them regardless of the vault's network rules. */
export function keyVaultTemplate(plan: SitePlan): NestedTemplate {
  const client =
    plan.secureClient.kind === 'existing'
      ? secret(SECRET_NAMES.clientSecret, parameter('secureClientSecret'), 'text/plain')
      : secret(SECRET_NAMES.enrolmentToken, parameter('enrolmentToken'), 'text/plain');
  return {
    name: 'key-vault',
    dependsOn: ['storage'],
    resources: [
      vault(plan),
      secret(SECRET_NAMES.certificate, parameter('certificate'), 'application/x-pkcs12'),
      secret(SECRET_NAMES.certificatePassword, parameter('certificatePassword'), 'text/plain'),
      client,
      secret(SECRET_NAMES.recordingsKey, storageKey('recordingsAccount'), 'text/plain'),
      secret(SECRET_NAMES.archiveKey, storageKey('archiveAccount'), 'text/plain'),
    ],
  };
}
