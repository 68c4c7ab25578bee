/** Which events were spooled already, across restarts. */
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KnownEvents } from './known-events';
import { eventId } from './testing/test-client';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'known-events-'));
  file = path.join(folder, 'known');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('CCL-7: ids survive a restart, in whatever case they come', () => {
  new KnownEvents(file).add([eventId(1), eventId(2)]);
  const next = new KnownEvents(file);
  expect([1, 2, 3].map((number) => next.has(eventId(number).toUpperCase()))).toEqual([true, true, false]);
});

it('CCL-6: half an id at the end of the file is cut off, and the next one is whole', () => {
  new KnownEvents(file).add([eventId(1)]);
  appendFileSync(file, Buffer.alloc(7));
  new KnownEvents(file).add([eventId(2)]);
  const next = new KnownEvents(file);
  expect([1, 2].map((number) => next.has(eventId(number)))).toEqual([true, true]);
  expect(statSync(file).size).toBe(32);
});

it('keeps the newer ones when there are too many', () => {
  const known = new KnownEvents(file, 4);
  for (let number = 1; number <= 5; number++) known.add([eventId(number)]);
  const kept = [1, 2, 3, 4, 5].filter((number) => known.has(eventId(number)));
  expect(kept).toEqual([3, 4, 5]);
  expect([1, 2, 3, 4, 5].filter((number) => new KnownEvents(file).has(eventId(number)))).toEqual(kept);
});
