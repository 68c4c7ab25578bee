/** The prices of an estimate: from the Azure Retail Prices API, or the built-in snapshot when it cannot be reached. */
import { chargesOf, type EstimateInput, type PriceList } from '../../arm-templates/costs/estimate';
import type { Meter } from '../../arm-templates/costs/meters';
import { EAST_US_2024 } from '../../arm-templates/costs/price-snapshot';
import { selectPrice } from '../../shared/pure/retail-prices';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';

/** A price for every meter of the estimate, all from one source. */
export async function priceListFor(
  { retailPrices }: Pick<Services, 'retailPrices'>,
  input: EstimateInput,
  log: Log,
): Promise<PriceList> {
  const { asOf, region, prices } = EAST_US_2024;
  const snapshot: PriceList = { source: 'snapshot', asOf, region, prices: new Map(Object.entries(prices)) };
  const meters = chargesOf(input).map(({ meter }) => meter);
  if (!retailPrices.isConfigured || meters.length === 0) return snapshot;
  try {
    return await fetchPriceList(retailPrices, meters, input.region);
  } catch (error) {
    log.warn('prices.snapshot-used', { reason: String(error) });
    return snapshot;
  }
}

async function fetchPriceList(
  retailPrices: Services['retailPrices'],
  meters: Meter[],
  region: string,
): Promise<PriceList> {
  const found = await Promise.all(meters.map((meter) => fetchMeterPrice(retailPrices, meter)));
  const oldest = new Date(Math.min(...found.map(({ fetchedAt }) => fetchedAt.getTime())));
  return {
    source: 'azureRetailPrices',
    asOf: oldest.toISOString().slice(0, 10),
    region,
    prices: new Map(found.map(({ key, price }) => [key, price])),
  };
}

/** The sum of the prices of a meter's queries, and when the oldest of them was fetched. */
async function fetchMeterPrice(retailPrices: Services['retailPrices'], { key, queries }: Meter) {
  const parts = await Promise.all(
    queries.map(async (query) => {
      const { rows, fetchedAt } = await retailPrices.rows(query.filter);
      const price = selectPrice(query, rows);
      if (price === undefined) throw new Error(`no retail price found for ${key}`);
      return { price, fetchedAt };
    }),
  );
  return {
    key,
    price: parts.reduce((sum, { price }) => sum + price, 0),
    fetchedAt: new Date(Math.min(...parts.map(({ fetchedAt }) => fetchedAt.getTime()))),
  };
}
