/** Estimates: the examples of the documentation to the cent, and all other charges. */
import { type RetailPrice, selectPrice } from '../../shared/pure/retail-prices';
import { PARIS, SHARED_RULESET } from '../testing/plans';
import { MACHINE_SIZES } from '../plan/catalogues';
import { chargesOf, estimate, estimateInput, type PriceList } from './estimate';
import {
  machineMeter,
  provisionedVcoreMeter,
  resolverEndpointMeter,
  resolverRulesetMeter,
  serverlessVcoreMeter,
  sqlLicenceMeter,
} from './meters';
import { EAST_US_2024 } from './price-snapshot';

const { asOf, region } = EAST_US_2024;
const LIST: PriceList = {
  list: 'unreachable',
  prices: new Map(
    Object.entries(EAST_US_2024.prices).map(([key, amount]) => [
      key,
      { amount, source: 'snapshot', asOf, region },
    ]),
  ),
};
const STANDARD = { performance: 'standard', redundancy: 'LRS', tier: 'transactionOptimized', shareCount: 6 };
const EXAMPLE = {
  region: 'eastus',
  machines: { size: 'Standard_D4s_v3', count: 3 },
  storage: STANDARD,
  // The documentation counts no SQL licence.
  databases: { compute: { tier: 'provisioned', vCores: 2, licence: 'azureHybridBenefit' }, maxSizeGib: 32 },
  loadBalancer: { type: 'public' },
};
const estimateOf = (input: object) => estimate(estimateInput.parse(input), LIST);
const kindsOf = (input: object) =>
  Object.fromEntries(estimateOf(input).kinds.map(({ kind, monthlyCost }) => [kind, monthlyCost]));

it('EST-1: has a line of its own for the SQL licence, unless it is owned already', () => {
  const databases = (licence: object) => ({
    region: 'eastus',
    databases: { compute: { tier: 'provisioned', vCores: 2, ...licence }, maxSizeGib: 32 },
  });
  const { lines, total } = estimateOf(databases({}));
  const [licence, ...more] = lines.filter(({ description }) => /licence/.test(description));
  expect(more).toEqual([]);
  // 2 databases × 2 vCores × 720 hours
  expect(licence).toMatchObject({
    kind: 'databases',
    quantity: 2_880,
    unitPrice: 0.099966,
    monthlyCost: 287.9,
  });
  expect(total).toBe(729.2);
  const owned = estimateOf(databases({ licence: 'azureHybridBenefit' }));
  expect(owned.total).toBe(441.3);
  const serverless = { compute: { tier: 'serverless', maxVcores: 2 }, maxSizeGib: 32 };
  const descriptions = estimateOf({ region: 'eastus', databases: serverless }).lines.map(
    (line) => line.description,
  );
  expect(descriptions.filter((text) => /licence/.test(text))).toEqual([]);
});

it("EST-1: comes to the documentation's sums", () => {
  expect(kindsOf(EXAMPLE)).toEqual({
    machines: 812.16,
    storage: 1843.2,
    databases: 441.3,
    loadBalancer: 189.6,
  });
  expect(estimateOf(EXAMPLE)).toMatchObject({
    total: 3286.26,
    hoursPerMonth: 720,
    isMaximum: true,
    currency: 'USD',
  });
});

it.each([
  ['a standard share', { storage: { ...STANDARD, shareCount: 1 } }, 307.2, true],
  [
    'a premium share',
    { storage: { performance: 'premium', shares: [{ provisionedGib: 5_120 }] } },
    819.2,
    false,
  ],
])('prices %s as the documentation does', (_what, input, total, isMaximum) => {
  expect(estimateOf({ region: 'eastus', ...input })).toMatchObject({ total, isMaximum });
});

it('takes the very plan that a template is made from', () => {
  const databases = { ...PARIS.databases, compute: EXAMPLE.databases.compute };
  expect(estimateOf({ ...PARIS, databases, certificate: undefined }).total).toBe(estimateOf(EXAMPLE).total);
});

it('prices the resolver, its rules and private endpoints', () => {
  const { lines, total } = estimateOf({
    region: 'eastus',
    network: { privateEndpoints: true },
    domain: { kind: 'activeDirectory' },
  });
  expect(lines.map(({ monthlyCost }) => monthlyCost)).toEqual([28.8, 182.5, 2.5]);
  expect(total).toBe(213.8);
  expect(kindsOf({ region: 'eastus', domain: { kind: 'activeDirectory' } })).toEqual({});
  const shared = { privateEndpoints: true, forwardingRulesetId: SHARED_RULESET };
  const existing = estimateOf({ region: 'eastus', network: shared, domain: { kind: 'activeDirectory' } });
  expect(existing.lines.map(({ monthlyCost }) => monthlyCost)).toEqual([28.8]);
});

