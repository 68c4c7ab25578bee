import fc from 'fast-check';
import type { SessionEvent } from '../policies/engine';
import { chunkEvents, MAX_CHUNK_BYTES } from './chunk-events';

const event = fc
  .record({ id: fc.uuid(), appName: fc.string({ unit: 'binary', maxLength: 50 }) })
  .map(({ id, appName }): SessionEvent => ({
    id,
    type: 'appStart',
    time: '2030-01-15T12:00:00.000Z',
    data: { appName },
  }));
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

it('keeps every event, in its order, whatever the limit', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.integer({ min: 1, max: 2_000 }),
      (events, maxBytes) => {
        expect(chunkEvents(events, maxBytes).flat()).toEqual(events);
      },
    ),
  );
});

it('makes no part larger than the limit but of one event that is larger by itself', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.integer({ min: 1, max: 2_000 }),
      (events, maxBytes) => {
        for (const part of chunkEvents(events, maxBytes)) {
          if (part.length > 1) expect(sizeOf(part)).toBeLessThanOrEqual(maxBytes + 1);
          expect(part.length).toBeGreaterThan(0);
        }
      },
    ),
  );
});

it('puts many events in a part: a thousand small ones in a handful', () => {
  const data = { appName: 'notepad.exe', commandLine: 'notepad.exe C:\\notes.txt' };
  const events = Array.from({ length: 1_000 }, (_, index): SessionEvent => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    type: 'appStart',
    time: '2030-01-15T12:00:00.000Z',
    data,
  }));
  expect(chunkEvents(events)).toHaveLength(Math.ceil(sizeOf(events) / MAX_CHUNK_BYTES));
});

it('makes nothing of nothing', () => {
  expect(chunkEvents([])).toEqual([]);
});
