/** Resource ids of Azure that a plan names: subnets, and what is shared between sites. */
import { text } from './fields';

/** The parts of a subnet's resource id. */
export interface Subnet {
  subscriptionId: string;
  resourceGroupName: string;
  virtualNetworkName: string;
  subnetName: string;
}

const NAME = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?`;
const GROUP = String.raw`[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]`;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const MAX_CHARACTERS = 400;

/** `path` is what follows `/providers/`, as a regular expression. */
const idPattern = (path: string) =>
  new RegExp(`^/subscriptions/(${UUID})/resourceGroups/(${GROUP})/providers/${path}$`, 'iu');

const SUBNET_ID = idPattern(`Microsoft\\.Network/virtualNetworks/(${NAME})/subnets/(${NAME})`);

/** The parts of a subnet's resource id, or undefined for any other text. */
export function parseSubnetId(id: string): Subnet | undefined {
  const [, subscriptionId, resourceGroupName, virtualNetworkName, subnetName] = SUBNET_ID.exec(id) ?? [];
  if (!subscriptionId || !resourceGroupName || !virtualNetworkName || !subnetName) return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroupName, virtualNetworkName, subnetName };
}

const resourceIdOf = (what: string, path: string, shown: string) => {
  const pattern = idPattern(path);
  return text(`the resource id of ${what}`, MAX_CHARACTERS)
    .trim()
    .refine(
      (id) => pattern.test(id),
      `Give the resource id of ${what}: /subscriptions/…/resourceGroups/…/providers/${shown}`,
    );
};

/** A subnet's resource id, as the portal shows it. */
export const subnetId = resourceIdOf(
  'a subnet',
  `Microsoft\\.Network/virtualNetworks/(${NAME})/subnets/(${NAME})`,
  'Microsoft.Network/virtualNetworks/…/subnets/…',
);

/** A private DNS zone with a name that private endpoints need. */
export const privateZoneId = (zone: string) =>
  resourceIdOf(
    `the private DNS zone ${zone}`,
    `Microsoft\\.Network/privateDnsZones/${zone.replaceAll('.', String.raw`\.`)}`,
    `Microsoft.Network/privateDnsZones/${zone}`,
  );

/** A DNS forwarding ruleset. */
export const forwardingRulesetId = resourceIdOf(
  'a DNS forwarding ruleset',
  `Microsoft\\.Network/dnsForwardingRulesets/${NAME}`,
  'Microsoft.Network/dnsForwardingRulesets/…',
);

/** A Log Analytics workspace. */
export const workspaceId = resourceIdOf(
  'a Log Analytics workspace',
  `Microsoft\\.OperationalInsights/workspaces/${NAME}`,
  'Microsoft.OperationalInsights/workspaces/…',
);
