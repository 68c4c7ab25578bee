/**
 * Queries of the Azure Retail Prices API: the filter that is sent, and which of the rows in its response is the price.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */

/** A row of the API, as far as it is read. */
export interface RetailPrice {
  retailPrice: number;
  productName: string;
  skuName: string;
  meterName: string;
  type: string;
  /** Empty for prices of a billing zone. */
  armRegionName?: string;
  /** A region or a billing zone, such as `EU West` or `Zone 1`. */
  location?: string;
  /** Tiered prices have a row per tier; the first tier begins at 0. */
  tierMinimumUnits: number;
}

/** One price: which rows to request, and which of them it is. */
export interface PriceQuery {
  /** OData, case-sensitive. */
  readonly filter: string;
  /** Whether a row is of the product; what the filter cannot express. Every row when absent. */
  readonly matches?: (row: RetailPrice) => boolean;
  /** Units that the API's price is for, where it is not for one. */
  readonly divisor?: number;
}

/** Fields by which the API filters, with the values wanted, in the order in which they are written. */
export type PriceFilter = Readonly<
  Partial<
    Record<
      'serviceName' | 'armRegionName' | 'priceType' | 'armSkuName' | 'productName' | 'skuName' | 'meterName',
      string
    >
  >
>;

/** The filter as OData: every field equals its value. */
export function priceFilter(fields: PriceFilter): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} eq '${value.replaceAll("'", "''")}'`)
    .join(' and ');
}

/** The price that a query finds: of the matching row with the lowest tier; undefined when no row matches. */
export function selectPrice(
  { matches = () => true, divisor = 1 }: PriceQuery,
  rows: readonly RetailPrice[],
): number | undefined {
  const [row] = rows
    .filter(({ type, retailPrice }) => type === 'Consumption' && retailPrice > 0)
    .filter(matches)
    .sort((a, b) => a.tierMinimumUnits - b.tierMinimumUnits);
  return row && row.retailPrice / divisor;
}
