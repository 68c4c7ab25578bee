/** Alert mails keep to the limit of their account, whichever instances send them (RSP-5). */
import fc from 'fast-check';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { LeasedMoments, reserveSending } from './sending-account';
import { leaseMoments, type MailRate, newMailRate, type Sending } from './mail-rate-limiter';

const WAITS_LONG = 60_000;
const at = (ms: number) => new Date(1_000_000 + ms);
const mail = (perSecond: number, siteId = 'site', hasWaited = false) => ({ siteId, perSecond, hasWaited });

/** The account when one instance asks. */
function reserve(rate: MailRate, sendings: readonly Sending[], now: Date, maxWaitMs: number) {
  return leaseMoments(rate, 'one', sendings, now, maxWaitMs);
}

describe('the rate of an account', () => {
  it('lets an idle account send at once', () => {
    expect(reserve(newMailRate(), [mail(25)], at(0), WAITS_LONG).waitsMs).toEqual([0]);
  });

  it('never lets an account send more in any second than it may, whichever instances send', () => {
    const arrivals = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 700 }),
        mails: fc.integer({ min: 1, max: 30 }),
        instance: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (visits, perSecond) => {
        const account = new SimulatedAccount();
        let nowMs = 0;
        const sentMs = visits.flatMap(({ afterMs, mails, instance }) => {
          nowMs += afterMs;
          return Array.from(
            { length: mails },
            () => nowMs + account.reserve(instance, mail(perSecond), nowMs, Infinity),
          );
        });
        expectSpaced(sentMs, perSecond);
        for (const start of sentMs) {
          // One more when a moment lies on the edge, since moments are whole milliseconds.
          const within = sentMs.filter((ms) => ms >= start && ms < start + 1_000).length;
          expect(within).toBeLessThanOrEqual(perSecond + 1);
        }
      }),
    );
  });

  it('RSP-5: is the lowest of the limits of its sites', () => {
    const first = reserve(newMailRate(), [mail(1, 'slow')], at(0), WAITS_LONG);
    const second = reserve(first.rate, [mail(100, 'fast'), mail(100, 'fast')], at(0), WAITS_LONG);
    expect(second.waitsMs).toEqual([1_000, 2_000]);
  });

  it('forgets the limit of a site that has not sent for an hour', () => {
    const { rate } = reserve(newMailRate(), [mail(1, 'slow')], at(0), WAITS_LONG);
    const later = reserve(rate, [mail(100, 'fast'), mail(100, 'fast')], at(3_600_001), WAITS_LONG);
    expect(later.waitsMs).toEqual([0, 10]);
  });

  it('takes the new limit of a site at once', () => {
    const { rate } = reserve(newMailRate(), [mail(1)], at(0), WAITS_LONG);
    expect(reserve(rate, [mail(50), mail(50)], at(1_000), WAITS_LONG).waitsMs).toEqual([0, 20]);
  });

  it('takes no moment that the mail will not wait for, and has each ask again at a time of its own', () => {
    const wanted = [mail(1), mail(1), mail(1), mail(1)];
    const { rate, waitsMs } = reserve(newMailRate(), wanted, at(0), 1_500);
    expect(waitsMs).toEqual([0, 1_000, 2_000, 3_000]);
    expect(rate.nextAt).toBe(at(2_000).toISOString());
    expect(reserve(rate, [mail(1)], at(0), 1_500).waitsMs).toEqual([4_000]);
  });

  it('lets those go first that have waited', () => {
    const { rate } = reserve(newMailRate(), [mail(1), mail(1), mail(1), mail(1)], at(0), 1_500);
    const asking = [mail(1), mail(1, 'site', true), mail(1)];
    expect(reserve(rate, asking, at(2_000), 1_500).waitsMs).toEqual([2_000, 0, 3_000]);
  });

  it.each([1, 5])(
    'has every mail of a storm sent in time by %i instances, and asked for a few times only',
    (count) => {
      const arrival = fc.record({
        atMs: fc.integer({ min: 0, max: 20_000 }),
        lateMs: fc.integer({ max: 2_500, min: 0 }),
        instance: fc.integer({ min: 0, max: count - 1 }),
      });
      fc.assert(
        fc.property(
          fc.array(arrival, { minLength: 50, maxLength: 200 }),
          fc.integer({ min: 1, max: 25 }),
          fc.integer(),
          (mails, perSecond, seed) => {
            const account = new SimulatedAccount();
            let turn = Math.abs(seed);
            let questions = 0;
            const sentMs: number[] = [];
            const waiting = mails.map((one) => ({ ...one, hasWaited: false }));
            while (waiting.length > 0) {
              waiting.sort((a, b) => b.atMs - a.atMs);
              const one = waiting.pop();
              if (!one) break;
              questions += 1;
              const waitMs = account.reserve(
                one.instance,
                mail(perSecond, 'site', one.hasWaited),
                one.atMs,
                3_000,
              );
              if (waitMs <= 3_000) sentMs.push(one.atMs + waitMs);
              // A queue counts in seconds, delivers a little late, and to whichever instance asks.
              else
                waiting.push({
                  ...one,
                  instance: turn++ % count,
                  atMs: one.atMs + Math.ceil(waitMs / 1_000) * 1_000 + one.lateMs,
                  hasWaited: true,
                });
            }
            expectSpaced(sentMs, perSecond);
            const interval = 1_000 / perSecond;
            expect(Math.max(...sentMs)).toBeLessThanOrEqual(20_000 + mails.length * interval + 15_000);
            expect(questions).toBeLessThanOrEqual(3 * mails.length);
          },
        ),
      );
    },
  );

  it('is asked about once a second by an instance that sends one mail after the other', () => {
    const account = new SimulatedAccount();
    const waitsMs = Array.from({ length: 250 }, (_, n) => account.reserve(0, mail(25), n * 40, 3_000));
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(40);
    expect(account.writes).toBeLessThanOrEqual(11);
  });

  it('serves many instances that each send a little, since what one leaves is for the others', () => {
    const account = new SimulatedAccount();
    const waitsMs = Array.from({ length: 300 }, (_, n) => account.reserve(n % 10, mail(25), n * 50, 3_000));
    // The first ones find that whoever came before has leased a larger share.
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(3_000);
    expect(Math.max(...waitsMs.slice(150))).toBeLessThanOrEqual(500);
    expect(account.writes).toBeLessThanOrEqual(150);
  });

  it('takes back what it has leased for another limit', () => {
    const account = new SimulatedAccount();
    account.reserve(0, mail(100), 0, 3_000);
    expect(account.reserve(0, mail(1), 10, 3_000)).toBe(1_980);
    expect(account.reserve(0, mail(100, 'other'), 20, 3_000)).toBe(2_970);
  });
});

