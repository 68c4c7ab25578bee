/** What recordings carry for searches: scope keys, duration bands, words of events, periods and windows of time. */
import fc from 'fast-check';
import { monthOf } from '../../../shared/ids';
import type { Month } from '../../../shared/months/buckets';
import { newId } from '../../../shared/ids';
import type { SessionEvent } from '../../policies/engine';
import { foldEvents, MAX_EVENT_WORDS, wordsIn } from './event-fields';
import { DURATION_BANDS, durationBand, durationFields, scopeKeysOf } from './search-fields';
import { rangeOfPeriod } from './search-period';
import { windowsOf } from './time-windows';

describe('IAM-6: scope keys', () => {
  it('name the user with and without domain, by UPN and ids, the groups, application, delivery group and machine', () => {
    const keys = scopeKeysOf({
      user: {
        name: 'CONTOSO\\Ada',
        upn: 'Ada@Contoso.example',
        sid: 'S-1-5-21-7',
        entraId: 'E-1',
        groups: [{ name: 'CONTOSO\\Finance', sid: 'S-1-5-21-9' }, { entraId: 'G-1' }],
      },
      application: 'SAP GUI',
      deliveryGroup: 'Office',
      machine: 'VDA-1',
    });
    expect(keys).toEqual([
      'u:contoso\\ada',
      'u:ada',
      'u:ada@contoso.example',
      'u:s-1-5-21-7',
      'u:e-1',
      'a:sap gui',
      'd:office',
      'm:vda-1',
      'g:contoso\\finance',
      'g:finance',
      'g:s-1-5-21-9',
      'g:g-1',
    ]);
  });

  it('fit a document, however many groups a user has', () => {
    const groups = Array.from({ length: 5_000 }, (_, i) => ({ name: `${'d'.repeat(200)}\\group${i}` }));
    const keys = scopeKeysOf({ user: { name: 'ada', groups } });
    expect(keys).toContain('u:ada');
    expect(JSON.stringify(keys).length).toBeLessThan(1_000_000);
  });
});

describe('RCD-2: duration bands', () => {
  it('never decrease with the duration, and are 64 up to 31 days', () => {
    const seconds = fc.double({ min: 0, max: 31 * 86_400, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [shorter, longer] = a < b ? [a, b] : [b, a];
        expect(durationBand(shorter)).toBeLessThanOrEqual(durationBand(longer));
        expect(durationBand(shorter)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect([durationBand(0), durationBand(31 * 86_400)]).toEqual([0, DURATION_BANDS - 1]);
  });

  it('belong to the time from start to end, which is never negative', () => {
    expect(durationFields('2030-01-01T00:00:00.000Z', '2030-01-01T00:01:30.000Z').durationSeconds).toBe(90);
    expect(durationFields('2030-01-01T00:00:00.000Z', '2029-01-01T00:00:00.000Z').durationSeconds).toBe(0);
  });
});

describe('RCD-2: the words of events', () => {
  const event = (data: Record<string, string>, type = 'appStart'): SessionEvent =>
    ({ id: newId(), type, time: '2030-01-01T00:00:00.000Z', data }) as SessionEvent;

  it('are whole words in lower case', () => {
    expect(wordsIn('C:\\Windows\\System32\\CMD.exe /k Größe_1 日本 é')).toEqual([
      'windows',
      'system32',
      'cmd',
      'exe',
      'grösse_1',
      '日本',
      'é',
    ]);
  });

  it.each([
    ['İstanbul STRASSE Straße ΣΊΣΥΦΟΣ ＣＭＤ', ['istanbul', 'strasse', 'strasse', 'σίσυφοσ', 'cmd']],
    ['請求書を削除', ['請求', '求書', '書を', 'を削', '削除']],
    ['file日本語2', ['file', '日本', '本語']],
  ])('are found in any letter case and width, and within scripts that have no spaces: %s', (text, words) => {
    expect(wordsIn(text)).toEqual(words);
  });

  it('are at most 256, and more are marked; counts and types are those of all events', async () => {
    const folded = await foldEvents([
      event({ appName: 'Notepad' }),
      event({ title: 'Notes' }, 'topMost'),
      ...Array.from({ length: 300 }, (_, i) => event({ appName: `word${i}` })),
    ]);
    expect(folded).toMatchObject({
      eventCount: 302,
      eventTypes: ['appStart', 'topMost'],
      eventWordsOverflow: true,
    });
    expect(folded.eventWords).toHaveLength(MAX_EVENT_WORDS);
    expect(folded.eventWords.slice(0, 2)).toEqual(['notepad', 'notes']);
  });

  it('RCD-12: include those of the further fields of custom events', async () => {
    const custom = {
      ...event({ text: 'Booked' }, 'custom'),
      fields: { currency: 'EUR', amount: 12.5, urgent: true },
    };
    expect((await foldEvents([custom])).eventWords).toEqual(['booked', 'eur']);
  });

  it('are distinct and are found by a search for each, whatever the texts are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), async (texts) => {
        const { eventWords, eventWordsOverflow } = await foldEvents(texts.map((title) => event({ title })));
        expect(new Set(eventWords).size).toBe(eventWords.length);
        for (const word of texts.flatMap(wordsIn)) {
          expect(wordsIn(word)).toEqual([word]);
          expect(eventWords.includes(word) || eventWordsOverflow).toBe(true);
        }
      }),
    );
  });
});

