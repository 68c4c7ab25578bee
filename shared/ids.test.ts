/** Ids: unique, derivable, sortable, and carrying their partition. */
import fc from 'fast-check';
import {
  derivedId,
  isUuid,
  monthOf,
  monthOfSession,
  newId,
  newSessionId,
  parseRecordingId,
  recordingId,
  sha256Hex,
  timedId,
} from './ids';

const instant = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});

it('makes new ids that sort by the time of making', () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every(isUuid)).toBe(true);
});

it('derives the same id from the same parts, and another one from others', () => {
  const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(isUuid(derivedId(...a))).toBe(true);
      expect(derivedId(...a) === derivedId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
  expect(derivedId('ab', 'c')).not.toBe(derivedId('a', 'bc'));
});

it('makes timed ids that sort by their instant and are the same for the same parts', () => {
  fc.assert(
    fc.property(instant, instant, fc.string(), fc.string(), (a, b, x, y) => {
      expect(timedId(a, x)).toBe(timedId(a, x));
      expect(isUuid(timedId(a, x))).toBe(true);
      if (a < b) expect(timedId(a, x) < timedId(b, y)).toBe(true);
      if (x !== y) expect(timedId(a, x)).not.toBe(timedId(a, y));
    }),
  );
});

it('finds the month of a session in its id, and its recordings in the same month', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 9_999 }), (start, part) => {
      const sessionId = newSessionId(start);
      expect(monthOfSession(sessionId)).toBe(monthOf(start));
      expect(parseRecordingId(recordingId(sessionId, part))).toEqual({ sessionId, part });
    }),
  );
});

it.each([
  '',
  'x',
  derivedId('not-v7') + '-0001',
  `${newId()}-1`,
  `${newId()}-00001`,
  `${newId()}`,
  `${newId()}-000a`,
])('reads no recording id from %j', (text) => {
  expect(parseRecordingId(text)).toBeUndefined();
});

it.each([
  '',
  newId().toUpperCase(),
  `{${newId()}}`,
  newId().replaceAll('-', ''),
  `${newId()} `,
  '00000000-0000-0000-0000-000000000000',
])('takes %j for no id of this service', (text) => {
  expect(isUuid(text)).toBe(false);
});

it('CCL-8: the hashes of different texts differ, also of those with unpaired surrogates', () => {
  // Half of them are of one family that UTF-8 cannot tell apart.
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('0\ud800', '0\ud801', '0\udc00', '0\ufffd'),
  );
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(sha256Hex(one) === sha256Hex(other)).toBe(one === other);
    }),
  );
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