it('says that serverless databases cost this at the most', () => {
  const databases = { compute: { tier: 'serverless', maxVcores: 1 }, maxSizeGib: 1 };
  expect(estimateOf({ region: 'eastus', databases })).toMatchObject({
    isMaximum: true,
    kinds: [{ kind: 'databases' }],
  });
});

it('says where prices come from, and that other regions differ', () => {
  const { prices, notes } = estimateOf({ ...EXAMPLE, region: 'westeurope' });
  expect(prices).toEqual({ source: 'snapshot', asOf: '2024-05-01', region: 'eastus' });
  expect(notes.join(' ')).toMatch(/without discounts.*as of 2024-05-01.*Prices of westeurope may differ/);
});

it('knows a price for everything that a plan can choose', () => {
  const storages = ['LRS', 'ZRS', 'GRS', 'GZRS'].flatMap((redundancy) =>
    ['transactionOptimized', 'hot', 'cool'].map((tier) => ({ ...STANDARD, redundancy, tier })),
  );
  const premium = ['LRS', 'ZRS'].map((redundancy) => ({
    performance: 'premium',
    redundancy,
    shares: [{ provisionedGib: 100 }],
  }));
  const inputs = [
    ...Object.keys(MACHINE_SIZES).map((size) => ({ machines: { size, count: 1 } })),
    ...[...storages, ...premium].map((storage) => ({ storage })),
  ];
  for (const input of inputs) expect(() => estimateOf({ region: 'eastus', ...input })).not.toThrow();
});

describe('a row of the price list', () => {
  const row = (change: Partial<RetailPrice>): RetailPrice => ({
    retailPrice: 0.4,
    productName: 'Virtual Machines DSv3 Series Windows',
    skuName: 'D4s v3',
    meterName: 'D4s v3',
    type: 'Consumption',
    tierMinimumUnits: 0,
    ...change,
  });
  const { query } = machineMeter('eastus', 'Standard_D4s_v3');

  it('is that of Windows, neither spot nor reserved', () => {
    const others = [
      row({ productName: 'Virtual Machines DSv3 Series', retailPrice: 0.1 }),
      row({ skuName: 'D4s v3 Spot', retailPrice: 0.1 }),
      row({ skuName: 'D4s v3 Low Priority', retailPrice: 0.1 }),
      row({ type: 'Reservation', retailPrice: 900 }),
      row({ retailPrice: 0 }),
    ];
    expect(selectPrice(query, others)).toBeUndefined();
    expect(selectPrice(query, [...others, row({ tierMinimumUnits: 5, retailPrice: 0.3 }), row({})])).toBe(
      0.4,
    );
  });

  it('EST-1: of a licence is the same everywhere, of a resolver that of a billing zone', () => {
    const filters = [sqlLicenceMeter, resolverRulesetMeter, resolverEndpointMeter].map(
      ({ query: { filter } }) => filter,
    );
    expect(filters).toEqual([
      "serviceName eq 'SQL Database' and armRegionName eq 'Global' and priceType eq 'Consumption' and productName eq 'SQL Database Single/Elastic Pool General Purpose - SQL License' and meterName eq 'vCore'",
      "serviceName eq 'Azure DNS' and priceType eq 'Consumption' and meterName eq 'Private Resolver DNS Forwarding Ruleset'",
      "serviceName eq 'Azure DNS' and priceType eq 'Consumption' and meterName eq 'Private Resolver Outbound Endpoint'",
    ]);
    const zones = [
      row({ armRegionName: 'US Gov', location: 'US Gov', retailPrice: 3 }),
      row({ armRegionName: '', location: 'Zone 1', retailPrice: 2.5 }),
      row({ armRegionName: '', location: 'Zone 2', retailPrice: 4 }),
    ];
    expect(selectPrice(resolverRulesetMeter.query, zones)).toBe(2.5);
  });

  it('of a vCore is half of that of two, and not the free one', () => {
    const rows = [row({ meterName: 'vCore Free', retailPrice: 0 }), row({ retailPrice: 0.5 })];
    expect(selectPrice(provisionedVcoreMeter('eastus').query, rows)).toBe(0.25);
    const meters = chargesOf(estimateInput.parse(EXAMPLE)).map(({ meter }) => meter.key);
    expect(meters).toContain('database/provisionedVcore');
  });

  it('of a serverless vCore is that of the General Purpose tier', () => {
    const product = (name: string, retailPrice: number) =>
      row({ productName: `SQL Database ${name}`, retailPrice });
    const rows = [
      product('SingleDB Hyperscale - Serverless - Compute Gen5', 0.3),
      product('General Purpose - Serverless - Compute Gen5', 0.52),
    ];
    expect(selectPrice(serverlessVcoreMeter('eastus').query, rows)).toBe(0.52);
  });
});
