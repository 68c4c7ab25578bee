/** For tests: a complete site plan, and variations of it. */
import type { z } from 'zod';
import { sitePlan, type SitePlan } from '../plan/site-plan';

export type PlanInput = z.input<typeof sitePlan>;

export const SUBSCRIPTION = '6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10';
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub`;

/** The id of a subnet of the network that all plans use. */
export const subnet = (name: string) => `${NETWORK}/subnets/${name}`;

const HUB = `/subscriptions/${SUBSCRIPTION}/resourceGroups/hub-rg/providers`;

/** What other sites and the hub have: zones, a forwarding ruleset, a workspace. */
export const SHARED_ZONES = {
  file: `${HUB}/Microsoft.Network/privateDnsZones/privatelink.file.core.windows.net`,
  sql: `${HUB}/Microsoft.Network/privateDnsZones/privatelink.database.windows.net`,
  vault: `${HUB}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net`,
};
export const SHARED_RULESET = `${HUB}/Microsoft.Network/dnsForwardingRulesets/hub-rules`;
export const WORKSPACE = `${HUB}/Microsoft.OperationalInsights/workspaces/hub-logs`;

export const ACTIVE_DIRECTORY = {
  kind: 'activeDirectory',
  name: 'corp.contoso.example',
  controllerAddress: '10.1.0.4',
  userName: 'CORP\\joiner',
} as const;

/** The example of the product documentation: three machines, six shares, two databases, a public load balancer. */
export const PARIS: PlanInput = {
  name: 'Paris',
  description: 'Recording for the branch in Paris',
  region: 'eastus',
  tags: { owner: 'security', 'cost centre': '42' },
  network: { subnetId: subnet('recording') },
  machines: {
    image: 'windowsServer2022DatacenterAzureEdition',
    size: 'Standard_D4s_v3',
    count: 3,
    administrator: { userName: 'recadmin' },
  },
  domain: ACTIVE_DIRECTORY,
  storage: { performance: 'standard', redundancy: 'LRS', tier: 'transactionOptimized', shareCount: 6 },
  databases: {
    compute: { tier: 'provisioned', vCores: 2 },
    maxSizeGib: 32,
    administrator: { userName: 'dbadmin1' },
  },
  loadBalancer: { type: 'public', allowedSources: '203.0.113.0/24, 2001:db8::/32' },
  secureClient: { kind: 'create' },
};

/** The validated plan with some fields changed. @throws ZodError when it is not valid */
export function planOf(change: Partial<PlanInput> = {}): SitePlan {
  return sitePlan.parse({ ...PARIS, ...change });
}
