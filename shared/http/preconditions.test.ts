/** If-Match and If-None-Match as RFC 9110 writes them. */
import { Problem } from '../problem';
import { checkIfMatch, isNamed } from './preconditions';

const RESOURCE = { etag: '"a,b"' };
const required = { ifMatch: 'required' } as const;
const whenExists = { ifMatch: 'whenExists' } as const;

const outcome = (header: string | null, resource: unknown = RESOURCE) =>
  checkIfMatch(required, header, resource).outcome;

it.each(['"a,b"', '  "a,b"  ', '"x", "a,b"', '"x","a,b",', ',"a,b"', '*', ' * ', 'W/"a,b", "a,b"'])(
  'OPS-2: holds for If-Match %j',
  (header) => {
    expect(checkIfMatch(required, header, RESOURCE)).toEqual({ outcome: 'holds', etag: '"a,b"' });
  },
);

it.each(['"a"', '"b"', '""', '"A,B"', 'W/"a,b"', 'W/"x", W/"a,b"', '"x", "y"'])(
  'OPS-2: fails for If-Match %j',
  (header) => {
    expect(outcome(header)).toBe('fails');
  },
);

it.each([
  '',
  ' ',
  ',',
  'a,b',
  "'a,b'",
  '"a,b',
  'a,b"',
  '""a,b""',
  '"a" "b"',
  '*, "a,b"',
  'w/"a,b"',
  'W"a"',
  '"a b"',
])('OPS-2: is refused as %j, which is no list of ETags in quotes', (header) => {
  const refused = refusalOf(() => outcome(header));
  expect(refused).toMatchObject({ status: 400, code: 'validation-failed' });
  expect(refused.errors).toEqual([
    { parameter: 'If-Match', detail: expect.stringContaining('double quotes') as string },
  ]);
});

it('says that weak ETags never match, where only such are sent', () => {
  const weak = checkIfMatch(required, 'W/"a,b"', RESOURCE);
  expect(weak).toMatchObject({ problem: { status: 412, detail: expect.stringContaining('weak') as string } });
});

it('is required for a change, and not for a creation', () => {
  expect(refusalOf(() => outcome(null)).status).toBe(428);
  expect(refusalOf(() => checkIfMatch(whenExists, null, RESOURCE)).status).toBe(428);
  expect(checkIfMatch(whenExists, null, undefined)).toEqual({ outcome: 'holds', etag: undefined });
  expect(checkIfMatch(whenExists, '*', undefined).outcome).toBe('fails');
  expect(checkIfMatch({}, 'anything', RESOURCE).outcome).toBe('holds');
});

it.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  ['', false],
])('names "a" in If-None-Match %j: %s', (header, named) => {
  expect(isNamed('"a"', header)).toBe(named);
});

function refusalOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
