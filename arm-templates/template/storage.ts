/** Storage accounts: one with the file shares for recordings, one for archived recordings. */
import type { SitePlan } from '../plan/site-plan';
import { concat, expression, type Json, parameter, stringLiteral, type Resource, resourceId } from './arm';
import { ARCHIVE_SHARE, nameExpression } from './resource-names';
import { subResource, LOCATION, type NestedTemplate, subnetIdOf, TAGS } from './nested-template';

const FILE_SERVICE = 'Microsoft.Storage/storageAccounts/fileServices';
/** Soft delete: how long a deleted share can be restored. */
const SHARE_RETENTION_DAYS = 14;

/** Only the machines' subnet has access: through its service endpoint, or through the private endpoint alone. */
function networkAccess({ network }: SitePlan): { [key: string]: Json } {
  return {
    networkAcls: {
      defaultAction: 'Deny',
      // Azure SQL writes its audit log to the archive account as a trusted service.
      bypass: 'AzureServices',
      virtualNetworkRules: network.privateEndpoints
        ? []
        : [{ ...subResource(subnetIdOf('subnetName')), action: 'Allow' }],
    },
  };
}

function account(plan: SitePlan, name: string, kind: 'StorageV2' | 'FileStorage', sku: string): Resource {
  return {
    type: 'Microsoft.Storage/storageAccounts',
    name: expression(name),
    location: LOCATION,
    tags: TAGS,
    sku: { name: sku },
    kind,
    properties: {
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      ...networkAccess(plan),
    },
  };
}

function fileService(accountName: string): Resource {
  return {
    type: FILE_SERVICE,
    name: expression(concat(accountName, stringLiteral('/default'))),
    dependsOn: [expression(resourceId('Microsoft.Storage/storageAccounts', accountName))],
    properties: {
      shareDeleteRetentionPolicy: { enabled: true, days: SHARE_RETENTION_DAYS },
      protocolSettings: {
        smb: {
          versions: 'SMB3.0;SMB3.1.1',
          authenticationMethods: 'NTLMv2;Kerberos',
          kerberosTicketEncryption: 'AES-256',
          channelEncryption: 'AES-128-GCM;AES-256-GCM',
        },
      },
    },
  };
}

const afterFileService = (accountName: string) => [
  expression(resourceId(FILE_SERVICE, accountName, stringLiteral('default'))),
];

function recordingShares({ storage }: SitePlan): Resource {
  const accountName = nameExpression('recordingsAccount');
  const isStandard = storage.performance === 'standard';
  return {
    type: `${FILE_SERVICE}/shares`,
    name: expression(concat(accountName, stringLiteral('/default/recordings'), 'copyIndex(1)')),
    copy: {
      name: 'shares',
      count: expression(isStandard ? parameter('shareCount') : `length(${parameter('shareSizesGib')})`),
    },
    dependsOn: afterFileService(accountName),
    properties: isStandard
      ? {
          enabledProtocols: 'SMB',
          accessTier: expression(parameter('shareTier')),
          shareQuota: expression(parameter('shareSizeGib')),
        }
      : { enabledProtocols: 'SMB', shareQuota: expression(`${parameter('shareSizesGib')}[copyIndex()]`) },
  };
}

function archiveShare(): Resource {
  const accountName = nameExpression('archiveAccount');
  return {
    type: `${FILE_SERVICE}/shares`,
    name: expression(concat(accountName, stringLiteral(`/default/${ARCHIVE_SHARE}`))),
    dependsOn: afterFileService(accountName),
    properties: { enabledProtocols: 'SMB', accessTier: 'Cool' },
  };
}

/** Both accounts with their shares. */
export function storageTemplate(plan: SitePlan): NestedTemplate {
  const kind = plan.storage.performance === 'standard' ? 'StorageV2' : 'FileStorage';
  const [recordings, archive] = [nameExpression('recordingsAccount'), nameExpression('archiveAccount')];
  return {
    name: 'storage',
    dependsOn: [],
    resources: [
      account(plan, recordings, kind, expression(parameter('storageSku'))),
      fileService(recordings),
      recordingShares(plan),
      account(plan, archive, 'StorageV2', expression(parameter('archiveSku'))),
      fileService(archive),
      archiveShare(),
    ],
  };
}
