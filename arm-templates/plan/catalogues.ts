/** The options of a site plan: regions, images, machine sizes, and database sizes. */

/**
 * Regions of the public cloud (`az account list-locations`, physical ones). Azure Government and Azure China are
 * clouds of their own, with other endpoints, and are not supported.
 */
export const REGIONS = [
  'australiacentral',
  'australiaeast',
  'australiasoutheast',
  'austriaeast',
  'brazilsouth',
  'canadacentral',
  'canadaeast',
  'centralindia',
  'centralus',
  'chilecentral',
  'eastasia',
  'eastus',
  'eastus2',
  'francecentral',
  'germanywestcentral',
  'indonesiacentral',
  'israelcentral',
  'italynorth',
  'japaneast',
  'japanwest',
  'koreacentral',
  'koreasouth',
  'malaysiawest',
  'mexicocentral',
  'newzealandnorth',
  'northcentralus',
  'northeurope',
  'norwayeast',
  'polandcentral',
  'qatarcentral',
  'southafricanorth',
  'southcentralus',
  'southeastasia',
  'southindia',
  'spaincentral',
  'swedencentral',
  'switzerlandnorth',
  'switzerlandwest',
  'uaenorth',
  'uksouth',
  'ukwest',
  'westcentralus',
  'westeurope',
  'westindia',
  'westus',
  'westus2',
  'westus3',
] as const;

/** Regions without availability zones: https://learn.microsoft.com/azure/reliability/regions-list */
const WITHOUT_ZONES: ReadonlySet<string> = new Set([
  'australiacentral',
  'australiasoutheast',
  'canadaeast',
  'koreasouth',
  'northcentralus',
  'southindia',
  'switzerlandwest',
  'ukwest',
  'westcentralus',
  'westindia',
  'westus',
]);

/** Regions without a second one to which storage could be replicated (same source). */
const WITHOUT_PAIR: ReadonlySet<string> = new Set([
  'austriaeast',
  'chilecentral',
  'indonesiacentral',
  'israelcentral',
  'italynorth',
  'malaysiawest',
  'mexicocentral',
  'newzealandnorth',
  'polandcentral',
  'qatarcentral',
  'spaincentral',
]);

/** https://learn.microsoft.com/azure/storage/common/redundancy-regions-gzrs */
const WITH_GZRS: ReadonlySet<string> = new Set([
  'southafricanorth',
  'australiaeast',
  'eastasia',
  'japaneast',
  'koreacentral',
  'southeastasia',
  'centralindia',
  'francecentral',
  'germanywestcentral',
  'northeurope',
  'norwayeast',
  'swedencentral',
  'switzerlandnorth',
  'uksouth',
  'westeurope',
  'uaenorth',
  'canadacentral',
  'centralus',
  'eastus',
  'eastus2',
  'southcentralus',
  'westus2',
  'westus3',
  'brazilsouth',
]);

export const hasZones = (region: string): boolean => !WITHOUT_ZONES.has(region);

/** Whether a region offers a redundancy of storage; true for one that is not known. */
export function offersRedundancy(region: string, redundancy: string): boolean {
  if (redundancy === 'ZRS') return hasZones(region);
  if (redundancy === 'GRS') return !WITHOUT_PAIR.has(region);
  return redundancy !== 'GZRS' || WITH_GZRS.has(region) || !(REGIONS as readonly string[]).includes(region);
}

/**
 * Private DNS zones of the private endpoints, in the public cloud:
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
export const PRIVATE_ZONES = {
  file: 'privatelink.file.core.windows.net',
  sql: 'privatelink.database.windows.net',
  vault: 'privatelink.vaultcore.azure.net',
} as const;

/** Whether a region belongs to Azure Government. */
export function isGovernmentRegion(name: string): boolean {
  return /^us ?(gov|dod|nat|sec)/i.test(name.trim());
}

/** Images by name: SKUs of publisher MicrosoftWindowsServer, offer WindowsServer, all of generation 2. */
export const IMAGES = {
  windowsServer2019Datacenter: { sku: '2019-datacenter-gensecond', label: 'Windows Server 2019 Datacenter' },
  windowsServer2022Datacenter: { sku: '2022-datacenter-g2', label: 'Windows Server 2022 Datacenter' },
  windowsServer2022DatacenterAzureEdition: {
    sku: '2022-datacenter-azure-edition',
    label: 'Windows Server 2022 Datacenter: Azure Edition',
  },
  windowsServer2025Datacenter: { sku: '2025-datacenter-g2', label: 'Windows Server 2025 Datacenter' },
  windowsServer2025DatacenterAzureEdition: {
    sku: '2025-datacenter-azure-edition',
    label: 'Windows Server 2025 Datacenter: Azure Edition',
  },
} as const satisfies Record<string, { sku: string; label: string }>;

export type ImageName = keyof typeof IMAGES;

/** A machine size. */
export interface MachineSize {
  vCpus: number;
  memoryGib: number;
}

function family(prefix: string, suffix: string, gibPerVcpu: number, vCpus: readonly number[]) {
  return vCpus.map((count): [string, MachineSize] => [
    `${prefix}${count}${suffix}`,
    { vCpus: count, memoryGib: count * gibPerVcpu },
  ]);
}

/**
 * Sizes with at least two cores that support premium disks, generation-2 images and trusted launch
 * (https://learn.microsoft.com/azure/virtual-machines/sizes/overview).
 */
export const MACHINE_SIZES: Readonly<Record<string, MachineSize>> = Object.fromEntries([
  ...family('Standard_D', 's_v3', 4, [2, 4, 8, 16, 32]),
  ...family('Standard_D', 'as_v4', 4, [2, 4, 8, 16, 32]),
  ...family('Standard_D', 's_v4', 4, [2, 4, 8, 16, 32]),
  ...family('Standard_D', 's_v5', 4, [2, 4, 8, 16, 32]),
  ...family('Standard_D', 'as_v5', 4, [2, 4, 8, 16, 32]),
  ...family('Standard_E', 's_v5', 8, [2, 4, 8, 16, 32]),
  ...family('Standard_E', 'as_v5', 8, [2, 4, 8, 16, 32]),
  ...family('Standard_F', 's_v2', 2, [2, 4, 8, 16, 32]),
]);

/**
 * Largest data size in GiB by number of vCores, General Purpose on standard-series (Gen5) hardware:
 * https://learn.microsoft.com/azure/azure-sql/database/resource-limits-vcore-single-databases
 */
export const PROVISIONED_VCORES: Readonly<Record<number, number>> = {
  2: 1024,
  4: 1024,
  6: 1536,
  8: 2048,
  10: 2048,
  12: 3072,
  14: 3072,
  16: 3072,
  18: 3072,
  20: 3072,
  24: 4096,
  32: 4096,
  40: 4096,
  80: 4096,
  128: 4096,
};

/** The same for the serverless compute tier. */
export const SERVERLESS_VCORES: Readonly<Record<number, number>> = {
  1: 512,
  2: 1024,
  4: 1024,
  6: 1536,
  8: 2048,
  10: 2048,
  12: 3072,
  14: 3072,
  16: 3072,
  18: 3072,
  20: 3072,
  24: 4096,
  32: 4096,
  40: 4096,
  80: 4096,
};

/** The minimum vCores of a serverless database while it is online (same source). */
export function minServerlessVcores(maxVcores: number): number {
  return Math.max(0.5, maxVcores / 8);
}

/** A standard file share without the large-share feature, which geo-redundant accounts lack: 5 TiB. */
export const STANDARD_SHARE_GIB = 5_120;
