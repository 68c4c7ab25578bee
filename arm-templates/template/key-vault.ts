/** The vault: what the machines need to know and nobody else. */
import type { SitePlan } from '../plan/site-plan';
import { API_VERSIONS, call, concat, evaluated, parameter, quoted, type Resource, resourceId } from './arm';
import { nameOf, vaultName } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS } from './part';

const VAULT = 'Microsoft.KeyVault/vaults';

/** The secrets' names, which the machines' setup script and the set-up of the site ask for. */
export const SECRETS = {
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
    name: evaluated(vaultName),
    location: LOCATION,
    tags: TAGS,
    properties: {
      tenantId: evaluated('subscription().tenantId'),
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
      publicNetworkAccess: network.privateEndpoints ? 'Disabled' : 'Enabled',
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'AzureServices',
        virtualNetworkRules: network.privateEndpoints ? [] : [idOf(subnetIdOf('subnetName'))],
      },
    },
  };
}

function secret(name: string, value: string, contentType: string): Resource {
  return {
    type: `${VAULT}/secrets`,
    name: evaluated(concat(vaultName, quoted(`/${name}`))),
    dependsOn: [evaluated(vaultId)],
    properties: { value: evaluated(value), contentType },
  };
}

function storageKey(account: 'recordingsAccount' | 'archiveAccount'): string {
  const id = resourceId('Microsoft.Storage/storageAccounts', nameOf(account));
  return `${call('listKeys', id, quoted(API_VERSIONS['Microsoft.Storage/storageAccounts']))}.keys[0].value`;
}

/** The vault with its secrets. They are written by the resource manager, whatever the vault's network rules are. */
export function keyVaultPart(plan: SitePlan): Part {
  const client =
    plan.secureClient.kind === 'existing'
      ? secret(SECRETS.clientSecret, parameter('secureClientSecret'), 'text/plain')
      : secret(SECRETS.enrolmentToken, parameter('enrolmentToken'), 'text/plain');
  return {
    name: 'key-vault',
    after: ['storage'],
    resources: [
      vault(plan),
      secret(SECRETS.certificate, parameter('certificate'), 'application/x-pkcs12'),
      secret(SECRETS.certificatePassword, parameter('certificatePassword'), 'text/plain'),
      client,
      secret(SECRETS.recordingsKey, storageKey('recordingsAccount'), 'text/plain'),
      secret(SECRETS.archiveKey, storageKey('archiveAccount'), 'text/plain'),
    ],
  };
}
