/** The schema check of a published CloudEvent (version 1.0, JSON format). */
import { z } from 'zod';
import { HttpError } from '../../stand-in-support/errors';

const text = z.string().min(1);
const standard = {
  id: text,
  source: text,
  type: text,
  specversion: z.literal('1.0'),
  time: z.iso.datetime({ offset: true }).optional(),
  subject: text.nullish(),
  datacontenttype: text.nullish(),
  dataschema: text.nullish(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
};

/** Extension attributes have lower-case names and plain values (CloudEvents 1.0, "Attributes"). */
const schema = z
  .object(standard)
  .catchall(z.union([z.string(), z.number(), z.boolean()]))
  .superRefine((event, context) => {
    for (const name of Object.keys(event).filter((key) => !(key in standard) && !/^[a-z0-9]+$/.test(key))) {
      context.addIssue({ code: 'custom', message: `'${name}' is no valid attribute name`, path: [name] });
    }
    if (event.data !== undefined && event.data_base64 !== undefined) {
      context.addIssue({
        code: 'custom',
        message: 'data and data_base64 exclude each other',
        path: ['data'],
      });
    }
  });

/** A checked event; unknown members are its extension attributes. */
export type CloudEvent = z.infer<typeof schema>;

/** Source: https://learn.microsoft.com/azure/event-grid/quotas-limits (custom topics). */
const maxEventsPerBatch = 5000;

/** Checks a whole batch: one invalid event refuses them all (400), as do too many (413). */
export function checkCloudEvents(values: unknown): CloudEvent[] {
  if (Array.isArray(values) && values.length > maxEventsPerBatch) {
    const detail = `A batch has at most ${maxEventsPerBatch} events; this one has ${values.length}.`;
    throw new HttpError(413, 'RequestEntityTooLarge', detail);
  }
  const parsed = z.array(schema).safeParse(values);
  if (!parsed.success) {
    const where = z.prettifyError(parsed.error);
    throw new HttpError(
      400,
      'BadRequest',
      `This resource is configured to receive events in the 'CloudEventV10' schema. ${where}`,
    );
  }
  return parsed.data;
}
