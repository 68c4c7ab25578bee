import { localTimeIn } from './local-time';

const at = (time: string, from: string, to: string, day: string) =>
  localTimeIn(time, { from, to, now: new Date(`${day}T12:00:00.000Z`) });

describe('a time of day in another time zone', () => {
  it.each([
    ['04:00', 'Europe/Paris', 'Europe/Paris', '2026-11-29', '04:00'],
    ['04:00', 'Europe/Paris', 'America/New_York', '2026-11-29', '22:00'],
    ['04:00', 'Europe/Paris', 'Asia/Kolkata', '2026-11-29', '08:30'],
    // New York has summer time two weeks before Paris.
    ['04:00', 'Europe/Paris', 'America/New_York', '2026-03-20', '23:00'],
    ['23:30', 'UTC', 'Pacific/Auckland', '2026-01-15', '12:30'],
    // Skipped in Paris that day: what the clocks show an hour later.
    ['02:30', 'Europe/Paris', 'UTC', '2026-03-29', '01:30'],
  ])('UPG-2: %s in %s is, in %s on %s, %s', (time, from, to, day, expected) => {
    expect(at(time, from, to, day)).toBe(expected);
  });
});
