/** Events of recorded sessions, as a recording server reports them. */
import { z } from 'zod';
import { type Dimension, type EventTypeId, EVENT_TYPES, largestValue } from './event-types';

/** Longest text of an event: the longest command line and path of Windows, in UTF-16 units. */
const MAX_TEXT_UNITS = 32_767;

const fieldSchemas = {
  text: () => z.string().max(MAX_TEXT_UNITS),
  drive: () => z.string().max(MAX_TEXT_UNITS),
  choice: (dimension: Dimension) => z.enum(dimension.kind === 'choice' ? dimension.choices : []),
  // Counters may report a little more than there is; to refuse it would lose the batch.
  number: (dimension: Dimension) => {
    const most = dimension.kind === 'number' ? largestValue(dimension) : Infinity;
    return z
      .number()
      .nonnegative()
      .overwrite((value) => Math.min(value, most));
  },
} satisfies Record<Dimension['kind'], (dimension: Dimension) => z.ZodType>;

const options = EVENT_TYPES.map((type) => {
  const fields = type.dimensions.map((dimension) => [
    dimension.field,
    fieldSchemas[dimension.kind](dimension).optional().meta({ description: dimension.name }),
  ]);
  return z.strictObject({
    id: z.uuid().meta({ description: 'The same however often the event is sent' }),
    type: z.literal(type.id),
    time: z.iso.datetime({ offset: true }),
    data: z.strictObject(Object.fromEntries(fields) as Record<string, z.ZodType<EventValue | undefined>>),
  });
});

type EventValue = string | number;

/**
 * A session event. One schema per type, made of the table's dimensions: unknown fields are refused, every field is
 * optional, numbers are finite and not negative, percentages above 100 are 100.
 */
export const sessionEventSchema: z.ZodType<SessionEvent> = z
  .discriminatedUnion('type', options as [(typeof options)[number], ...typeof options])
  .meta({ id: 'SessionEvent' });

export interface SessionEvent {
  readonly id: string;
  readonly type: EventTypeId;
  /** RFC 3339. */
  readonly time: string;
  readonly data: EventData;
}

/** Values by field name, see `Dimension.field`. A field that is not there meets no condition. */
export type EventData = Readonly<Record<string, EventValue | undefined>>;
