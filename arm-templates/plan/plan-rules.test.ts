/** Rules of Azure that a plan keeps before anything is deployed, and what it warns of. */
import {
  ACTIVE_DIRECTORY,
  PARIS,
  planOf,
  type PlanInput,
  SHARED_RULESET,
  SHARED_ZONES,
  subnet,
} from '../testing/plans';
import { planWarnings } from './plan-warnings';
import { sitePlan } from './site-plan';

/** Errors as `pointer: message` lines. */
function errorsOf(change: Record<string, unknown>): string[] {
  const result = sitePlan.safeParse({ ...PARIS, ...change });
  return (result.error?.issues ?? []).map(({ path, message }) => `/${path.join('/')}: ${message}`);
}

const matching = (pattern: string) => [expect.stringMatching(pattern) as string];

describe('the tags of a plan', () => {
  it('PLAN-1: have at most 2,048 characters together, since virtual machines take no more', () => {
    const tags = (count: number, length: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`t${n}`.padEnd(128, '-'), 'x'.repeat(length)]),
      );
    expect(errorsOf({ tags: tags(8, 128) })).toEqual([]);
    expect(errorsOf({ tags: tags(8, 129) })).toEqual(matching('^/tags: .*2,048.*these have 2,056'));
    expect(errorsOf({ tags: tags(50, 256) })).toEqual(matching('^/tags: .*2,048'));
  });
});

describe('the redundancy of storage', () => {
  const storage = (region: string, redundancy: string) =>
    errorsOf({ region, storage: { performance: 'standard', redundancy, shareCount: 1 } });
  it.each([
    ['westus', 'GZRS', false],
    ['westus', 'ZRS', false],
    ['westus', 'GRS', true],
    ['westeurope', 'GZRS', true],
    ['italynorth', 'ZRS', true],
    ['italynorth', 'GRS', false],
    ['italynorth', 'GZRS', false],
    ['northcentralus', 'LRS', true],
  ])('PLAN-1: in %s can be %s: %s', (region, redundancy, isOffered) => {
    expect(storage(region, redundancy)).toEqual(
      isOffered ? [] : matching('^/storage/redundancy: The region does not offer'),
    );
  });
  it('is not complained of where the region is unknown', () => {
    expect(storage('atlantis', 'GZRS')).toEqual(matching('^/region: '));
  });
  it('PLAN-1: zones for machines need a region that has them', () => {
    const machines = { ...PARIS.machines, placement: 'zones' };
    expect(errorsOf({ machines, region: 'westus' })).toEqual(matching('^/machines/placement: '));
    expect(errorsOf({ machines, region: 'eastus' })).toEqual([]);
  });
});

describe('the sources of a load balancer', () => {
  const sources = (allowedSources: string, more: object = { type: 'public' }) => ({
    loadBalancer: { allowedSources, ...more } as PlanInput['loadBalancer'],
  });
  const internal = { type: 'internal', address: '10.0.0.9' };
  it('PLAN-1: are not IPv6 alone, since its address is IPv4', () => {
    expect(errorsOf(sources('2001:db8::/32'))).toEqual(matching('^/loadBalancer/allowedSources: .*IPv6'));
    expect(errorsOf(sources('2001:db8::/32', internal))).toEqual(matching('IPv6'));
    expect(errorsOf(sources('2001:db8::/32, 203.0.113.0/24'))).toEqual([]);
  });
  it.each([
    ['0.0.0.0/0', /nearly everybody/],
    ['0.0.0.0/1, 128.0.0.0/1', /0\.0\.0\.0\/1, 128\.0\.0\.0\/1: nearly everybody/],
    ['203.0.113.0/24, ::/0', /::\/0: nearly everybody/],
    ['10.20.0.0/16, 203.0.113.0/24', /^10\.20\.0\.0\/16: private/],
    ['192.168.1.7', /^192\.168\.1\.7\/32: private/],
    ['203.0.113.0/24, 224.0.0.0/4', /^224\.0\.0\.0\/4: nobody/],
    ['127.0.0.1, 198.18.0.0/16', /^127\.0\.0\.1\/32, 198\.18\.0\.0\/16: nobody/],
    ['203.0.113.0/24, 2001:db8::/32', /^2001:db8::\/32: .*IPv4 address only/],
  ])('PLAN-1: %s is warned of', (allowedSources, message) => {
    const details = planWarnings(planOf(sources(allowedSources))).map(({ pointer, detail }) => {
      expect(pointer).toBe('/loadBalancer/allowedSources');
      return detail;
    });
    expect(details).toContainEqual(expect.stringMatching(message));
  });
  it('are not warned of when they are public addresses of a public one, or private ones of an internal one', () => {
    expect(planWarnings(planOf(sources('203.0.113.0/24, 198.51.100.7')))).toEqual([]);
    const plan = planOf({
      ...sources('10.0.0.0/8', internal),
      network: { ...PARIS.network, subnetRange: '10.0.0.0/24' },
    });
    expect(planWarnings(plan)).toEqual([]);
  });
});

