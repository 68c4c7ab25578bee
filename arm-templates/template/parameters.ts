/** The parameters of the template: their declarations, their values for a plan, and the secret ones. */
import { parseAllowedSources } from '../plan/allowed-sources';
import { IMAGES, STANDARD_SHARE_GIB } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import { parseSubnetId } from '../plan/resource-ids';
import type { Json, ParameterDeclaration } from './arm';
import type { ResourceNames } from './resource-names';

const text = (description: string): ParameterDeclaration => ({ type: 'string', metadata: { description } });
const integer = (description: string): ParameterDeclaration => ({ type: 'int', metadata: { description } });
const array = (description: string): ParameterDeclaration => ({ type: 'array', metadata: { description } });
const secret = (description: string): ParameterDeclaration => ({
  type: 'securestring',
  metadata: { description },
});

/** Every parameter that a template may have. */
export const DECLARATIONS = {
  siteId: text('Id of the site at the Session Recording service'),
  planFingerprint: text('Tells this plan of the site from others'),
  customerId: text('Id of the customer at the Session Recording service'),
  serviceUrl: text('Address of the Session Recording service'),
  cloudClientPackageUrl: text('Where machines get the installer of the cloud client'),
  cloudClientPackageSha256: text(
    'SHA-256 of that installer; machines require a valid signature where there is none',
  ),
  location: text('Region of all resources'),
  tags: { type: 'object', metadata: { description: 'Tags of all resources that take them' } },
  names: { type: 'object', metadata: { description: 'Names of the resources' } },
  vaultAttempt: {
    type: 'int',
    metadata: { description: "Ends the vault's name: the name of a deleted vault stays taken for 90 days" },
    defaultValue: 1,
  },
  setupRun: {
    type: 'string',
    metadata: { description: 'Ends the names of run commands, which run once under a name' },
    defaultValue: "[utcNow('yyyyMMddHHmmss')]",
  },
  networkResourceGroupName: text('Resource group of the virtual network'),
  virtualNetworkName: text('Name of the virtual network'),
  subnetName: text('Name of the subnet of the machines'),
  resolverSubnetName: text('Name of the dedicated subnet of the DNS private resolver'),
  allowedIpv4Ranges: array('IPv4 ranges that may use the load balancer'),
  allowedIpv6Ranges: array('IPv6 ranges that may use the load balancer'),
  loadBalancerAddress: text('Address of the internal load balancer'),
  machineCount: integer('Number of machines'),
  machineSize: text('Size of the machines'),
  imageSku: text('SKU of the Windows Server image'),
  vmAdminUserName: text('Administrator of the machines'),
  vmAdminPassword: secret('Password of the administrator of the machines'),
  domainName: text('Active Directory domain that the machines join'),
  domainControllerAddresses: array('Addresses of domain controllers that serve DNS'),
  organizationalUnit: text('Organizational unit of the accounts of the machines'),
  domainUserName: text('Who joins the machines to the domain'),
  domainPassword: secret('Password of who joins the machines to the domain'),
  certificate: secret('Certificate of the machines: a .pfx file in base64'),
  certificatePassword: secret('Password of the .pfx file'),
  storageSku: text('Redundancy of the account for recordings'),
  archiveSku: text('Redundancy of the account for archived recordings'),
  shareCount: integer('Number of file shares'),
  shareSizeGib: integer('Size of each file share in GiB'),
  shareTier: text('Tier of the file shares'),
  shareSizesGib: array('Provisioned size of each file share in GiB'),
  databaseVcores: integer('vCores of each database'),
  databaseMaxSizeGib: integer('Largest size of each database in GiB'),
  databaseAutoPauseMinutes: integer('Minutes without use after which a database pauses; -1 for never'),
  sqlAdminUserName: text('Administrator of the database server'),
  sqlAdminPassword: secret('Password of the administrator of the database server'),
  secureClientId: text('Id of the secure client with which the machines sign in'),
  secureClientSecret: secret('Secret of that secure client'),
  enrolmentToken: secret('Token with which each machine gets a secure client of its own, once'),
  privateZoneIds: { type: 'object', metadata: { description: 'Ids of the private DNS zones to use' } },
  logAnalyticsWorkspaceId: text('Workspace that receives the logs of key vault, databases and file shares'),
} as const satisfies Record<string, ParameterDeclaration>;

export type ParameterName = keyof typeof DECLARATIONS;

/** Input of the template beside the plan. */
export interface TemplateContext {
  siteId: string;
  customerId: string;
  serviceUrl: string;
  cloudClientPackageUrl: string;
  cloudClientPackageSha256?: string | undefined;
  /** 7 characters of a-z and 0-9 that make the names of this site's resources unique. */
  suffix: string;
  /** A hash that identifies this plan of the site; part of resourceInfo.json. */
  planFingerprint: string;
}

