/** What Azure charges for in a site, and the query of the Azure Retail Prices API that finds each price. */
import { type PriceFilter, priceFilter, type PriceQuery } from '../../shared/pure/retail-prices';

export type PriceUnit = 'hour' | 'month' | 'GiB a month' | 'GB';

/** Something that Azure charges for by quantity. */
export interface Meter {
  key: string;
  unit: PriceUnit;
  query: PriceQuery;
}

/** The region of prices that are the same everywhere. */
const GLOBAL = 'Global';

/** The prices of a service in a region, or everywhere where the region is undefined. */
function consumption(serviceName: string, region: string | undefined, fields: PriceFilter): string {
  const place = region === undefined ? {} : { armRegionName: region };
  return priceFilter({ serviceName, ...place, priceType: 'Consumption', ...fields });
}

function single(key: string, unit: PriceUnit, filter: string, matches?: PriceQuery['matches']): Meter {
  return { key, unit, query: matches ? { filter, matches } : { filter } };
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

/** A vCore of a provisioned database without its licence. The list has prices for 2, 4 and more vCores. */
export function provisionedVcoreMeter(region: string): Meter {
  const filter = consumption('SQL Database', region, {
    productName: `${SQL} - Compute Gen5`,
    skuName: '2 vCore',
    meterName: 'vCore',
  });
  return { key: 'database/provisionedVcore', unit: 'hour', query: { filter, divisor: 2 } };
}

/** The SQL Server licence of a vCore, which costs the same in every region. */
export const sqlLicenceMeter = single(
  'database/licence',
  'hour',
  consumption('SQL Database', GLOBAL, { productName: `${SQL} - SQL License`, meterName: 'vCore' }),
);

/** A vCore of a serverless database, licence included. */
export function serverlessVcoreMeter(region: string): Meter {
  return single(
    'database/serverlessVcore',
    'hour',
    consumption('SQL Database', region, { skuName: '1 vCore', meterName: 'vCore' }),
    ({ productName }) => productName.endsWith('General Purpose - Serverless - Compute Gen5'),
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

/** DNS is priced by billing zones: the first has the regions of North America and Europe, and the lowest prices. */
function resolverMeter(key: string, meterName: string): Meter {
  return single(
    key,
    'month',
    consumption('Azure DNS', undefined, { meterName }),
    ({ armRegionName = '', location = 'Zone 1' }) =>
      location === 'Zone 1' && ['', 'Zone 1', GLOBAL].includes(armRegionName),
  );
}

export const resolverEndpointMeter = resolverMeter(
  'dnsResolver/endpoint',
  'Private Resolver Outbound Endpoint',
);

export const resolverRulesetMeter = resolverMeter(
  'dnsResolver/ruleset',
  'Private Resolver DNS Forwarding Ruleset',
);
