import fc from 'fast-check';
import { monthOf, newSessionId, recordingId } from '../../shared/ids';
import { monthsToSearch } from './list-recordings';

const instant = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
const MONTHS = Array.from({ length: 84 }, (_, index) => monthOf(new Date(Date.UTC(2030, -index)))); // to 2023-02

describe('the months that a search looks into', () => {
  it('hold every recording of the time asked for, also of sessions that began 31 days before', () => {
    const sessionDays = fc.double({ min: 0, max: 31, noNaN: true });
    fc.assert(
      fc.property(instant, instant, instant, sessionDays, (a, b, startedAt, daysSinceSessionStart) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        fc.pre(startedAt >= from && startedAt < to);
        const sessionStart = new Date(startedAt.getTime() - daysSinceSessionStart * 86_400_000);
        const filter = { from: from.toISOString(), to: to.toISOString() };
        expect(monthsToSearch(MONTHS, filter, undefined)).toContain(monthOf(sessionStart));
      }),
    );
  });

  it('go on with the month of the last row', () => {
    const after = recordingId(newSessionId(new Date('2029-06-15T00:00:00Z')), 1);
    expect(monthsToSearch(['2029-07', '2029-06', '2029-05'], {}, after)).toEqual(['2029-06', '2029-05']);
  });

  it('are few when the time is short', () => {
    const filter = { from: '2029-06-15T00:00:00Z', to: '2029-06-16T00:00:00Z' };
    expect(monthsToSearch(MONTHS, filter, undefined)).toEqual(['2029-06', '2029-05']);
  });
});
