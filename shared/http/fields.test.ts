/** Ids are read in either case, instants with any offset, and ranges in order only. */
import { z } from 'zod';
import { Problem } from '../problem';
import { instant, resourceId, withTimeRange } from './fields';
import { validateQuery } from './validation';

it.each([
  ['2026-11-29T12:00:00Z', '2026-11-29T12:00:00.000Z'],
  ['2026-11-29T12:00:00.5Z', '2026-11-29T12:00:00.500Z'],
  ['2026-11-29T12:00:00.123456Z', '2026-11-29T12:00:00.123Z'],
  ['2026-11-29T01:30:00+05:30', '2026-11-28T20:00:00.000Z'],
  ['2026-12-31T23:00:00-02:00', '2027-01-01T01:00:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['1969-12-31T23:59:59Z', '1970-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59-23:59', '9999-12-31T23:59:59.999Z'],
])('OPS-2: reads the instant %s as %s', (text, utc) => {
  expect(instant.parse(text)).toBe(utc);
});

it.each([
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-29T24:00:00Z',
  '2026-11-29T23:59:60Z',
  '2026-11-29T12:00:00',
  '2026-11-29T12:00:00+25:00',
  '2026-11-29',
  '29.11.2026',
  '1796000000',
  '',
])('OPS-2: refuses the instant %j', (text) => {
  expect(instant.safeParse(text).success).toBe(false);
});

it('reads ids in either case', () => {
  const id = '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55';
  expect(resourceId.parse(id.toUpperCase())).toBe(id);
  expect(resourceId.safeParse(`${id}x`).success).toBe(false);
});

const query = withTimeRange({ top: z.int().max(5).default(1) }, { from: 'From then on', to: 'Before' });
const parse = (text: string) => validateQuery(query, new URLSearchParams(text));

it.each([
  'from=2026-11-29T12:00:01Z&to=2026-11-29T12:00:00Z',
  'from=2026-11-29T12:00:00Z&to=2026-11-29T12:59:59%2B01:00',
  'from=2026-11-29T12:00:01Z&to=2026-11-29T12:00:00Z&top=9',
])('OPS-2: refuses the range %s, which ends before it begins', (text) => {
  const refused = problemOf(() => parse(text));
  expect(refused.status).toBe(400);
  expect(refused.errors).toContainEqual({ parameter: 'from', detail: 'Must not be later than `to`.' });
});

it.each([
  'from=2026-11-29T12:00:00Z&to=2026-11-29T12:00:00Z',
  'from=2026-11-29T13:00:00%2B01:00&to=2026-11-29T12:00:01Z',
  'from=2026-11-29T12:00:00Z',
  'to=2026-11-29T12:00:00Z',
  '',
])('reads the range %j', (text) => {
  expect(parse(text)).toMatchObject({ top: 1 });
});

it('says only that an instant is none, where it is none', () => {
  const refused = problemOf(() => parse('from=yesterday&to=2026-11-29T12:00:00Z'));
  expect(refused.errors?.map(({ parameter }) => parameter)).toEqual(['from']);
});

it.each(['from=2026-01-01T00:00:00+02:00', 'to=2026-01-01T00:00+0200'])(
  'OPS-2: says of %s that the + of its offset must be encoded',
  (text) => {
    const [error] = problemOf(() => parse(text)).errors ?? [];
    expect(error?.detail).toMatch(/\w\. In a query, .*`%2B`/);
  },
);

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
