/** Whether PUT or PATCH asks for what is there already: then nothing is written, and the log has no entry of it. */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { applyMergePatch } from './merge-patch';
import type { Operation } from './operation';
import { fieldsOf, withoutReadOnlyFields } from './read-only-fields';

/**
 * Compares as JSON, after the schema has trimmed values and filled in defaults.
 * @param body valid, and without read-only fields
 * @param current the answer to GET as it is now, as its schema declares it
 */
export function changesNothing(
  { method, edits, body: input, success: { body: view } }: Operation,
  body: unknown,
  current: unknown,
): boolean {
  if (namesHiddenField(body, view)) return false;
  const { body: now } = withoutReadOnlyFields(asJson(current), { input, view, volatile: [] }, current);
  if (method !== 'PATCH') return isDeepStrictEqual(asJson(body), now);
  const [before, after] = [now, applyMergePatch(now, body)].map((state) => edits?.whole?.safeParse(state));
  // A state that earlier rules accepted may be invalid now: then nothing is said about the change.
  if (!before?.success || !after?.success) return false;
  return isDeepStrictEqual(asJson(after.data), asJson(before.data));
}

/** Whether a field is given that no answer shows, such as a password: what it was before cannot be compared. */
function namesHiddenField(body: unknown, view: z.ZodType | undefined): boolean {
  const shown = fieldsOf(view);
  if (typeof body !== 'object' || body === null || Array.isArray(body) || shown.size === 0) return false;
  return Object.entries(body).some(
    ([name, value]) => value !== undefined && (!shown.has(name) || namesHiddenField(value, shown.get(name))),
  );
}

/** Without members that are undefined. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
