/** Months: listed once for all processes, known without a read afterwards, prepared a week ahead. */
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { newSessionId } from '../ids';
import { lineLog } from '../telemetry/telemetry';
import { customerMonthsType, listedMonths, monthKeyOf, openMonth, sessionMonthKey } from './customer-months';
import { prepareMonths } from './prepare-months';

// The test's clock stands at 15 January 2030.
let test: TestServices;
const errors: string[] = [];
const log = lineLog((line) => errors.push(line));

beforeEach(async () => {
  test = await startTestServices();
  errors.length = 0;
});
afterEach(async () => {
  jest.restoreAllMocks();
  await test.close();
});

const control = () => test.services.database.control(CONTOSO);
const open = (month: string) => openMonth(test.services, CONTOSO, month);
const document = () => control().read(customerMonthsType, 'all');
const DAY = 86_400;

function countRequests(): { requests: number } {
  const counted = { requests: 0 };
  test.injectFault((request, next) => {
    counted.requests += 1;
    return next(request);
  });
  return counted;
}

function loseControl(): void {
  test.injectFault((request, next) =>
    request.path.includes('/control/')
      ? Promise.resolve({ status: 503, headers: {}, body: '{}' })
      : next(request),
  );
}

it('a month is listed once by many that begin it at once, and costs nothing afterwards', async () => {
  const others = Array.from({ length: 6 }, () => test.otherProcess());
  await Promise.all(others.map((services) => openMonth(services, CONTOSO, '2030-01')));
  expect(await document()).toMatchObject({ months: ['2030-01'] });
  const counted = countRequests();
  for (const services of others) {
    await openMonth(services, CONTOSO, '2030-01');
    expect(await monthKeyOf(services, CONTOSO, '2030-01', 'x')).toBe('2030-01');
  }
  expect(counted.requests).toBe(0);
});

it('a new month has as many buckets as the one before, and a late one as its own neighbours', async () => {
  await control().create(customerMonthsType, {
    id: 'all',
    months: ['2029-06', '2029-11'],
    buckets: { '2029-11': 16 },
  });
  expect([await open('2029-08'), await open('2029-12'), await open('2029-05')]).toEqual([
    { month: '2029-08', buckets: 1 },
    { month: '2029-12', buckets: 16 },
    { month: '2029-05', buckets: 1 },
  ]);
  expect((await listedMonths(test.services, CONTOSO)).map(({ month }) => month)).toEqual([
    '2029-12',
    '2029-11',
    '2029-08',
    '2029-06',
    '2029-05',
  ]);
});

it('all processes find an id in the same bucket, whichever of them listed the month', async () => {
  const [one, other] = [test.otherProcess(), test.otherProcess()];
  const sessionId = newSessionId(new Date('2030-01-15T00:00:00.000Z'));
  expect(await sessionMonthKey(other, CONTOSO, sessionId)).toBe('2030-01');
  await control().create(customerMonthsType, { id: 'all', months: ['2029-12'], buckets: { '2029-12': 16 } });
  await openMonth(one, CONTOSO, '2030-01');
  const key = await sessionMonthKey(one, CONTOSO, sessionId);
  expect(key).toMatch(/^2030-01\.[0-9a-f]$/);
  expect(await sessionMonthKey(other, CONTOSO, sessionId)).toBe(key);
});

it('documents of before there were buckets have one bucket a month', async () => {
  await control().create(customerMonthsType, { id: 'all', months: ['2029-12', '2030-01'] });
  expect(await listedMonths(test.services, CONTOSO)).toEqual([
    { month: '2030-01', buckets: 1 },
    { month: '2029-12', buckets: 1 },
  ]);
});

describe('the next month', () => {
  const size = (servers: number) => () => Promise.resolve({ servers, largestSite: 0 });

  it('is listed a week ahead with the buckets of the present size, and searched once it has begun', async () => {
    await open('2030-01');
    test.clock.advanceSeconds(9 * DAY); // 24 January
    await prepareMonths(test.services, log, size(501));
    expect(await document()).toMatchObject({ months: ['2030-01'] });
    test.clock.advanceSeconds(DAY);
    await prepareMonths(test.services, log, size(501));
    await prepareMonths(test.services, log, size(9_000));
    expect(await document()).toMatchObject({
      months: ['2030-01', '2030-02'],
      buckets: { '2030-02': 16 },
      dueAt: '2030-02-22T00:00:00.000Z',
    });
    expect(await listedMonths(test.services, CONTOSO)).toEqual([{ month: '2030-01', buckets: 1 }]);
    test.clock.advanceSeconds(7 * DAY);
    expect((await listedMonths(test.services, CONTOSO))[0]).toEqual({ month: '2030-02', buckets: 16 });
  });

  it('is prepared for customers whose document is of before there were buckets', async () => {
    await control().create(customerMonthsType, { id: 'all', months: ['2030-01'] });
    await prepareMonths(test.services, log, size(501));
    expect(await document()).toMatchObject({ months: ['2030-01'], dueAt: '2030-01-25T00:00:00.000Z' });
    test.clock.advanceSeconds(10 * DAY);
    await prepareMonths(test.services, log, size(501));
    expect(await document()).toMatchObject({ buckets: { '2030-02': 16 } });
  });

  it('is not listed for a customer without servers', async () => {
    await open('2030-01');
    test.clock.advanceSeconds(12 * DAY);
    await prepareMonths(test.services, log, size(0));
    expect(await document()).toMatchObject({ months: ['2030-01'], dueAt: '2030-02-22T00:00:00.000Z' });
  });

  it('is prepared for the other customers when one cannot be counted', async () => {
    await open('2030-01');
    await openMonth(test.services, FABRIKAM, '2030-01');
    test.clock.advanceSeconds(12 * DAY);
    await prepareMonths(test.services, log, (_services, customerId) =>
      customerId === CONTOSO
        ? Promise.reject(new Error('too many'))
        : Promise.resolve({ servers: 9_000, largestSite: 1 }),
    );
    expect(errors.join()).toContain('month.not-prepared');
    expect(await test.services.database.control(FABRIKAM).read(customerMonthsType, 'all')).toMatchObject({
      buckets: { '2030-02': 256 },
    });
  });

  it('is known to a running process before it begins, so that its first session waits for nothing', async () => {
    const now = jest.spyOn(performance, 'now');
    await open('2030-01');
    test.clock.advanceSeconds(12 * DAY);
    await prepareMonths(test.otherProcess(), log, size(501));
    now.mockReturnValue(performance.now() + 7 * 3_600_000);
    await open('2030-01');
    await new Promise((resolve) => setTimeout(resolve, 200));
    loseControl();
    expect(await open('2030-02')).toEqual({ month: '2030-02', buckets: 16 });
  });
});

it('a process that has seen a month needs `control` no more to find what lies in it, also when it looks again', async () => {
  const now = jest.spyOn(performance, 'now');
  await open('2030-01');
  loseControl();
  now.mockReturnValue(performance.now() + 7 * 3_600_000);
  expect(await open('2030-01')).toEqual({ month: '2030-01', buckets: 1 });
  expect(await monthKeyOf(test.services, CONTOSO, '2030-01', 'x')).toBe('2030-01');
});