describe('RCD-2: periods', () => {
  const now = new Date('2030-03-31T12:00:00.000Z');

  it('are whole days of the time zone, today and those before', () => {
    expect(rangeOfPeriod('today', 'UTC', now)).toEqual({ from: '2030-03-31T00:00:00.000Z' });
    expect(rangeOfPeriod('last7Days', 'UTC', now)).toEqual({ from: '2030-03-25T00:00:00.000Z' });
    expect(rangeOfPeriod('today', 'Pacific/Auckland', now)).toEqual({ from: '2030-03-31T11:00:00.000Z' });
    expect(rangeOfPeriod('all', 'UTC', now)).toEqual({});
  });

  it('begin at midnight also where the clocks have changed since', () => {
    // Summer time began in Paris on the day of `now`: a day before, midnight was at 23:00 UTC.
    expect(rangeOfPeriod('last30Days', 'Europe/Paris', now)).toEqual({ from: '2030-03-01T23:00:00.000Z' });
  });
});

describe('RCD-2: the windows of a search', () => {
  const instant = fc.date({ min: new Date('2024-02-01'), max: new Date('2029-12-01'), noInvalidDate: true });
  const MONTHS = Array.from({ length: 84 }, (_, index): Month => ({
    month: monthOf(new Date(Date.UTC(2030, -index))),
    buckets: 1,
  }));

  it('cover every recording of the range, once, in the month of its session', () => {
    const sessionDays = fc.double({ min: -1, max: 30.999, noNaN: true });
    fc.assert(
      fc.property(instant, instant, instant, sessionDays, (a, b, startedAt, days) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        fc.pre(startedAt >= from && startedAt < to);
        const sessionMonth = monthOf(new Date(startedAt.getTime() - days * 86_400_000));
        const range = { from: from.toISOString(), to: to.toISOString() };
        const at = startedAt.toISOString();
        const containing = windowsOf(MONTHS, range, 'descending').filter(
          (window) => window.from <= at && at < window.to,
        );
        expect(containing).toHaveLength(1);
        expect(containing[0]?.months.map(({ month }) => month)).toContain(sessionMonth);
      }),
    );
  });

  it('have few months each, follow one another, and are reversed in the other direction', () => {
    const windows = windowsOf(MONTHS, {}, 'descending');
    for (const [index, { to, months }] of windows.entries()) {
      expect(months.length).toBeLessThanOrEqual(3);
      expect(windows[index + 1]?.to ?? '').not.toBe(to);
    }
    expect(windowsOf(MONTHS, {}, 'ascending')).toEqual(windows.toReversed());
    expect(windowsOf([], {}, 'descending')).toEqual([]);
  });
});
