/** A test matrix of plans: every combination of the options that change the template, and every pair of all options. */
import { IMAGES, type ImageName } from '../plan/catalogues';
import { sitePlan, type SitePlan } from '../plan/site-plan';
import {
  ACTIVE_DIRECTORY,
  PARIS,
  type PlanInput,
  SHARED_RULESET,
  SHARED_ZONES,
  subnet,
  WORKSPACE,
} from './plans';

/** Values of each option that changes the template; all combinations are tested. */
const STRUCTURE = {
  domain: ['activeDirectory', 'entra'],
  privateEndpoints: ['new zones', 'existing zones', 'no zones', 'no endpoints'],
  performance: ['standard', 'premium'],
  compute: ['provisioned', 'serverless'],
  access: ['public IPv4', 'public both', 'internal', 'internal restricted'],
  client: ['create', 'existing'],
} as const;

/** Values of the other options; all pairs are tested. */
const VALUES = {
  image: Object.keys(IMAGES) as ImageName[],
  redundancy: ['LRS', 'ZRS', 'GRS', 'GZRS'],
  tier: ['transactionOptimized', 'hot', 'cool'],
  count: ['1', '3', '50'],
  shares: ['1', '6', '50'],
  tags: ['none', 'some'],
  pause: ['never', '60'],
  placement: ['availabilitySet', 'zones'],
  licence: ['payAsYouGo', 'azureHybridBenefit'],
  controllers: ['one', 'two'],
  unit: ['default', 'named'],
  logs: ['none', 'workspace'],
} as const;

type Options = typeof STRUCTURE & typeof VALUES;
export type Choice = { [K in keyof Options]: Options[K][number] };

/** Every combination of the structural options, each with values of the others so that all pairs are covered. */
export function choices(): Choice[] {
  let rows: Partial<Choice>[] = [{}];
  for (const [name, values] of Object.entries(STRUCTURE))
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  const covered = new Set<string>();
  return rows.map((row, index) => {
    let best = row;
    for (const [name, values] of Object.entries(VALUES)) {
      const uncovered = (value: string) =>
        pairsOf({ ...best, [name]: value }).filter((pair) => !covered.has(pair)).length;
      // When all pairs are covered, the values rotate.
      const start = index % values.length;
      const rotated = [...values.slice(start), ...values.slice(0, start)];
      const ranked = rotated.sort((a, b) => uncovered(b) - uncovered(a));
      best = { ...best, [name]: ranked[0] };
    }
    pairsOf(best).forEach((pair) => covered.add(pair));
    return best as Choice;
  });
}

/** All pairs of `option=value` of a choice. */
export function pairsOf(choice: Partial<Choice>): string[] {
  const settings = Object.entries(choice).map(([name, value]) => `${name}=${value}`);
  return settings.flatMap((one, index) => settings.slice(index + 1).map((other) => `${one} & ${other}`));
}

/** All pairs of values of different options. */
export function allPairs(): string[] {
  const options = Object.entries({ ...STRUCTURE, ...VALUES });
  return options.flatMap(([name, values], index) =>
    options
      .slice(index + 1)
      .flatMap(([other, others]) =>
        values.flatMap((value) => others.map((second) => `${name}=${value} & ${other}=${second}`)),
      ),
  );
}

const CLIENT_ID = '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa';

/** The plan of a choice. */
export function planOfChoice(choice: Choice): SitePlan {
  const { image, count, tags, client, placement, logs } = choice;
  return sitePlan.parse({
    ...PARIS,
    tags: tags === 'some' ? { owner: 'security', 'cost centre': '42' } : {},
    network: networkOf(choice),
    machines: { ...PARIS.machines, image, count: Number(count), placement },
    domain: domainOf(choice),
    storage: storageOf(choice),
    databases: databasesOf(choice),
    loadBalancer: loadBalancerOf(choice),
    ...(logs === 'workspace' ? { logAnalyticsWorkspaceId: WORKSPACE } : {}),
    secureClient: client === 'create' ? { kind: 'create' } : { kind: 'existing', clientId: CLIENT_ID },
  } satisfies PlanInput);
}

function networkOf({ domain, privateEndpoints }: Choice): PlanInput['network'] {
  const subnetId = subnet('recording');
  const joins = domain === 'activeDirectory';
  switch (privateEndpoints) {
    case 'no endpoints':
      return { subnetId };
    case 'no zones':
      return { subnetId, privateEndpoints: true, privateDnsZones: { use: 'none' } };
    case 'existing zones':
      return {
        subnetId,
        privateEndpoints: true,
        privateDnsZones: { use: 'existing', ...SHARED_ZONES },
        ...(joins ? { forwardingRulesetId: SHARED_RULESET } : {}),
      };
    case 'new zones':
      return {
        subnetId,
        privateEndpoints: true,
        ...(joins ? { resolverSubnetId: subnet('resolver') } : {}),
      };
  }
}

function domainOf({ domain, controllers, unit }: Choice): PlanInput['domain'] {
  if (domain === 'entra') return { kind: 'entra' };
  return {
    ...ACTIVE_DIRECTORY,
    ...(controllers === 'two' ? { secondControllerAddress: '10.1.0.5' } : {}),
    ...(unit === 'named'
      ? { organizationalUnit: 'OU=Recording,OU=Servers,DC=corp,DC=contoso,DC=example' }
      : {}),
  };
}

function storageOf({ performance, redundancy, tier, shares }: Choice): PlanInput['storage'] {
  if (performance === 'standard') return { performance, redundancy, tier, shareCount: Number(shares) };
  return {
    performance,
    redundancy: redundancy === 'LRS' || redundancy === 'GRS' ? 'LRS' : 'ZRS',
    shares: Array.from({ length: Number(shares) }, (_, index) => ({ provisionedGib: 100 + index })),
  };
}

function databasesOf({ compute, pause, licence }: Choice): PlanInput['databases'] {
  const serverless = {
    tier: 'serverless',
    maxVcores: 2,
    autoPauseMinutes: pause === 'never' ? null : 60,
  } as const;
  return {
    ...PARIS.databases,
    compute: compute === 'serverless' ? serverless : { tier: 'provisioned', vCores: 4, licence },
  };
}

function loadBalancerOf({ access }: Choice): PlanInput['loadBalancer'] {
  const internal = { type: 'internal', address: '10.0.0.250' } as const;
  switch (access) {
    case 'public IPv4':
      return { type: 'public', allowedSources: '203.0.113.0/24' };
    case 'public both':
      return { type: 'public', allowedSources: '203.0.113.0/24, 198.51.100.7, 2001:db8::/32' };
    case 'internal':
      return internal;
    case 'internal restricted':
      return { ...internal, allowedSources: '10.20.0.0/16' };
  }
}
