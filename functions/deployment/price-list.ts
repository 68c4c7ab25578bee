/** The prices of an estimate: from the Azure Retail Prices API, and from the built-in snapshot where it has none. */
import {
  chargesOf,
  type EstimateInput,
  type PriceList,
  type UnitPrice,
} from '../../arm-templates/costs/estimate';
import type { Meter } from '../../arm-templates/costs/meters';
import { EAST_US_2024 } from '../../arm-templates/costs/price-snapshot';
import { selectPrice } from '../../shared/pure/retail-prices';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';

/** A price for every meter of the estimate; the snapshot only for those that the list does not give. */
export async function priceListFor(
  { retailPrices }: Pick<Services, 'retailPrices'>,
  input: EstimateInput,
  log: Log,
): Promise<PriceList> {
  const prices = snapshotPrices();
  const meters = chargesOf(input).map(({ meter }) => meter);
  if (!retailPrices.isConfigured) return { prices, list: 'notConfigured' };
  const found = await Promise.all(meters.map((meter) => lookUp(retailPrices, meter, input.region)));
  const reasons = found.flatMap((result) => ('reason' in result ? [result.reason] : []));
  if (reasons.length > 0) log.warn('prices.snapshot-used', { reason: reasons.join('; ') });
  for (const result of found) if ('price' in result) prices.set(result.key, result.price);
  const isUnreachable = found.some((result) => 'reason' in result && result.isUnreachable);
  return { prices, list: isUnreachable ? 'unreachable' : 'answered' };
}

/** The built-in prices by the key of their meter. */
function snapshotPrices(): Map<string, UnitPrice> {
  const { asOf, region, prices } = EAST_US_2024;
  return new Map(
    Object.entries(prices).map(([key, amount]) => [key, { amount, source: 'snapshot', asOf, region }]),
  );
}

type LookUp = { key: string; price: UnitPrice } | { reason: string; isUnreachable: boolean };

/** The price of a meter in Azure's list, or why there is none. */
async function lookUp(
  retailPrices: Services['retailPrices'],
  { key, query }: Meter,
  region: string,
): Promise<LookUp> {
  try {
    const { rows, fetchedAt } = await retailPrices.rows(query.filter);
    const amount = selectPrice(query, rows);
    if (amount === undefined) return { reason: `no retail price found for ${key}`, isUnreachable: false };
    const asOf = fetchedAt.toISOString().slice(0, 10);
    return { key, price: { amount, source: 'azureRetailPrices', asOf, region } };
  } catch (error) {
    return { reason: String(error), isUnreachable: true };
  }
}
