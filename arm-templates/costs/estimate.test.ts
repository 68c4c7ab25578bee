/** Estimates: the examples of the documentation to the cent, and all other charges. */
import { type RetailPrice, selectPrice } from '../../shared/pure/retail-prices';
import { PARIS } from '../testing/plans';
import { MACHINE_SIZES } from '../plan/catalogues';
import { chargesOf, estimate, estimateInput, type PriceList } from './estimate';
import { machineMeter, provisionedVcoreMeter } from './meters';
import { EAST_US_2024 } from './price-snapshot';

const LIST: PriceList = {
  source: 'snapshot',
  asOf: EAST_US_2024.asOf,
  region: EAST_US_2024.region,
  prices: new Map(Object.entries(EAST_US_2024.prices)),
};
const STANDARD = { performance: 'standard', redundancy: 'LRS', tier: 'transactionOptimized', shareCount: 6 };
const EXAMPLE = {
  region: 'eastus',
  machines: { size: 'Standard_D4s_v3', count: 3 },
  storage: STANDARD,
  databases: { compute: { tier: 'provisioned', vCores: 2 }, maxSizeGib: 32 },
  loadBalancer: { type: 'public' },
};
const estimateOf = (input: object) => estimate(estimateInput.parse(input), LIST);
const kindsOf = (input: object) =>
  Object.fromEntries(estimateOf(input).kinds.map(({ kind, monthlyCost }) => [kind, monthlyCost]));

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
  expect(estimateOf({ ...PARIS, certificate: undefined }).total).toBe(estimateOf(EXAMPLE).total);
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
  const [query] = machineMeter('eastus', 'Standard_D4s_v3').queries;

  it('is that of Windows, neither spot nor reserved', () => {
    if (!query) throw new Error('no query');
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

  it('is added to that of the licence where there is one', () => {
    const { queries } = provisionedVcoreMeter('eastus');
    expect(queries.map((part) => selectPrice(part, [row({ retailPrice: 0.5 })]))).toEqual([0.25, 0.25]);
    expect(chargesOf(estimateInput.parse(EXAMPLE)).map(({ meter }) => meter.key)).toContain(
      'database/provisionedVcore',
    );
  });
});
