/** The place of heartbeats in a minute. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { secondsToNextHeartbeat } from './heartbeat-phase';

const START = Date.parse('2026-11-29T12:00:00Z');

/** The second of its minute, with fractions, in which a heartbeat arrives. */
const secondOf = (milliseconds: number) => (milliseconds / 1000) % 60;

it('CCL-2: brings heartbeats into the window of a minute with the next one, whenever they were sent before', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 3_600_000 }),
      (id, window, after) => {
        const seconds = secondsToNextHeartbeat(id, window, new Date(START + after));
        expect(seconds).toBeGreaterThan(30);
        expect(seconds).toBeLessThanOrEqual(90);
        expect(secondOf(START + after + seconds * 1000)).toBeLessThanOrEqual(window + 0.001);
      },
    ),
  );
});

it('CCL-2: keeps the period of a minute, and the place after a late heartbeat', () => {
  const id = randomUUID();
  let at = START;
  const places: number[] = [];
  for (const late of [0, 0, 400, 0, 25_000, 0]) {
    at += secondsToNextHeartbeat(id, 15, new Date(at)) * 1000;
    places.push(Math.round(secondOf(at) * 10));
    at += late;
  }
  expect(new Set(places).size).toBe(1);
});

it('CCL-2: spreads servers over the window', () => {
  const inThirds = [0, 0, 0];
  for (let server = 0; server < 900; server++) {
    const second = secondOf(START + secondsToNextHeartbeat(randomUUID(), 15, new Date(START)) * 1000);
    const third = Math.min(2, Math.floor(second / 5));
    inThirds[third] = (inThirds[third] ?? 0) + 1;
  }
  for (const count of inThirds) expect(count).toBeGreaterThan(200);
});
