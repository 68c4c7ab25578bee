/** The client of the Retail Prices API: pages, retries, cache, and failures. */
import { TestClock } from '../../tests/support/test-clock';
import { RetailPricesClient } from './retail-prices-client';

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

function clientWith(...answers: (Response | Error)[]) {
  const clock = new TestClock();
  const requested: string[] = [];
  const pauses: number[] = [];
  const send = (url: unknown) => {
    requested.push(String(url));
    const next = answers.shift() ?? new Error('unexpected request');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const prices = new RetailPricesClient('https://prices.test', clock, send, pause);
  return { prices, requested, pauses, clock };
}

it('follows pages, and only those of the same service', async () => {
  const { prices, requested } = clientWith(
    page('https://prices.test:443/api/retail/prices?$skip=1'),
    page('https://evil.test/x'),
  );
  expect((await prices.rows("a eq 'b'")).rows).toHaveLength(2);
  expect(requested[0]).toContain('%24filter=a+eq+%27b%27');
  expect(requested[1]).toBe('https://prices.test/api/retail/prices?$skip=1');
  expect(requested).toHaveLength(2);
});

it('requests a filter once a day, also for concurrent calls', async () => {
  const { prices, requested, clock } = clientWith(page(), page());
  await Promise.all([prices.rows('x'), prices.rows('x')]);
  clock.advanceSeconds(24 * 3_600 - 1);
  await prices.rows('x');
  expect(requested).toHaveLength(1);
  clock.advanceSeconds(2);
  await prices.rows('x');
  expect(requested).toHaveLength(2);
});

it('waits as the Retry-After header says when it is throttled', async () => {
  const { prices, pauses } = clientWith(status(429, { 'retry-after': '2' }), status(503), page());
  await prices.rows('x');
  expect(pauses).toEqual([2_000, 2_000]);
});

it.each([
  ['rejects the request', [status(400)], 1],
  ['stays overloaded', [status(500), status(500), status(500)], 3],
  ['is not reachable', [new Error('ENOTFOUND')], 1],
])('fails when the API %s, and requests again only after five minutes', async (_what, answers, requests) => {
  const { prices, requested, clock } = clientWith(...answers, page());
  await expect(prices.rows('x')).rejects.toThrow();
  clock.advanceSeconds(299);
  await expect(prices.rows('x')).rejects.toThrow();
  expect(requested).toHaveLength(requests);
  clock.advanceSeconds(2);
  expect((await prices.rows('x')).rows).toHaveLength(1);
});
