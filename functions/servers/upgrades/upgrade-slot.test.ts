/** The slot in which a cloud client is upgraded, by the rules of the server's time zone on the day. */
import { nextDue } from '../../../shared/schedules/recurrence';
import { firstOnNextDay, isInSlot, localDay, slotOn, upgradeRecurrence } from './upgrade-slot';

const PARIS = 'Europe/Paris';
const night = { from: '02:00', to: '03:00' };
const slot = (from: string, to: string, automatic = true) => ({ automatic, from, to });

it('UPG-3: servers start within the first 45 minutes of the slot, spread, and always at the same time', () => {
  const times = Array.from({ length: 500 }, (_, n) => upgradeRecurrence(`server-${n}`, night, PARIS));
  const minutes = times.map((recurrence) => ('at' in recurrence ? recurrence.at : ''));
  expect(minutes.toSorted()[0]).toBe('02:00');
  expect(minutes.toSorted().at(-1)).toBe('02:44');
  expect(new Set(minutes).size).toBe(45);
  expect(upgradeRecurrence('server-7', night, PARIS)).toEqual(times[7]);
});

it('UPG-3: a slot shorter than 45 minutes is used to its end only', () => {
  const at = Array.from({ length: 100 }, (_, n) => {
    const recurrence = upgradeRecurrence(`server-${n}`, slot('23:50', '23:55'), PARIS);
    return 'at' in recurrence ? recurrence.at : '';
  });
  expect([...new Set(at)].toSorted()).toEqual(['23:50', '23:51', '23:52', '23:53', '23:54']);
});

/** In Paris clocks go from 02:00 to 03:00 on 31 March 2030, and from 03:00 to 02:00 on 27 October 2030. */
it.each([
  ['an ordinary night', '2030-01-15', '2030-01-15T01:00:00Z', '2030-01-15T02:00:00Z'],
  ['the night that skips the slot', '2030-03-31', '2030-03-31T01:00:00Z', '2030-03-31T02:00:00Z'],
  ['the night that has it twice', '2030-10-27', '2030-10-27T00:00:00Z', '2030-10-27T02:00:00Z'],
])('UPG-3: the slot 02:00 to 03:00 of %s', (_, day, begin, end) => {
  const at = (instant: string, seconds: number) => new Date(Date.parse(instant) + seconds * 1000);
  const found = [at(begin, -1), at(begin, 0), at(end, -1), at(end, 0)].map((instant) =>
    isInSlot(night, day, PARIS, instant),
  );
  expect(found).toEqual([false, true, true, false]);
});

it('UPG-3: every server is due once a night, in the slot, also on both nights of daylight-saving change', () => {
  for (const first of ['2030-03-29T12:00:00Z', '2030-10-25T12:00:00Z']) {
    for (let server = 0; server < 50; server++) {
      const recurrence = upgradeRecurrence(`server-${server}`, night, PARIS);
      let at = new Date(first);
      const days = Array.from({ length: 4 }, () => {
        at = nextDue(recurrence, at);
        expect(isInSlot(night, localDay(at, PARIS), PARIS, at)).toBe(true);
        return localDay(at, PARIS);
      });
      expect(new Set(days).size).toBe(4);
      expect(Date.parse(days[3] ?? '') - Date.parse(days[0] ?? '')).toBe(3 * 86_400_000);
    }
  }
});

it('UPG-1: a change of the slot takes effect on the next day of the server, not of UTC', () => {
  const history = {
    slot: slot('05:00', '06:00'),
    changedAt: '2030-01-15T23:30:00Z', // It is the 16th in Paris.
    before: slot('02:00', '03:00'),
  };
  expect(slotOn('2030-01-16', history, PARIS).from).toBe('02:00');
  expect(slotOn('2030-01-17', history, PARIS).from).toBe('05:00');
  expect(slotOn('2030-01-17', { slot: history.slot }, PARIS).from).toBe('05:00');
  const due = firstOnNextDay(
    { every: 'day', at: '23:00', timeZone: PARIS },
    PARIS,
    new Date('2030-01-15T10:00:00Z'),
  );
  expect(due.toISOString()).toBe('2030-01-16T22:00:00.000Z');
});
