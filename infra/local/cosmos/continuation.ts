/** Continuation tokens: where a query resumes, and to which query they belong. */
import { createHash } from 'node:crypto';
import { badRequest } from './message';
import { type Query } from './query/syntax';

/**
 * A continuation token is valid only for the query that returned it: its results, sources and order. Not its filter,
 * which the SDK itself changes when it resumes a sorted cross-partition query.
 */
export function fingerprintOf({ text, orderBy }: Query): string {
  const parts = [text.value, text.from, ...orderBy.map((item) => `${item.text} ${item.descending}`)];
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 12);
}

export function writeToken(state: object, fingerprint: string): string {
  return Buffer.from(JSON.stringify([fingerprint, state])).toString('base64url');
}

/** Raises 400 for a token of another query. */
export function readToken<State>(token: string | undefined, fingerprint: string): State | undefined {
  if (token === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (cause) {
    throw badRequest('Invalid continuation token.', undefined, cause);
  }
  if (!Array.isArray(parsed) || parsed[0] !== fingerprint) throw badRequest('Invalid continuation token.');
  return parsed[1] as State;
}
