/** Names of the resources of a deployment. */
import { nameError, type NamedType } from '../plan/naming-rules';
import type { SitePlan } from '../plan/site-plan';
import { parameter } from './arm';

/** Makes the names of a deployment unique: 7 lower-case letters and digits. */
const SUFFIX = /^[a-z0-9]{7}$/;

/** The value of the template's parameter `names`. */
export interface ResourceNames {
  [key: string]: string | string[];
  /** Prefix of the names of nested deployments. */
  prefix: string;
  machines: string[];
  availabilitySet: string;
  securityGroup: string;
  loadBalancer: string;
  publicAddress: string;
  identity: string;
  /** Followed by a number, since the name of a deleted vault is reserved until its purge protection ends. */
  vault: string;
  recordingsAccount: string;
  archiveAccount: string;
  sqlServer: string;
  dnsResolver: string;
  forwardingRuleset: string;
}

export const DATABASES = ['sessionrecording', 'sessionrecordinglogging'] as const;
export const ARCHIVE_SHARE = 'archived-recordings';

/**
 * The names of all resources of a plan.
 * @param suffix of the deployment, 7 of a-z and 0-9
 * @throws RangeError for any other suffix
 */
export function resourceNames(plan: SitePlan, suffix: string): ResourceNames {
  if (!SUFFIX.test(suffix)) throw new RangeError(`a suffix has 7 characters of a-z and 0-9: ${suffix}`);
  const prefix = `sr-${suffix}`;
  return {
    prefix,
    machines: Array.from({ length: plan.machines.count }, (_, index) => `${prefix}-${index}`),
    availabilitySet: `${prefix}-as`,
    securityGroup: `${prefix}-nsg`,
    loadBalancer: `${prefix}-lb`,
    publicAddress: `${prefix}-lb-ip`,
    identity: `${prefix}-id`,
    vault: `${prefix}-kv`,
    recordingsAccount: `sr${suffix}rec`,
    archiveAccount: `sr${suffix}arc`,
    sqlServer: `${prefix}-sql`,
    dnsResolver: `${prefix}-dns`,
    forwardingRuleset: `${prefix}-dns-rules`,
  };
}

/** The name of a file share of the recordings account; numbers start at 1. */
export const shareName = (number: number): string => `recordings${number}`;

/** The number of file shares of a plan. */
export function shareCount({ storage }: SitePlan): number {
  return storage.performance === 'standard' ? storage.shareCount : storage.shares.length;
}

/** The expression of a name in the parameter `names`. */
export const nameExpression = (key: keyof ResourceNames & string): string => `${parameter('names')}.${key}`;
/** The expression of the machine's name in a copy loop over the machines. */
export const machineName = `${parameter('names')}.machines[copyIndex()]`;
export const vaultName = `concat(${nameExpression('vault')}, string(${parameter('vaultAttempt')}))`;

/** Violations of Azure's naming rules; always empty for generated names. */
export function nameErrors(names: ResourceNames): string[] {
  const types: [NamedType, string | string[]][] = [
    ['Microsoft.Compute/virtualMachines', names.machines],
    ['Microsoft.Compute/availabilitySets', names.availabilitySet],
    ['Microsoft.Network/networkInterfaces', names.machines.map((name) => `${name}-nic`)],
    ['Microsoft.Network/networkSecurityGroups', names.securityGroup],
    ['Microsoft.Network/loadBalancers', names.loadBalancer],
    ['Microsoft.Network/publicIPAddresses', names.publicAddress],
    ['Microsoft.Network/privateEndpoints', `${names.recordingsAccount}-pe`],
    ['Microsoft.Network/privateEndpoints', `${names.vault}-pe`],
    ['Microsoft.Network/dnsResolvers', names.dnsResolver],
    ['Microsoft.Network/dnsForwardingRulesets', names.forwardingRuleset],
    ['Microsoft.ManagedIdentity/userAssignedIdentities', names.identity],
    ['Microsoft.Storage/storageAccounts', [names.recordingsAccount, names.archiveAccount]],
    ['Microsoft.Storage/storageAccounts/fileServices/shares', [shareName(50), ARCHIVE_SHARE]],
    ['Microsoft.Sql/servers', names.sqlServer],
    ['Microsoft.Sql/servers/databases', [...DATABASES]],
    ['Microsoft.KeyVault/vaults', `${names.vault}99`],
    ['Microsoft.Resources/deployments', `${names.prefix}-private-endpoints`],
  ];
  return types.flatMap(([type, value]) => [value].flat().flatMap((name) => nameError(type, name) ?? []));
}
