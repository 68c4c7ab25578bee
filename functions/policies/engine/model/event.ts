/** Events of recorded sessions, as a recording server reports them. */
import { z } from 'zod';
import { type Dimension, type EventTypeId, EVENT_TYPES, largestValue } from './event-types';

/** The longest text of an event in UTF-16 units: that of a command line and a path on Windows. */
const MAX_TEXT_UNITS = 32_767;

const fieldSchemas = {
  text: () => z.string().max(MAX_TEXT_UNITS),
  drive: () => z.string().max(MAX_TEXT_UNITS),
  choice: (dimension: Dimension) => z.enum(dimension.kind === 'choice' ? dimension.choices : []),
  // Counters may report slightly more than the maximum; rejecting it would lose the batch.
  number: (dimension: Dimension) => {
    const max = dimension.kind === 'number' ? largestValue(dimension) : Infinity;
    return z
      .number()
      .nonnegative()
      .overwrite((value) => Math.min(value, max));
  },
} satisfies Record<Dimension['kind'], (dimension: Dimension) => z.ZodType>;

const processId = (description: string) =>
  z.int().nonnegative().max(0xffff_ffff).optional().meta({ description });

/** Fields that no trigger tests: which process started which, for the commands of a recording. */
const PROCESS_FIELDS: Partial<Record<EventTypeId, z.ZodRawShape>> = {
  appStart: {
    processId: processId('Process id'),
    parentProcessId: processId('Id of the process that started it'),
    parentAppName: z
      .string()
      .max(MAX_TEXT_UNITS)
      .optional()
      .meta({ description: 'App name of that process' }),
  },
  appEnd: { processId: processId('Process id') },
};

/** What custom events have beside their data, which no trigger tests. */
const MAX_CUSTOM_FIELDS = 20;
const customFields = z
  .record(z.string().min(1).max(100), z.union([z.string().max(4_096), z.number(), z.boolean()]))
  .refine((fields) => Object.keys(fields).length <= MAX_CUSTOM_FIELDS, `At most ${MAX_CUSTOM_FIELDS} fields`)
  .optional()
  .meta({ description: `At most ${MAX_CUSTOM_FIELDS} further fields: texts, numbers and flags` });

const options = EVENT_TYPES.map((type) => {
  const fields = type.dimensions.map((dimension) => [
    dimension.field,
    fieldSchemas[dimension.kind](dimension).optional().meta({ description: dimension.name }),
  ]);
  const processFields = Object.entries(PROCESS_FIELDS[type.id] ?? {});
  const shape = {
    id: z.uuid().meta({ description: 'Stays the same when the event is sent again' }),
    type: z.literal(type.id),
    time: z.iso.datetime({ offset: true }),
    data: z.strictObject(
      Object.fromEntries([...fields, ...processFields]) as Record<string, z.ZodType<EventValue | undefined>>,
    ),
  };
  return type.id === 'custom' ? z.strictObject({ ...shape, fields: customFields }) : z.strictObject(shape);
});

type EventValue = string | number;

/**
 * A session event. One schema per type, generated from the table of event types: unknown fields are rejected, every field
 * is optional, numbers are finite and not negative, percentages are clamped to 100.
 */
export const sessionEventSchema: z.ZodType<SessionEvent> = z
  .discriminatedUnion('type', options as [(typeof options)[number], ...typeof options])
  .meta({ id: 'SessionEvent', description: fieldTable() });

/** The fields of each type of event and the dimensions of triggers that test them, as a table in Markdown. */
function fieldTable(): string {
  const rows = EVENT_TYPES.flatMap((type) =>
    type.dimensions.map((dimension) => {
      const unit = dimension.kind === 'number' ? dimension.unit : '';
      const factor = dimension.kind === 'number' ? String(dimension.unitsPerLimit) : '';
      return `| ${[type.id, dimension.field, dimension.id, unit, factor].join(' | ')} |`;
    }),
  );
  const processRows = Object.entries(PROCESS_FIELDS).flatMap(([type, fields]) =>
    Object.keys(fields).map((field) => `| ${type} | ${field} | | | |`),
  );
  return [
    'An event of a session. The fields of its data, and the dimensions of triggers that test them; a limit in the unit of the dimension, multiplied by the factor, is in the unit of the field:',
    '',
    '| type | field | dimension | unit | factor |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...processRows,
  ].join('\n');
}

export interface SessionEvent {
  readonly id: string;
  readonly type: EventTypeId;
  /** RFC 3339. */
  readonly time: string;
  readonly data: EventData;
  /** Of custom events: further fields. */
  readonly fields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Values by field name, see `Dimension.field`. A missing field satisfies no condition. */
export type EventData = Readonly<Record<string, EventValue | undefined>>;
