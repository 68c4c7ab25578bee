/** Token buckets, and the limits of administrators that stand on them. */
import fc from 'fast-check';
import type { Administrator } from '../identity/caller';
import { RateLimits, TokenBuckets } from './rate-limits';

const at = (seconds: number) => new Date(seconds * 1000);

/** Takes a token when there is one; whether there was. */
function ask(buckets: TokenBuckets, key: string, seconds: number): boolean {
  if (buckets.waitSeconds(key, at(seconds)) > 0) return false;
  buckets.take(key, at(seconds));
  return true;
}

describe('a token bucket', () => {
  it('gives ten seconds worth at once, then as much as flows in', () => {
    const buckets = new TokenBuckets(60);
    expect(Array.from({ length: 12 }, () => ask(buckets, 'a', 0))).toEqual([
      ...Array<boolean>(10).fill(true),
      false,
      false,
    ]);
    expect(buckets.waitSeconds('a', at(0))).toBe(1);
    expect([1, 1, 2, 2].map((second) => ask(buckets, 'a', second))).toEqual([true, false, true, false]);
    expect(ask(buckets, 'b', 2)).toBe(true);
  });

  it('names a wait after which there is one, however slowly they flow', () => {
    const buckets = new TokenBuckets(1);
    expect(ask(buckets, 'a', 0)).toBe(true);
    const wait = buckets.waitSeconds('a', at(0));
    expect(wait).toBe(60);
    expect(ask(buckets, 'a', wait - 1)).toBe(false);
    expect(ask(buckets, 'a', wait)).toBe(true);
  });

  it('never allows more than rate and burst, and always that much to a caller who waits as requested', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }),
        (perMinute, pausesMilliseconds) => {
          const buckets = new TokenBuckets(perMinute);
          let seconds = 0;
          let given = 0;
          for (const pause of pausesMilliseconds) {
            seconds += pause / 1000;
            if (ask(buckets, 'a', seconds)) given++;
          }
          const most = Math.max(1, perMinute / 6) + (seconds * perMinute) / 60;
          expect(given).toBeLessThanOrEqual(Math.floor(most + 1e-6));
          expect(ask(buckets, 'a', seconds + buckets.waitSeconds('a', at(seconds)))).toBe(true);
        },
      ),
    );
  });

  it('survives a clock that steps back, and keeps a bounded number of keys', () => {
    const buckets = new TokenBuckets(60, 2);
    expect(ask(buckets, 'a', 100)).toBe(true);
    expect(ask(buckets, 'a', 50)).toBe(true);
    for (const key of ['a', 'b', 'c']) for (let n = 0; n < 10; n++) ask(buckets, key, 100);
    expect(['a', 'b', 'c'].map((key) => buckets.waitSeconds(key, at(100)))).toEqual([0, 1, 1]);
  });
});

describe('OPS-2: requests of administrators', () => {
  const administrator = (id: string, customerId = 'contoso'): Administrator => ({
    type: 'administrator',
    customerId,
    id,
    name: id,
    kind: 'fullAdmin',
    throughGroup: false,
    isApplication: false,
    groups: [],
    groupOverage: false,
  });
  const limits = () =>
    new RateLimits({
      deadlineSeconds: 20,
      slowSeconds: 2,
      administratorPerMinute: 60,
      customerPerMinute: 120,
    });
  const refused = { code: 'too-many-requests', status: 429, retryAfterSeconds: 1 };
  const send = (to: RateLimits, caller: Administrator, count: number) => {
    for (let n = 0; n < count; n++) to.count(caller, at(0));
  };

  it('are limited for each of them, without a cost to others', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    expect(() => send(all, administrator('ada'), 1)).toThrow(expect.objectContaining(refused) as Error);
    send(all, administrator('bo'), 10);
    // The same object id in another directory is somebody else.
    send(all, administrator('ada', 'fabrikam'), 10);
  });

  it('are limited for all of a customer together, without a cost to other customers', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    send(all, administrator('bo'), 10);
    expect(() => send(all, administrator('cy'), 1)).toThrow(
      expect.objectContaining({
        ...refused,
        detail: expect.stringContaining('organisation') as string,
      }) as Error,
    );
    send(all, administrator('ada', 'fabrikam'), 10);
  });

  it('do not count when they are refused', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    for (let n = 0; n < 1_000; n++) expect(() => send(all, administrator('ada'), 1)).toThrow();
    all.count(administrator('ada'), at(1));
    send(all, administrator('bo'), 10);
  });

  it('leave recording servers and anonymous callers to limits of their own', () => {
    const all = limits();
    for (let n = 0; n < 100; n++) {
      all.count({ type: 'client', customerId: 'contoso', id: 'one', name: '' }, at(0));
      all.count({ type: 'anonymous' }, at(0));
    }
    all.count(administrator('ada'), at(0));
  });
});
