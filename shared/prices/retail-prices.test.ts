/** How Azure's price list is asked: pages, repeats, memory, and what happens when it is away. */
import { TestClock } from '../../tests/support/test-clock';
import { RetailPrices } from './retail-prices';

const row = {
  retailPrice: 1,
  productName: 'p',
  skuName: 's',
  meterName: 'm',
  type: 'Consumption',
  tierMinimumUnits: 0,
};
const page = (next?: string) => Response.json({ Items: [row], NextPageLink: next ?? null });
const status = (code: number, headers: Record<string, string> = {}) =>
  new Response('', { status: code, headers });

function priceList(...answers: (Response | Error)[]) {
  const clock = new TestClock();
  const asked: string[] = [];
  const pauses: number[] = [];
  const send = (url: unknown) => {
    asked.push(String(url));
    const next = answers.shift() ?? new Error('nothing more was to be asked');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const prices = new RetailPrices('https://prices.test', clock, send, pause);
  return { prices, asked, pauses, clock };
}

it('follows pages, and only those of the same service', async () => {
  const { prices, asked } = priceList(
    page('https://prices.test:443/api/retail/prices?$skip=1'),
    page('https://evil.test/x'),
  );
  expect((await prices.rows("a eq 'b'")).rows).toHaveLength(2);
  expect(asked[0]).toContain('%24filter=a+eq+%27b%27');
  expect(asked[1]).toBe('https://prices.test/api/retail/prices?$skip=1');
  expect(asked).toHaveLength(2);
});

it('asks once for a day, also for those who ask at the same time', async () => {
  const { prices, asked, clock } = priceList(page(), page());
  await Promise.all([prices.rows('x'), prices.rows('x')]);
  clock.advanceSeconds(24 * 3_600 - 1);
  await prices.rows('x');
  expect(asked).toHaveLength(1);
  clock.advanceSeconds(2);
  await prices.rows('x');
  expect(asked).toHaveLength(2);
});

it('waits as it is told when it asks too often', async () => {
  const { prices, pauses } = priceList(status(429, { 'retry-after': '2' }), status(503), page());
  await prices.rows('x');
  expect(pauses).toEqual([2_000, 2_000]);
});

it.each([
  ['refuses', [status(400)], 1],
  ['stays busy', [status(500), status(500), status(500)], 3],
  ['is not there', [new Error('ENOTFOUND')], 1],
])('fails when the list %s, and asks again only after a while', async (_what, answers, requests) => {
  const { prices, asked, clock } = priceList(...answers, page());
  await expect(prices.rows('x')).rejects.toThrow();
  clock.advanceSeconds(299);
  await expect(prices.rows('x')).rejects.toThrow();
  expect(asked).toHaveLength(requests);
  clock.advanceSeconds(2);
  expect((await prices.rows('x')).rows).toHaveLength(1);
});