describe('the address of an internal load balancer', () => {
  const address = (value: string, subnetRange?: string) => ({
    network: { ...PARIS.network, ...(subnetRange === undefined ? {} : { subnetRange }) },
    loadBalancer: { type: 'internal', address: value } as const,
  });
  it.each([
    ['10.0.1.9', 'outside the range'],
    ['10.0.0.0', 'keeps the first four'],
    ['10.0.0.3', 'keeps the first four'],
    ['10.0.0.255', 'keeps the first four'],
  ])('PLAN-1: is not %s in 10.0.0.0/24', (value, message) => {
    expect(errorsOf(address(value, '10.0.0.0/24'))).toEqual(matching(`^/loadBalancer/address: .*${message}`));
  });
  it.each(['10.0.0.4', '10.0.0.254'])('can be %s in 10.0.0.0/24', (value) =>
    expect(errorsOf(address(value, '10.0.0.0/24'))).toEqual([]),
  );
  it('is warned of where the range is not known', () => {
    expect(planWarnings(planOf(address('10.0.0.9')))).toMatchObject([{ pointer: '/loadBalancer/address' }]);
  });
  it.each(['10.0.0.1/24', '10.0.0.0/30', '2001:db8::/64', '10.0.0.0', 7])('has no range %s', (range) =>
    expect(errorsOf({ network: { ...PARIS.network, subnetRange: range } })).toEqual(
      matching('^/network/subnetRange: Give'),
    ),
  );
});

describe('the subnet of a plan', () => {
  const inRange = (subnetRange: string, count: number, more: object = {}) =>
    errorsOf({
      network: { ...PARIS.network, subnetRange, ...more },
      machines: { ...PARIS.machines, count },
    });
  it('PLAN-1: has an address for everything that is placed in it', () => {
    expect(inRange('10.0.0.0/28', 11)).toEqual([]);
    expect(inRange('10.0.0.0/28', 12)).toEqual(matching('^/network/subnetRange: .*too few addresses'));
    expect(inRange('10.0.0.0/26', 50)).toEqual([]);
    const endpoints = { privateEndpoints: true, resolverSubnetId: subnet('resolver') };
    expect(inRange('10.0.0.0/28', 7, endpoints)).toEqual([]);
    expect(inRange('10.0.0.0/28', 8, endpoints)).toEqual(matching('^/network/subnetRange: '));
  });
  it('PLAN-1: needs one more for an internal load balancer', () => {
    const loadBalancer = { type: 'internal', address: '10.0.0.9' };
    const plan = (count: number) => ({
      network: { ...PARIS.network, subnetRange: '10.0.0.0/28' },
      machines: { ...PARIS.machines, count },
      loadBalancer,
    });
    expect(errorsOf(plan(10))).toEqual([]);
    expect(errorsOf(plan(11))).toEqual(matching('^/network/subnetRange: '));
  });
  it.each(['GatewaySubnet', 'azurebastionsubnet', 'AzureFirewallSubnet', 'RouteServerSubnet'])(
    'PLAN-1: is not %s, which Azure keeps for itself',
    (name) => {
      expect(errorsOf({ network: { subnetId: subnet(name) } })).toEqual(matching('^/network/subnetId: '));
      const network = { ...PARIS.network, privateEndpoints: true, resolverSubnetId: subnet(name) };
      expect(errorsOf({ network })).toEqual(matching('^/network/resolverSubnetId: '));
    },
  );
});

describe('premium storage', () => {
  const shares = (...sizes: number[]) =>
    errorsOf({
      storage: { performance: 'premium', shares: sizes.map((provisionedGib) => ({ provisionedGib })) },
    });
  it('PLAN-1: has at most 100 TiB in all shares of the account together', () => {
    expect(shares(102_400)).toEqual([]);
    expect(shares(51_200, 51_200)).toEqual([]);
    expect(shares(102_300, 101)).toEqual(matching('^/storage/shares: .*102,400 GiB'));
  });
});

describe('the DNS of private endpoints', () => {
  const network = (change: object, more: object = {}) =>
    errorsOf({ network: { subnetId: subnet('recording'), privateEndpoints: true, ...change }, ...more });
  const EXISTING = { privateDnsZones: { use: 'existing', ...SHARED_ZONES } };
  const ENTRA = { domain: { kind: 'entra' } };

  it('ARM-5: can be that of another site or of a hub', () => {
    expect(network({ ...EXISTING, forwardingRulesetId: SHARED_RULESET })).toEqual([]);
    expect(network({ ...EXISTING, resolverSubnetId: subnet('resolver') })).toEqual([]);
    expect(network(EXISTING, ENTRA)).toEqual([]);
    expect(network({ privateDnsZones: { use: 'none' } })).toEqual([]);
  });
  it('is one resolver, not two', () => {
    expect(network({ forwardingRulesetId: SHARED_RULESET, resolverSubnetId: subnet('resolver') })).toEqual(
      matching('^/network/forwardingRulesetId: .*not both'),
    );
  });
  it('is given only where it is used', () => {
    expect(network({ forwardingRulesetId: SHARED_RULESET }, ENTRA)).toEqual(
      matching('^/network/forwardingRulesetId: .*leave this out'),
    );
    expect(network({ ...EXISTING, privateEndpoints: false })).toEqual(
      matching('^/network/privateDnsZones: .*only with private endpoints'),
    );
    expect(network({ privateDnsZones: { use: 'none' }, resolverSubnetId: subnet('resolver') })).toEqual(
      matching('^/network/resolverSubnetId: Without private DNS zones'),
    );
  });
  it('names zones with the names that Azure needs', () => {
    const swapped = { use: 'existing', ...SHARED_ZONES, sql: SHARED_ZONES.vault };
    expect(network({ privateDnsZones: swapped }, ENTRA)).toEqual(
      matching('^/network/privateDnsZones/sql: .*privatelink.database.windows.net'),
    );
  });
});

