/** What is due, against the days that have passed since sessions ended; and the walk that finds each month once. */
import fc from 'fast-check';
import { type BucketCount, type Month, monthKeys } from '../../../shared/months/buckets';
import { nextDue } from '../../../shared/schedules/recurrence';
import { maintenanceRules, storageMaintenance } from '../../sites';
import { ACTIONS, actionFor, dueLimits, endOfSession, firstPosition, nextPosition } from './due';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const days = fc.integer({ min: 1, max: 36_500 });
const instant = fc
  .integer({ min: Date.UTC(2020), max: Date.UTC(2040) })
  .map((milliseconds) => new Date(milliseconds));
const rules = fc.record({ archiveAfterDays: days, deleteAfterDays: days }, { requiredKeys: [] });
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

it('MNG-2: a session is due for a rule when at least so many days have passed since its end', () => {
  fc.assert(
    fc.property(rules, instant, fc.nat(40_000 * 24), (given, now, ageHours) => {
      const endedAt = now.getTime() - ageHours * HOUR;
      fc.pre(endedAt >= 0);
      const isOlder = (limit: number | undefined) => limit !== undefined && ageHours >= limit * 24;
      const expected = isOlder(given.deleteAfterDays)
        ? 'delete'
        : isOlder(given.archiveAfterDays)
          ? 'archive'
          : undefined;
      expect(actionFor(iso(endedAt), dueLimits(given, now))).toBe(expected);
    }),
  );
});

it('MNG-2: each session is archived before it is deleted, whenever runs take place', () => {
  const inOrder = fc.tuple(days, days).filter(([archive, remove]) => archive < remove);
  fc.assert(
    fc.property(inOrder, instant, ([archiveAfterDays, deleteAfterDays], endedAt) => {
      const actionOn = (age: number) =>
        actionFor(
          endedAt.toISOString(),
          dueLimits({ archiveAfterDays, deleteAfterDays }, new Date(endedAt.getTime() + age * DAY)),
        );
      expect(actionOn(archiveAfterDays - 1)).toBeUndefined();
      expect(actionOn(archiveAfterDays)).toBe('archive');
      expect(actionOn(deleteAfterDays - 1)).toBe('archive');
      expect(actionOn(deleteAfterDays)).toBe('delete');
    }),
  );
});

it.each([
  ['in spring', '2026-03-28T02:00:00.000Z'],
  ['in autumn', '2026-10-24T02:00:00.000Z'],
])('MNG-2: a day has 24 hours, also when clocks change %s', (_when, start) => {
  const recurrence = { every: 'day', at: '04:00', timeZone: 'Europe/Paris' } as const;
  const [first, second, third] = [0, 1, 2].reduce<Date[]>(
    (runs) => [...runs, nextDue(recurrence, runs.at(-1) ?? new Date(start))],
    [],
  );
  const limits = [first, second, third].map((run) => dueLimits({ archiveAfterDays: 1 }, run ?? new Date(0)));
  // What ends with a run is archived by one of the next two, whether a day has 23 or 25 hours.
  const endedAt = first?.toISOString();
  expect(limits.map((limit) => actionFor(endedAt, limit)).slice(1)).toContain('archive');
  expect(actionFor(endedAt, limits[0] ?? {})).toBeUndefined();
});

it('MNG-2: deleting must come after archiving', () => {
  fc.assert(
    fc.property(rules, (given) => {
      const { archiveAfterDays, deleteAfterDays } = given;
      const isInOrder =
        archiveAfterDays === undefined || deleteAfterDays === undefined || archiveAfterDays < deleteAfterDays;
      expect(maintenanceRules.safeParse(given).success).toBe(isInOrder);
      expect(storageMaintenance.safeParse(given).success).toBe(isInOrder);
    }),
  );
  expect(maintenanceRules.safeParse({ archiveAfterDays: 30, deleteAfterDays: 30 }).success).toBe(false);
  expect(maintenanceRules.safeParse({ archiveAfterDays: 0 }).success).toBe(false);
});

describe('the age of a session', () => {
  const now = new Date('2030-03-15T12:00:00.000Z');
  const startedAt = '2030-02-20T12:00:00.000Z';

  it('MNG-2: counts from its end, not from its start', () => {
    const session = { state: 'ended' as const, startedAt, endedAt: '2030-03-01T00:00:00.000Z' };
    expect(endOfSession(session, now)).toBe('2030-03-01T00:00:00.000Z');
  });

  it('MNG-2: is none while it is live, so that nothing is due', () => {
    const live = { state: 'live' as const, startedAt };
    expect(endOfSession(live, now)).toBeUndefined();
    expect(actionFor(undefined, { delete: now.toISOString() })).toBeUndefined();
  });

  it('MNG-2: counts from its latest possible end when its end was never reported', () => {
    const lost = { state: 'live' as const, startedAt: '2030-01-01T00:00:00.000Z' };
    expect(endOfSession(lost, now)).toBe('2030-02-01T00:00:00.000Z');
  });
});

it('MNG-2: a walk visits each bucket of each month that may be due once for each rule, oldest first', () => {
  const months = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 8 }).chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc.constantFrom<BucketCount>(1, 16).map((buckets): Month => {
          const month = iso(Date.UTC(2025, number)).slice(0, 7);
          return { month, buckets };
        }),
      ),
    ),
  );
  fc.assert(
    fc.property(months, rules, instant, (listed, given, now) => {
      const limits = dueLimits(given, now);
      const visited: string[] = [];
      let position = firstPosition(listed, limits);
      while (position) {
        visited.push(`${position.action} ${position.monthKey}`);
        position = nextPosition(position, listed, limits);
      }
      const expected = ACTIONS.flatMap((action) =>
        listed
          .filter(({ month }) => `${month}-01T00:00:00.000Z` <= (limits[action] ?? ''))
          .flatMap((month) => monthKeys(month))
          .toSorted()
          .map((key) => `${action} ${key}`),
      );
      expect(visited).toEqual(expected);
    }),
  );
});
