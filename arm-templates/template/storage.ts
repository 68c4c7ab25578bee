/** Storage accounts: file shares for recordings, and an account of its own for what is archived. */
import type { SitePlan } from '../plan/site-plan';
import { concat, evaluated, type Json, parameter, quoted, type Resource, resourceId } from './arm';
import { ARCHIVE_SHARE, nameOf } from './names';
import { idOf, LOCATION, type Part, subnetIdOf, TAGS } from './part';

const FILE_SERVICE = 'Microsoft.Storage/storageAccounts/fileServices';
/** A share that was deleted by mistake can be had back for so long. */
const SHARE_RETENTION_DAYS = 14;

/** Only the machines' subnet reaches the account: through its service endpoint, or privately and then in no other way. */
function networkAccess({ network }: SitePlan): { [key: string]: Json } {
  return {
    networkAcls: {
      defaultAction: 'Deny',
      // The archive takes the databases' audit log, which Azure SQL writes as a trusted service.
      bypass: 'AzureServices',
      virtualNetworkRules: network.privateEndpoints
        ? []
        : [{ ...idOf(subnetIdOf('subnetName')), action: 'Allow' }],
    },
  };
}

function account(plan: SitePlan, name: string, kind: 'StorageV2' | 'FileStorage', sku: string): Resource {
  return {
    type: 'Microsoft.Storage/storageAccounts',
    name: evaluated(name),
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
    name: evaluated(concat(accountName, quoted('/default'))),
    dependsOn: [evaluated(resourceId('Microsoft.Storage/storageAccounts', accountName))],
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
  evaluated(resourceId(FILE_SERVICE, accountName, quoted('default'))),
];

function recordingShares({ storage }: SitePlan): Resource {
  const accountName = nameOf('recordingsAccount');
  const isStandard = storage.performance === 'standard';
  return {
    type: `${FILE_SERVICE}/shares`,
    name: evaluated(concat(accountName, quoted('/default/recordings'), 'copyIndex(1)')),
    copy: {
      name: 'shares',
      count: evaluated(isStandard ? parameter('shareCount') : `length(${parameter('shareSizesGib')})`),
    },
    dependsOn: afterFileService(accountName),
    properties: isStandard
      ? {
          enabledProtocols: 'SMB',
          accessTier: evaluated(parameter('shareTier')),
          shareQuota: evaluated(parameter('shareSizeGib')),
        }
      : { enabledProtocols: 'SMB', shareQuota: evaluated(`${parameter('shareSizesGib')}[copyIndex()]`) },
  };
}

function archiveShare(): Resource {
  const accountName = nameOf('archiveAccount');
  return {
    type: `${FILE_SERVICE}/shares`,
    name: evaluated(concat(accountName, quoted(`/default/${ARCHIVE_SHARE}`))),
    dependsOn: afterFileService(accountName),
    properties: { enabledProtocols: 'SMB', accessTier: 'Cool' },
  };
}

/** Both accounts with their shares. */
export function storagePart(plan: SitePlan): Part {
  const kind = plan.storage.performance === 'standard' ? 'StorageV2' : 'FileStorage';
  const [recordings, archive] = [nameOf('recordingsAccount'), nameOf('archiveAccount')];
  return {
    name: 'storage',
    after: [],
    resources: [
      account(plan, recordings, kind, evaluated(parameter('storageSku'))),
      fileService(recordings),
      recordingShares(plan),
      account(plan, archive, 'StorageV2', evaluated(parameter('archiveSku'))),
      fileService(archive),
      archiveShare(),
    ],
  };
}
