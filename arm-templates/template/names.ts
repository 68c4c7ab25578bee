/** Names of everything that one deployment makes. */
import { nameFault, type NamedType } from '../plan/naming-rules';
import type { SitePlan } from '../plan/site-plan';
import { parameter } from './arm';

/** Sets the names of one deployment apart from all others: 7 lower-case letters and digits. */
const SUFFIX = /^[a-z0-9]{7}$/;

/** The names, as the template gets them in its parameter `names`. */
export interface Names {
  [key: string]: string | string[];
  /** Begins the names of nested deployments. */
  prefix: string;
  machines: string[];
  availabilitySet: string;
  securityGroup: string;
  loadBalancer: string;
  publicAddress: string;
  identity: string;
  /** Followed by a number: the name of a vault that was deleted stays taken while its purge protection lasts. */
  vault: string;
  recordingsAccount: string;
  archiveAccount: string;
  sqlServer: string;
  dnsResolver: string;
  forwardingRuleset: string;
}

export const DATABASES = ['sessionrecording', 'sessionrecordinglogging'] as const;
export const ARCHIVE_SHARE = 'archived-recordings';

/** @param suffix of the deployment, 7 of a-z and 0-9; a new attempt takes a new one */
export function namesOf(plan: SitePlan, suffix: string): Names {
  if (!SUFFIX.test(suffix)) throw new RangeError(`a suffix has 7 of a-z and 0-9: ${suffix}`);
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

/** The name of a file share of the recordings account; numbers begin at 1. */
export const shareName = (number: number): string => `recordings${number}`;

/** Shares that the plan asks for. */
export function shareCount({ storage }: SitePlan): number {
  return storage.performance === 'standard' ? storage.shareCount : storage.shares.length;
}

/** In a template: a name of the parameter `names`. */
export const nameOf = (key: keyof Names & string): string => `${parameter('names')}.${key}`;
/** In a template: the machine of the loop's turn. */
export const machineName = `${parameter('names')}.machines[copyIndex()]`;
export const vaultName = `concat(${nameOf('vault')}, string(${parameter('vaultAttempt')}))`;

/** What Azure would refuse of these names; empty, or something is wrong in this file. */
export function nameFaults(names: Names): string[] {
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
  return types.flatMap(([type, value]) => [value].flat().flatMap((name) => nameFault(type, name) ?? []));
}
