/** What Azure charges for in a site, and the query of the Azure Retail Prices API that finds each price. */
import { type PriceFilter, priceFilter, type PriceQuery } from '../../shared/pure/retail-prices';

export type PriceUnit = 'hour' | 'month' | 'GiB a month' | 'GB';

/** Something that Azure charges for by quantity. */
export interface Meter {
  key: string;
  unit: PriceUnit;
  /** Their prices are added up, such as compute and licence. */
  queries: readonly PriceQuery[];
}

/** The region of prices that are the same everywhere. */
const GLOBAL = 'Global';

function consumption(serviceName: string, armRegionName: string, fields: PriceFilter): string {
  return priceFilter({ serviceName, armRegionName, priceType: 'Consumption', ...fields });
}

function single(key: string, unit: PriceUnit, filter: string, matches?: PriceQuery['matches']): Meter {
  return { key, unit, queries: [matches ? { filter, matches } : { filter }] };
}

/** A machine with its Windows licence. */
export function machineMeter(region: string, size: string): Meter {
  return single(
    `machine/${size}`,
    'hour',
    consumption('Virtual Machines', region, { armSkuName: size }),
    ({ productName, skuName }) => productName.endsWith('Windows') && !/Spot|Low Priority/.test(skuName),
  );
}

const TIER_SKUS = { transactionOptimized: 'Standard', hot: 'Hot', cool: 'Cool' } as const;

/** Data stored in a standard share. */
export function standardShareMeter(region: string, tier: keyof typeof TIER_SKUS, redundancy: string): Meter {
  return single(
    `share/${tier}/${redundancy}`,
    'GiB a month',
    consumption('Storage', region, { productName: 'Files v2', skuName: `${TIER_SKUS[tier]} ${redundancy}` }),
    ({ meterName }) => meterName.endsWith('Data Stored'),
  );
}

/** Provisioned capacity of a premium share. */
export function premiumShareMeter(region: string, redundancy: string): Meter {
  return single(
    `share/premium/${redundancy}`,
    'GiB a month',
    consumption('Storage', region, { productName: 'Premium Files', skuName: `Premium ${redundancy}` }),
    ({ meterName }) => meterName.endsWith('Provisioned'),
  );
}

const SQL = 'SQL Database Single/Elastic Pool General Purpose';

/** A vCore of a provisioned database, licence included. */
export function provisionedVcoreMeter(region: string): Meter {
  const product = (part: string, sku: string) =>
    consumption('SQL Database', region, { productName: `${SQL} - ${part}`, skuName: sku });
  return {
    key: 'database/provisionedVcore',
    unit: 'hour',
    queries: [
      { filter: product('Compute Gen5', '2 vCore'), divisor: 2 },
      { filter: product('SQL License', '2 vCore'), divisor: 2 },
    ],
  };
}

export function serverlessVcoreMeter(region: string): Meter {
  return single(
    'database/serverlessVcore',
    'hour',
    consumption('SQL Database', region, {
      productName: `${SQL} - Serverless - Compute Gen5`,
      skuName: '1 vCore',
    }),
  );
}

export function databaseStorageMeter(region: string): Meter {
  return single(
    'database/storage',
    'GiB a month',
    consumption('SQL Database', region, { productName: `${SQL} - Storage` }),
    ({ meterName }) => /^General Purpose Data Stored$/.test(meterName),
  );
}

export const loadBalancerRulesMeter = single(
  'loadBalancer/rules',
  'hour',
  consumption('Load Balancer', GLOBAL, { meterName: 'Standard Included LB Rules and Outbound Rules' }),
);
export const loadBalancerDataMeter = single(
  'loadBalancer/data',
  'GB',
  consumption('Load Balancer', GLOBAL, { meterName: 'Standard Data Processed' }),
);

export function publicAddressMeter(region: string): Meter {
  return single(
    'publicAddress',
    'hour',
    consumption('Virtual Network', region, { meterName: 'Standard IPv4 Static Public IP' }),
  );
}

export const privateEndpointMeter = single(
  'privateEndpoint',
  'hour',
  consumption('Virtual Network', GLOBAL, { meterName: 'Standard Private Endpoint' }),
);

export function resolverEndpointMeter(region: string): Meter {
  return single(
    'dnsResolver/endpoint',
    'month',
    consumption('Azure DNS', region, { meterName: 'Private Resolver Outbound Endpoint' }),
  );
}

export function resolverRulesetMeter(region: string): Meter {
  return single(
    'dnsResolver/ruleset',
    'month',
    consumption('Azure DNS', region, { meterName: 'Private Resolver Ruleset' }),
  );
}
