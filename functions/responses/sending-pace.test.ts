import fc from 'fast-check';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { reserveSending } from './sending-account';
import { newPace, reserveMoments, type SendingPace } from './sending-pace';

const WAITS_LONG = 60_000;
const at = (ms: number) => new Date(1_000_000 + ms);
const mail = (perSecond: number, siteId = 'site', hasWaited = false) => ({ siteId, perSecond, hasWaited });

describe('the pace of an account', () => {
  it('lets an idle account send at once', () => {
    expect(reserveMoments(newPace('a'), [mail(25)], at(0), WAITS_LONG).waitsMs).toEqual([0]);
  });

  it('never lets an account send more in any second than it may', () => {
    const arrivals = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), mails: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 100 }), (visits, perSecond) => {
        let pace: SendingPace = newPace('a');
        let nowMs = 0;
        const sentMs = visits.flatMap(({ afterMs, mails }) => {
          nowMs += afterMs;
          const wanted = Array.from({ length: mails }, () => mail(perSecond));
          const reserved = reserveMoments(pace, wanted, at(nowMs), Infinity);
          pace = reserved.pace;
          return reserved.waitsMs.map((waitMs) => nowMs + waitMs);
        });
        for (const start of sentMs) {
          // One more when a moment lies on the edge, since moments are whole milliseconds.
          const within = sentMs.filter((ms) => ms >= start && ms < start + 1_000).length;
          expect(within).toBeLessThanOrEqual(perSecond + 1);
        }
      }),
    );
  });

  it('is the lowest of the limits of its sites', () => {
    const first = reserveMoments(newPace('a'), [mail(1, 'slow')], at(0), WAITS_LONG);
    const second = reserveMoments(first.pace, [mail(100, 'fast'), mail(100, 'fast')], at(0), WAITS_LONG);
    expect(second.waitsMs).toEqual([1_000, 2_000]);
  });

  it('forgets the limit of a site that has not sent for an hour', () => {
    const { pace } = reserveMoments(newPace('a'), [mail(1, 'slow')], at(0), WAITS_LONG);
    const later = reserveMoments(pace, [mail(100, 'fast'), mail(100, 'fast')], at(3_600_001), WAITS_LONG);
    expect(later.waitsMs).toEqual([0, 10]);
  });

  it('takes the new limit of a site at once', () => {
    const { pace } = reserveMoments(newPace('a'), [mail(1)], at(0), WAITS_LONG);
    expect(reserveMoments(pace, [mail(50), mail(50)], at(1_000), WAITS_LONG).waitsMs).toEqual([0, 20]);
  });

  it('takes no moment that the mail will not wait for, and has each ask again at a time of its own', () => {
    const wanted = [mail(1), mail(1), mail(1), mail(1)];
    const { pace, waitsMs } = reserveMoments(newPace('a'), wanted, at(0), 1_500);
    expect(waitsMs).toEqual([0, 1_000, 2_000, 3_000]);
    expect(pace.nextAt).toBe(at(2_000).toISOString());
    expect(reserveMoments(pace, [mail(1)], at(0), 1_500).waitsMs).toEqual([4_000]);
  });

  it('lets those go first that have waited', () => {
    const { pace } = reserveMoments(newPace('a'), [mail(1), mail(1), mail(1), mail(1)], at(0), 1_500);
    const asking = [mail(1), mail(1, 'site', true), mail(1)];
    expect(reserveMoments(pace, asking, at(2_000), 1_500).waitsMs).toEqual([2_000, 0, 3_000]);
  });

  it('has every mail of a storm sent in time, and asked for a few times only', () => {
    const arrival = fc.record({
      atMs: fc.integer({ min: 0, max: 20_000 }),
      lateMs: fc.integer({ max: 2_500, min: 0 }),
    });
    fc.assert(
      fc.property(
        fc.array(arrival, { minLength: 50, maxLength: 200 }),
        fc.integer({ min: 1, max: 25 }),
        (mails, perSecond) => {
          let pace = newPace('a');
          let questions = 0;
          const sentMs: number[] = [];
          const waiting = mails.map(({ atMs, lateMs }) => ({ atMs, lateMs, hasWaited: false }));
          while (waiting.length > 0) {
            waiting.sort((a, b) => b.atMs - a.atMs);
            const one = waiting.pop();
            if (!one) break;
            questions += 1;
            const asked = reserveMoments(pace, [mail(perSecond, 'site', one.hasWaited)], at(one.atMs), 3_000);
            pace = asked.pace;
            const waitMs = asked.waitsMs[0] ?? 0;
            if (waitMs <= 3_000) sentMs.push(one.atMs + waitMs);
            // A queue counts in seconds, and delivers a little late.
            else
              waiting.push({
                ...one,
                atMs: one.atMs + Math.ceil(waitMs / 1_000) * 1_000 + one.lateMs,
                hasWaited: true,
              });
          }
          const interval = 1_000 / perSecond;
          const gaps = sentMs
            .toSorted((a, b) => a - b)
            .map((ms, index, all) => ms - (all[index - 1] ?? -1_000));
          expect(Math.min(...gaps)).toBeGreaterThanOrEqual(Math.floor(interval) - 1);
          expect(Math.max(...sentMs)).toBeLessThanOrEqual(20_000 + mails.length * interval + 15_000);
          expect(questions).toBeLessThanOrEqual(3 * mails.length);
        },
      ),
    );
  });
});

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
    expect(waits.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_value, index) => index * 10),
    );
  });

  it('writes once for all mails that ask at a time', async () => {
    let writes = 0;
    test.injectFault((request, next) => {
      if (request.method === 'PUT' || request.method === 'POST') writes += 1;
      return next(request);
    });
    const one = instance();
    await Promise.all(Array.from({ length: 40 }, () => reserveSending(one, account, mail(100), WAITS_LONG)));
    expect(writes).toBe(2);
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
