/** Cursors of real page links, and what an attacker could make of them. */
import fc from 'fast-check';
import type { RawAnswer } from '../raw-request';

export interface Cursors {
  /** Of lists of the customer who sends the requests. */
  own: readonly string[];
  /** Of another customer. */
  foreign: readonly string[];
}

/** The cursor of the answer's page link, if it has one. */
export function cursorsOf({ status, text }: RawAnswer): string[] {
  if (status !== 200) return [];
  const { nextLink } = JSON.parse(text) as { nextLink?: string };
  const cursor = nextLink === undefined ? null : new URL(nextLink).searchParams.get('cursor');
  return cursor === null ? [] : [cursor];
}

/** Genuine, foreign, truncated, prolonged and changed cursors. */
export function anyCursor({ own, foreign }: Cursors): fc.Arbitrary<string> {
  if (own.length === 0) return fc.base64String();
  const genuine = fc.constantFrom(...own);
  const place = fc.nat({ max: 400 });
  return fc.oneof(
    { weight: 2, arbitrary: genuine },
    { weight: 2, arbitrary: fc.constantFrom(...own, ...foreign) },
    fc.tuple(genuine, place).map(([text, at]) => text.slice(0, at % text.length)),
    fc.tuple(genuine, genuine).map(([text, other]) => text + other),
    fc.tuple(genuine, place, fc.constantFrom('A', 'Q', '_', '=', '%', '\u0000')).map(([text, at, by]) => {
      const index = at % text.length;
      return text.slice(0, index) + by + text.slice(index + 1);
    }),
  );
}

/** A success with a cursor that is none of the customer's own is a failure. */
export function cursorFaults({ own }: Cursors, path: string, { status }: RawAnswer): string[] {
  const cursor = new URL(path, 'http://service').searchParams.get('cursor');
  if (cursor === null || own.includes(cursor) || status >= 300) return [];
  return [`status ${status} for a cursor that is not the customer's own`];
}
