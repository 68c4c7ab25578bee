/** The activity feed as capabilities write it: categories, and one event for what happens very often. */
import { activityFeed } from '../../tests/support/logs';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { documentType } from '../cosmos/document-type';
import { activityChange, countActivity, type CountedActivity, reportActivity } from './report-activity';

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
});
afterEach(() => test.close());

const control = () => test.services.database.control(CONTOSO);
const feed = () => activityFeed(test.services);

const statusOf = (serverId: string) => ({
  at: test.clock.now(),
  key: serverId,
  kind: 'server.status' as const,
  severity: 'information' as const,
  message: 'Server REC01 is now Available.',
  serverId,
});

const failure = (occurrence: string, more: Partial<CountedActivity> = {}): CountedActivity => ({
  at: new Date('2030-01-15T12:10:00.000Z'),
  occurrence,
  countedBy: ['lockSession', 'access denied'],
  kind: 'response.failed',
  severity: 'warning',
  message: 'Locking the session has failed: access denied.',
  siteId: 'site',
  ...more,
});
const count = (activity: CountedActivity) => countActivity(test.services, CONTOSO, activity);
const counts = async () => (await feed()).map((event) => event.count);

it('NTF-1: an event says which notification mails it belongs to, or that it belongs to none', async () => {
  await control().commit([activityChange(statusOf('a'))]);
  await reportActivity(test.services, CONTOSO, { ...statusOf('b'), kind: 'recording.damaged' });
  expect((await feed()).map(({ kind, category }) => [kind, category])).toEqual(
    expect.arrayContaining([
      ['server.status', 'serverStatus'],
      ['recording.damaged', null],
    ]),
  );
});

it('FEED-1: an activity that is reported twice is shown once, and for 90 days', async () => {
  await reportActivity(test.services, CONTOSO, statusOf('a'));
  await reportActivity(test.services, CONTOSO, statusOf('a'));
  expect(await feed()).toHaveLength(1);
  test.clock.advanceSeconds(90 * 86_400 - 10);
  expect(await feed()).toHaveLength(1);
  test.clock.advanceSeconds(20);
  expect(await feed()).toHaveLength(0);
});

it('an event written before there were categories has the category of its kind', async () => {
  const oldType = documentType<{ id: string; kind: string; at: string }>('feed-event', {
    ttlSeconds: 'never',
  });
  await control().create(oldType, { id: 'old', kind: 'server.status', at: '2029-12-01T00:00:00.000Z' });
  expect(await feed()).toMatchObject([{ id: 'old', kind: 'server.status', category: 'serverStatus' }]);
});

describe('an activity that happens very often', () => {
  it('FEED-1: is one event per kind, site, reason and hour, with a count and the facts of the first', async () => {
    await count(failure('1'));
    await count(failure('2', { at: new Date('2030-01-15T12:59:59.999Z') }));
    await count(failure('3', { at: new Date('2030-01-15T13:00:00.000Z') }));
    await count(failure('4', { countedBy: ['lockSession', 'no such session'] }));
    await count(failure('5', { siteId: 'other' }));
    await count(failure('6', { kind: 'response.skipped' }));
    expect((await counts()).sort()).toEqual([1, 1, 1, 1, 2]);
    const twice = (await feed()).find((event) => event.count === 2);
    expect(twice).toMatchObject({ at: '2030-01-15T12:10:00.000Z', message: failure('1').message });
  });

  it('is counted once however often it is reported, also all at once', async () => {
    const occurrences = Array.from({ length: 12 }, (_, index) => String(index % 4));
    await Promise.all(occurrences.map((occurrence) => count(failure(occurrence))));
    await count(failure('0'));
    expect(await counts()).toEqual([4]);
  });

  it('is counted once wherever the process dies, and when only the answer is lost', async () => {
    for (const occurrence of ['first', 'second']) {
      // Not a connection that is reset: the client of the database would repeat the request for five seconds.
      const gone = { status: 500, headers: {}, body: '{}' };
      test.injectFault(async (request, next) => {
        await next(request);
        return gone;
      });
      await expect(count(failure(occurrence))).rejects.toThrow();
      test.injectFault(() => Promise.resolve(gone));
      await expect(count(failure(occurrence))).rejects.toThrow();
      test.injectFault(undefined);
      await count(failure(occurrence));
    }
    expect(await counts()).toEqual([2]);
  });
});
