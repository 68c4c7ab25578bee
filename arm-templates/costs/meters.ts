/** What Azure charges for, as far as a site goes: how each price is found in the Azure Retail Prices API. */

/** A row of the API (https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices). */
export interface RetailPrice {
  retailPrice: number;
  productName: string;
  skuName: string;
  meterName: string;
  type: string;
  /** Prices with several tiers have a row for each; the first one begins at 0. */
  tierMinimumUnits: number;
}

export type PriceUnit = 'hour' | 'month' | 'GiB a month' | 'GB';

/** One price: what it is for, and where the API has it. */
export interface Meter {
  key: string;
  unit: PriceUnit;
  /** Filters of the API whose prices are added up, such as compute and licence; OData, case-sensitive. */
  queries: readonly { filter: string; matches: (row: RetailPrice) => boolean; divisor?: number }[];
}

/** Some things cost the same everywhere. */
const EVERYWHERE = 'Global';
const consumption = (service: string, region: string, more: string) =>
  `serviceName eq '${service}' and armRegionName eq '${region}' and priceType eq 'Consumption' and ${more}`;
const meterIs = (name: string) => `meterName eq '${name}'`;
const any = () => true;

function single(
  key: string,
  unit: PriceUnit,
  filter: string,
  matches: (row: RetailPrice) => boolean = any,
): Meter {
  return { key, unit, queries: [{ filter, matches }] };
}

/** A machine with its Windows licence. */
export function machineMeter(region: string, size: string): Meter {
  return single(
    `machine/${size}`,
    'hour',
    consumption('Virtual Machines', region, `armSkuName eq '${size}'`),
    ({ productName, skuName }) => productName.endsWith('Windows') && !/Spot|Low Priority/.test(skuName),
  );
}

const TIER_SKUS = { transactionOptimized: 'Standard', hot: 'Hot', cool: 'Cool' } as const;

/** What a standard share holds. */
export function standardShareMeter(region: string, tier: keyof typeof TIER_SKUS, redundancy: string): Meter {
  return single(
    `share/${tier}/${redundancy}`,
    'GiB a month',
    consumption(
      'Storage',
      region,
      `productName eq 'Files v2' and skuName eq '${TIER_SKUS[tier]} ${redundancy}'`,
    ),
    ({ meterName }) => meterName.endsWith('Data Stored'),
  );
}

/** What is provisioned of a premium share. */
export function premiumShareMeter(region: string, redundancy: string): Meter {
  return single(
    `share/premium/${redundancy}`,
    'GiB a month',
    consumption('Storage', region, `productName eq 'Premium Files' and skuName eq 'Premium ${redundancy}'`),
    ({ meterName }) => meterName.endsWith('Provisioned'),
  );
}

const SQL = 'SQL Database Single/Elastic Pool General Purpose';

/** A vCore of a provisioned database, licence included. */
export function provisionedVcoreMeter(region: string): Meter {
  const product = (part: string, sku: string) =>
    consumption('SQL Database', region, `productName eq '${SQL} - ${part}' and skuName eq '${sku}'`);
  return {
    key: 'database/provisionedVcore',
    unit: 'hour',
    queries: [
      { filter: product('Compute Gen5', '2 vCore'), matches: any, divisor: 2 },
      { filter: product('SQL License', '2 vCore'), matches: any, divisor: 2 },
    ],
  };
}

export function serverlessVcoreMeter(region: string): Meter {
  return single(
    'database/serverlessVcore',
    'hour',
    consumption(
      'SQL Database',
      region,
      `productName eq '${SQL} - Serverless - Compute Gen5' and skuName eq '1 vCore'`,
    ),
  );
}

export function databaseStorageMeter(region: string): Meter {
  return single(
    'database/storage',
    'GiB a month',
    consumption('SQL Database', region, `productName eq '${SQL} - Storage'`),
    ({ meterName }) => /^General Purpose Data Stored$/.test(meterName),
  );
}

export const balancerRulesMeter = single(
  'loadBalancer/rules',
  'hour',
  consumption('Load Balancer', EVERYWHERE, meterIs('Standard Included LB Rules and Outbound Rules')),
);
export const balancerDataMeter = single(
  'loadBalancer/data',
  'GB',
  consumption('Load Balancer', EVERYWHERE, meterIs('Standard Data Processed')),
);

export function publicAddressMeter(region: string): Meter {
  return single(
    'publicAddress',
    'hour',
    consumption('Virtual Network', region, meterIs('Standard IPv4 Static Public IP')),
  );
}

export const privateEndpointMeter = single(
  'privateEndpoint',
  'hour',
  consumption('Virtual Network', EVERYWHERE, meterIs('Standard Private Endpoint')),
);

export function resolverEndpointMeter(region: string): Meter {
  return single(
    'dnsResolver/endpoint',
    'month',
    consumption('Azure DNS', region, meterIs('Private Resolver Outbound Endpoint')),
  );
}

export function resolverRulesetMeter(region: string): Meter {
  return single(
    'dnsResolver/ruleset',
    'month',
    consumption('Azure DNS', region, meterIs('Private Resolver Ruleset')),
  );
}

/** The price of a query's rows: the one that matches, of its lowest tier; undefined when there is none. */
export function priceOf(
  { matches, divisor = 1 }: Meter['queries'][number],
  rows: readonly RetailPrice[],
): number | undefined {
  const [row] = rows
    .filter(
      (candidate) => candidate.type === 'Consumption' && candidate.retailPrice > 0 && matches(candidate),
    )
    .sort((a, b) => a.tierMinimumUnits - b.tierMinimumUnits);
  return row && row.retailPrice / divisor;
}