const TIERS = { transactionOptimized: 'TransactionOptimized', hot: 'Hot', cool: 'Cool' } as const;

/** The values of all parameters that are not secret. */
export function parameterValues(
  plan: SitePlan,
  context: TemplateContext,
  names: ResourceNames,
): Partial<Record<ParameterName, Json>> {
  const { siteId, customerId, serviceUrl, cloudClientPackageUrl, planFingerprint } = context;
  const { cloudClientPackageSha256: sha256 } = context;
  const subnet = parseSubnetId(plan.network.subnetId);
  const resolver = parseSubnetId(plan.network.resolverSubnetId ?? '');
  const { ipv4, ipv6 } = parseAllowedSources(plan.loadBalancer.allowedSources);
  const { machines, loadBalancer, secureClient, network } = plan;
  return {
    siteId,
    customerId,
    serviceUrl,
    cloudClientPackageUrl,
    ...(sha256 === undefined ? {} : { cloudClientPackageSha256: sha256 }),
    planFingerprint,
    location: plan.region,
    tags: plan.tags,
    names,
    networkResourceGroupName: subnet?.resourceGroupName ?? '',
    virtualNetworkName: subnet?.virtualNetworkName ?? '',
    subnetName: subnet?.subnetName ?? '',
    ...(resolver ? { resolverSubnetName: resolver.subnetName } : {}),
    allowedIpv4Ranges: ipv4,
    allowedIpv6Ranges: ipv6,
    ...(loadBalancer.type === 'internal' ? { loadBalancerAddress: loadBalancer.address } : {}),
    machineCount: machines.count,
    machineSize: machines.size,
    imageSku: IMAGES[machines.image].sku,
    vmAdminUserName: machines.administrator.userName,
    ...domainValues(plan),
    ...storageValues(plan),
    ...databaseValues(plan),
    ...(secureClient.kind === 'existing' ? { secureClientId: secureClient.clientId } : {}),
    ...(network.privateDnsZones.use === 'existing'
      ? { privateZoneIds: zoneIds(network.privateDnsZones) }
      : {}),
    ...(plan.logAnalyticsWorkspaceId === undefined
      ? {}
      : { logAnalyticsWorkspaceId: plan.logAnalyticsWorkspaceId }),
  };
}

const zoneIds = ({ file, sql, vault }: { file: string; sql: string; vault: string }) => ({
  file,
  sql,
  vault,
});

function domainValues({ domain }: SitePlan): Partial<Record<ParameterName, Json>> {
  if (domain.kind !== 'activeDirectory') return {};
  const { name, controllerAddress, secondControllerAddress, organizationalUnit, userName } = domain;
  return {
    domainName: name,
    domainControllerAddresses: [controllerAddress, secondControllerAddress ?? []].flat(),
    ...(organizationalUnit === undefined ? {} : { organizationalUnit }),
    domainUserName: qualifiedUserName(userName, name),
  };
}

/** The domain-join extension needs a user name with its domain. */
function qualifiedUserName(userName: string, domainName: string): string {
  return /[\\@]/.test(userName) ? userName : `${domainName}\\${userName}`;
}

function storageValues({ storage }: SitePlan): Partial<Record<ParameterName, Json>> {
  if (storage.performance === 'premium')
    return {
      storageSku: `Premium_${storage.redundancy}`,
      archiveSku: `Standard_${storage.redundancy}`,
      shareSizesGib: storage.shares.map(({ provisionedGib }) => provisionedGib),
    };
  const sku = `Standard_${storage.redundancy}`;
  return {
    storageSku: sku,
    archiveSku: sku,
    shareCount: storage.shareCount,
    shareSizeGib: STANDARD_SHARE_GIB,
    shareTier: TIERS[storage.tier],
  };
}

function databaseValues({ databases }: SitePlan): Partial<Record<ParameterName, Json>> {
  const { compute, maxSizeGib, administrator } = databases;
  return {
    databaseVcores: compute.tier === 'provisioned' ? compute.vCores : compute.maxVcores,
    databaseMaxSizeGib: maxSizeGib,
    ...(compute.tier === 'serverless' ? { databaseAutoPauseMinutes: compute.autoPauseMinutes ?? -1 } : {}),
    sqlAdminUserName: administrator.userName,
  };
}

/** The secret parameters of a plan's template, in the order in which the scripts prompt for them. */
export function secretParameters({ domain, secureClient }: SitePlan): ParameterName[] {
  return [
    ...(domain.kind === 'activeDirectory' ? (['domainPassword'] as const) : []),
    'vmAdminPassword',
    'sqlAdminPassword',
    'certificate',
    'certificatePassword',
    secureClient.kind === 'existing' ? 'secureClientSecret' : 'enrolmentToken',
  ];
}
