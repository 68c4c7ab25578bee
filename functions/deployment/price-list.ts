/** The prices of an estimate: Azure's own list, or what comes with the service when that cannot be reached. */
import { chargesOf, type EstimateInput, type PriceList } from '../../arm-templates/costs/estimate';
import { type Meter, priceOf } from '../../arm-templates/costs/meters';
import { EAST_US_2024 } from '../../arm-templates/costs/price-snapshot';
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';

/** Prices of one source and day for everything that the estimate needs. */
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
    return await ask(retailPrices, meters, input.region);
  } catch (error) {
    log.warn('prices.snapshot-used', { reason: String(error) });
    return snapshot;
  }
}

async function ask(
  retailPrices: Services['retailPrices'],
  meters: Meter[],
  region: string,
): Promise<PriceList> {
  const found = await Promise.all(meters.map((meter) => askMeter(retailPrices, meter)));
  const oldest = new Date(Math.min(...found.map(({ askedAt }) => askedAt.getTime())));
  return {
    source: 'azureRetailPrices',
    asOf: oldest.toISOString().slice(0, 10),
    region,
    prices: new Map(found.map(({ key, price }) => [key, price])),
  };
}

/** The sum of the meter's parts, and when the oldest of them was asked for. */
async function askMeter(retailPrices: Services['retailPrices'], { key, queries }: Meter) {
  const parts = await Promise.all(
    queries.map(async (query) => {
      const { rows, askedAt } = await retailPrices.rows(query.filter);
      const price = priceOf(query, rows);
      if (price === undefined) throw new Error(`the price list has no price for ${key}`);
      return { price, askedAt };
    }),
  );
  return {
    key,
    price: parts.reduce((sum, { price }) => sum + price, 0),
    askedAt: new Date(Math.min(...parts.map(({ askedAt }) => askedAt.getTime()))),
  };
}
