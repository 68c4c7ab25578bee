import fc from 'fast-check';
import { type Month } from '../../shared/months/buckets';
import { monthOf, newSessionId, recordingId } from '../../shared/ids';
import { customerMonthsType } from '../../shared/months/customer-months';
import { CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices } from '../../tests/support/test-services';
import { sessionPartition } from '../sessions';
import { listRecordings, monthsToSearch } from './list-recordings';
import { type Recording, recordingType } from './recording';

const instant = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
const NAMES = Array.from({ length: 84 }, (_, index) => monthOf(new Date(Date.UTC(2030, -index)))); // to 2023-02
const listed = (names: string[]) => names.map((month): Month => ({ month, buckets: 1 }));
const search = (names: string[], ...rest: [Parameters<typeof monthsToSearch>[1], string | undefined]) =>
  monthsToSearch(listed(names), ...rest).map(({ month }) => month);

describe('the months that a search looks into', () => {
  it('hold every recording of the time asked for, also of sessions that began 31 days before', () => {
    const sessionDays = fc.double({ min: 0, max: 31, noNaN: true });
    fc.assert(
      fc.property(instant, instant, instant, sessionDays, (a, b, startedAt, daysSinceSessionStart) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        fc.pre(startedAt >= from && startedAt < to);
        const sessionStart = new Date(startedAt.getTime() - daysSinceSessionStart * 86_400_000);
        const filter = { from: from.toISOString(), to: to.toISOString() };
        expect(search(NAMES, filter, undefined)).toContain(monthOf(sessionStart));
      }),
    );
  });

  it('go on with the month of the last row', () => {
    const after = recordingId(newSessionId(new Date('2029-06-15T00:00:00Z')), 1);
    expect(search(['2029-07', '2029-06', '2029-05'], {}, after)).toEqual(['2029-06', '2029-05']);
  });

  it('are few when the time is short', () => {
    const filter = { from: '2029-06-15T00:00:00Z', to: '2029-06-16T00:00:00Z' };
    expect(search(NAMES, filter, undefined)).toEqual(['2029-06', '2029-05']);
  });
});

it('RCD-2: pages through months of one, 16 and 256 buckets give every recording once, newest first', async () => {
  const test = await startTestServices();
  const months = { '2029-10': 1, '2029-11': 16, '2029-12': 16, '2030-01': 256 } as const;
  await test.services.database
    .control(CONTOSO)
    .create(customerMonthsType, { id: 'all', months: Object.keys(months), buckets: months });
  const ids: string[] = [];
  for (let index = 0; index < 80; index += 1) {
    const sessionId = newSessionId(new Date(Date.UTC(2029, 9, 16 + index, index % 24)));
    const recording = recordingOf(sessionId, 1 + (index % 3));
    const partition = await sessionPartition(test.services, CONTOSO, sessionId);
    await partition.create(recordingType, recording);
    ids.push(recording.id);
  }
  for (const limit of [5, 30]) {
    const found: string[] = [];
    for (let page: Recording[] = []; found.length === 0 || page.length === limit;) {
      const after = found.at(-1);
      page = await listRecordings(
        test.services,
        CONTOSO,
        { states: ['complete'], restricted: false },
        { limit, after },
      );
      found.push(...page.map(({ id }) => id));
    }
    expect(found).toEqual(ids.toReversed());
  }
  await test.close();
});

function recordingOf(sessionId: string, part: number): Recording {
  return {
    id: recordingId(sessionId, part),
    sessionId,
    part,
    siteId: 'site',
    serverId: 'server',
    container: 'mp4',
    state: 'complete',
    userName: 'CONTOSO\\ada',
    userKey: 'contoso\\ada',
    accountKey: 'ada',
    startedAt: '2029-10-02T00:00:00.000Z',
  };
}
