/** Schemas of fields that many operations take: ids, instants and ranges of time. */
import { z } from 'zod';
import { withinCalendar } from '../clock';

/** The id of a resource. UUIDs are read in either case and are lower-case from then on. */
export const resourceId = z.uuid().toLowerCase();

/** RFC 3339 with any offset; UTC with milliseconds from then on, so that instants compare as texts. */
export const instant = z.iso.datetime({ offset: true }).overwrite(inUtc);

function inUtc(text: string): string {
  const milliseconds = Date.parse(text);
  // What is no date and time is refused by the schema, but gets here first.
  return Number.isNaN(milliseconds) ? text : withinCalendar(new Date(milliseconds)).toISOString();
}

/** A time of day, `HH:MM`. */
export const localTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time from 00:00 to 23:59, such as 02:30.');

/** An IANA time zone. */
export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Give an IANA time zone such as Europe/Paris.')
  .describe('IANA name');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A query that is limited to a time range, from `from` on and before `to`; a range that ends before it begins is refused. */
export function withTimeRange<Shape extends z.ZodRawShape>(
  shape: Shape,
  { from, to }: { from: string; to: string },
) {
  const range = { from: instant.optional().describe(from), to: instant.optional().describe(to) };
  return z.strictObject({ ...shape, ...range }).refine(isInOrder, {
    path: ['from'],
    error: 'Must not be later than `to`.',
    // Also when another parameter is not valid; what is no instant is refused for that.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
}

function isInOrder(query: { from?: unknown; to?: unknown }): boolean {
  const [from, to] = [query.from, query.to].map((time) =>
    typeof time === 'string' ? Date.parse(time) : NaN,
  );
  return !((from ?? NaN) > (to ?? NaN));
}
