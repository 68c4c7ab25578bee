/** Plans whose packages are kept as golden files, so that a review shows every change of the generator's output. */
import type { SitePlan } from '../plan/site-plan';
import {
  ACTIVE_DIRECTORY,
  PARIS,
  planOf,
  type PlanInput,
  SHARED_RULESET,
  SHARED_ZONES,
  subnet,
  WORKSPACE,
} from './plans';

const SITES: Record<string, Partial<PlanInput>> = {
  'three-servers-public': {},
  'private-endpoints-domain': {
    network: {
      subnetId: subnet('recording'),
      subnetRange: '10.0.0.0/24',
      privateEndpoints: true,
      resolverSubnetId: subnet('resolver'),
    },
    loadBalancer: { type: 'internal', address: '10.0.0.250', allowedSources: '10.20.0.0/16' },
  },
  'private-endpoints-entra': {
    domain: { kind: 'entra' },
    serverVersion: '24.2.0.11',
    network: { subnetId: subnet('recording'), privateEndpoints: true },
    loadBalancer: { type: 'internal', address: '10.0.0.250' },
  },
  'second-site-in-zones': {
    domain: {
      ...ACTIVE_DIRECTORY,
      secondControllerAddress: '10.1.0.5',
      organizationalUnit: 'OU=Recording,DC=corp,DC=contoso,DC=example',
    },
    machines: { ...PARIS.machines, placement: 'zones' },
    network: {
      subnetId: subnet('recording'),
      privateEndpoints: true,
      privateDnsZones: { use: 'existing', ...SHARED_ZONES },
      forwardingRulesetId: SHARED_RULESET,
    },
    loadBalancer: { type: 'public', allowedSources: '203.0.113.0/24, 203.0.113.7, 198.51.100.0/24' },
    logAnalyticsWorkspaceId: WORKSPACE,
  },
  'premium-serverless': {
    storage: {
      performance: 'premium',
      redundancy: 'ZRS',
      shares: [{ provisionedGib: 5_120 }, { provisionedGib: 100 }],
    },
    databases: { ...PARIS.databases, compute: { tier: 'serverless', maxVcores: 1, autoPauseMinutes: 60 } },
  },
  'own-client-ipv6': {
    secureClient: { kind: 'existing', clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa' },
    loadBalancer: { type: 'public', allowedSources: '198.51.100.7, 2001:db8::/32' },
    tags: {},
  },
  'fifty-servers-quotes': {
    name: "L'Hôpital ‘$(x)’; Remove-Item #",
    description: '`"[concat()]',
    tags: { "it's": '$(whoami) é' },
    machines: {
      ...PARIS.machines,
      count: 50,
      image: 'windowsServer2025Datacenter',
      size: 'Standard_E8as_v5',
    },
    storage: { performance: 'standard', redundancy: 'GZRS', tier: 'cool', shareCount: 50 },
  },
};

/** Plans by the name of their folder in `arm-templates/golden/`. */
export function goldenPlans(): [string, SitePlan][] {
  return Object.entries(SITES).map(([name, change]) => [name, planOf(change)]);
}
