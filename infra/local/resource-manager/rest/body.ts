/** Bodies of requests: JSON parsed as leniently as by Resource Manager, checked against a schema. */
import JSON5 from 'json5';
import { z } from 'zod';
import { type LocalRequest } from '../../stand-in-support/server';
import { armError } from '../arm-error';

/** At most 50 tags: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations. */
export const tagsSchema = z
  .record(z.string().max(512), z.string().max(256))
  .refine((tags) => Object.keys(tags).length <= 50, 'there can be at most 50 tags');

/** @throws ArmError */
export function readBody<T>(schema: z.ZodType<T>, request: LocalRequest): T {
  const result = schema.safeParse(parse(request.body.toString('utf8')));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalidContent(`${issue?.message}. Path '${issue?.path.join('.')}'.`);
}

/** The Azure CLI puts a template with its comments into the body, under a name without quotes. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    try {
      return JSON5.parse<unknown>(text);
    } catch (error) {
      throw invalidContent(error instanceof Error ? error.message : String(error));
    }
  }
}

function invalidContent(reason: string): Error {
  return armError(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${reason}'.`,
  );
}