describe('a domain', () => {
  const domain = (change: object) => errorsOf({ domain: { ...ACTIVE_DIRECTORY, ...change } });
  it.each(['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.5', '255.255.255.255', '168.63.129.16'])(
    'PLAN-1: has no controller at %s, which no machine can have',
    (address) => {
      expect(domain({ controllerAddress: address })).toEqual(
        matching('^/domain/controllerAddress: No machine'),
      );
      expect(domain({ secondControllerAddress: address })).toEqual(
        matching('^/domain/secondControllerAddress: No machine'),
      );
    },
  );
  it('PLAN-1: contains the organizational unit', () => {
    const unit = 'OU=Recording,DC=CORP,DC=contoso,DC=example';
    expect(domain({ organizationalUnit: unit })).toEqual([]);
    expect(domain({ organizationalUnit: unit.replace('DC=CORP,', '') })).toEqual(
      matching('^/domain/organizationalUnit: .*another domain'),
    );
  });
  it('has another second controller, and organizational units as distinguished names', () => {
    expect(domain({ secondControllerAddress: '10.1.0.5' })).toEqual([]);
    expect(domain({ secondControllerAddress: '10.1.0.4' })).toEqual(
      matching('^/domain/secondControllerAddress: '),
    );
    expect(domain({ organizationalUnit: 'OU=Recording,OU=Servers,DC=corp,DC=contoso,DC=example' })).toEqual(
      [],
    );
    for (const organizationalUnit of ['Recording', 'OU=Recording', 'DC=corp', 'OU=a;b,DC=corp', ''])
      expect(domain({ organizationalUnit })).toEqual(matching('^/domain/organizationalUnit: Give'));
  });
});

describe('every error', () => {
  /** Texts of the validator, which do not say what to do. */
  const RAW =
    /\b(expected|received|invalid input|too (big|small)|must match|unrecognized|invalid (string|option))\b/i;
  const wholePlan = {
    ...PARIS,
    certificate: { pfx: 'AAAA', password: 'x' },
    domain: {
      ...ACTIVE_DIRECTORY,
      secondControllerAddress: '10.1.0.5',
      organizationalUnit: 'OU=a,DC=b',
      password: 'x',
    },
    network: {
      subnetId: subnet('recording'),
      subnetRange: '10.0.0.0/24',
      privateEndpoints: true,
      resolverSubnetId: subnet('resolver'),
      privateDnsZones: { use: 'existing', ...SHARED_ZONES },
    },
    serverVersion: '2402',
  };
  const variants: Record<string, unknown>[] = [
    wholePlan,
    {
      ...wholePlan,
      storage: { performance: 'premium', redundancy: 'LRS', shares: [{ provisionedGib: 100 }] },
    },
    {
      ...wholePlan,
      databases: {
        ...PARIS.databases,
        compute: { tier: 'serverless', maxVcores: 2, autoPauseMinutes: 60 },
        administrator: { userName: 'dbadmin1', password: 'Long-enough-1' },
      },
      loadBalancer: { type: 'internal', address: '10.0.0.9', allowedSources: '10.0.0.0/8' },
      secureClient: { kind: 'existing', clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa', secret: 's' },
    },
  ];
  const WRONG = [null, 5, true, '', 'x'.repeat(25_000), [], {}, undefined, -1.5];

  /** Every copy of a value in which one member at any depth is wrong. */
  function* corrupted(value: unknown): Generator<unknown> {
    yield* WRONG;
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value))
      for (const wrong of corrupted(member))
        yield Array.isArray(value)
          ? value.map((item: unknown, index) => (String(index) === name ? wrong : item))
          : { ...value, [name]: wrong };
  }

  it('PLAN-1: says what is wrong and what to do, not what the validator found', () => {
    const raw = new Set<string>();
    for (const plan of variants)
      for (const bad of corrupted(plan)) {
        const issues = sitePlan.safeParse(bad).error?.issues ?? [];
        for (const { path, message, code } of issues)
          if (code !== 'unrecognized_keys' && RAW.test(message)) raw.add(`/${path.join('/')}: ${message}`);
      }
    expect([...raw]).toEqual([]);
  });
});