/** An account with its document and the instances that lease from it, at times of a test. */
class SimulatedAccount {
  writes = 0;
  private rate: MailRate | undefined;
  private readonly instances = new Map<number, LeasedMoments>();

  /** How long the mail has to wait, as `reserveSending` says it. */
  reserve(instance: number, sending: Sending, nowMs: number, maxWaitMs: number): number {
    let leased = this.instances.get(instance);
    if (!leased) this.instances.set(instance, (leased = new LeasedMoments()));
    const known = leased.take(sending, at(nowMs), maxWaitMs);
    if (known !== undefined) return known;
    const asked = leaseMoments(this.rate ?? newMailRate(), String(instance), [sending], at(nowMs), maxWaitMs);
    leased.add(asked.rate, asked.spareMs, this.rate);
    this.rate = asked.rate;
    this.writes += 1;
    return asked.waitsMs[0] ?? 0;
  }
}

function expectSpaced(sentMs: readonly number[], perSecond: number): void {
  const gaps = sentMs.toSorted((a, b) => a - b).map((ms, index, all) => ms - (all[index - 1] ?? -1_000));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(Math.floor(1_000 / perSecond) - 1);
}

describe('an account that several instances send through', () => {
  let test: TestServices;
  const account = { customerId: CONTOSO, host: 'smtp.contoso.example', sender: 'alerts@contoso.example' };
  beforeEach(async () => {
    test = await startTestServices();
  });
  afterEach(() => test.close());

  /** An instance has a database client, and with it a queue, of its own. */
  const instance = () => ({
    database: Object.create(test.services.database) as typeof test.services.database,
    clock: test.clock,
  });

  it('gives every mail a moment of its own, whichever instance asks', async () => {
    const instances = [instance(), instance(), instance()];
    const waits = await Promise.all(
      Array.from({ length: 60 }, (_value, index) =>
        reserveSending(instances[index % 3] ?? instance(), account, mail(100), WAITS_LONG),
      ),
    );
    expectSpaced(waits, 100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3_000);
  });

  it('writes once for all mails of a second', async () => {
    let writes = 0;
    test.injectFault((request, next) => {
      if (request.method === 'PUT' || request.method === 'POST') writes += 1;
      return next(request);
    });
    const one = instance();
    await Promise.all(Array.from({ length: 40 }, () => reserveSending(one, account, mail(100), WAITS_LONG)));
    expect(writes).toBe(1);
  });

  it('is another one for another sender, and the same for other letter case', async () => {
    const one = instance();
    await reserveSending(one, account, mail(1), WAITS_LONG);
    expect(
      await reserveSending(one, { ...account, sender: 'other@contoso.example' }, mail(1), WAITS_LONG),
    ).toBe(0);
    expect(await reserveSending(one, { ...account, host: 'SMTP.contoso.example' }, mail(1), WAITS_LONG)).toBe(
      1_000,
    );
  });

  it('fails the mails that asked when the database fails, and serves those that come later', async () => {
    const one = instance();
    test.injectFault(async () => {
      throw new Error('the database is down');
    });
    await expect(reserveSending(one, account, mail(1), WAITS_LONG)).rejects.toThrow();
    test.injectFault(undefined);
    expect(await reserveSending(one, account, mail(1), WAITS_LONG)).toBe(0);
  });
});
