/** Filters of the price list, and the selection of a price from its rows. */
import { priceFilter, type RetailPrice, selectPrice } from './retail-prices';

const row = (change: Partial<RetailPrice> = {}): RetailPrice => ({
  retailPrice: 0.4,
  productName: 'p',
  skuName: 's',
  meterName: 'm',
  type: 'Consumption',
  tierMinimumUnits: 0,
  ...change,
});

it('writes a filter as OData, with quotes doubled', () => {
  expect(priceFilter({ serviceName: 'Storage', skuName: "it's" })).toBe(
    "serviceName eq 'Storage' and skuName eq 'it''s'",
  );
});

it('selects the lowest tier of the consumption prices that match', () => {
  const query = { filter: '', matches: ({ skuName }: RetailPrice) => skuName === 's' };
  const others = [
    row({ type: 'Reservation', retailPrice: 900 }),
    row({ retailPrice: 0 }),
    row({ skuName: 'other', retailPrice: 0.1 }),
  ];
  expect(selectPrice(query, others)).toBeUndefined();
  expect(selectPrice(query, [...others, row({ tierMinimumUnits: 5, retailPrice: 0.3 }), row()])).toBe(0.4);
  expect(selectPrice({ filter: '', divisor: 2 }, [row()])).toBe(0.2);
});
