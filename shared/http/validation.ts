/** Validates bodies and queries against their schemas; errors become problem details (RFC 9457). */
import { z } from 'zod';
import { type FieldError, Problem } from '../problem';
import { plainIssues } from './plain-issues';

/** A JSON pointer (RFC 6901) to a path within a body. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Every error in plain words; each unknown field has an entry of its own. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return plainIssues(error.issues).map(({ path, message }) => ({
    pointer: jsonPointer(path),
    detail: message,
  }));
}

/** The parsed body. @throws Problem `validation-failed` with a pointer per error */
export function validateBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw validationFailed('The body', fieldErrors(result.error));
}

/** The parsed query. @throws Problem `validation-failed` naming the parameters */
export function validateQuery(
  schema: z.ZodObject | undefined,
  search: URLSearchParams,
): Record<string, unknown> | undefined {
  const shape = schema?.shape ?? {};
  const errors: FieldError[] = [];
  const raw: Record<string, unknown> = {};
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    const field = Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined;
    if (!field)
      errors.push({ parameter: name, detail: 'Unknown query parameter: remove it, or check its spelling.' });
    else if (values.length > 1)
      errors.push({ parameter: name, detail: 'Specify this query parameter only once.' });
    else raw[name] = coerce(field, values[0] ?? '');
  }
  const result = schema?.safeParse(raw);
  if (result?.error) {
    for (const { path, message } of plainIssues(result.error.issues))
      errors.push(
        path.length > 0
          ? { parameter: String(path[0]), detail: message + offsetHint(raw[String(path[0])]) }
          : { detail: message },
      );
  }
  if (errors.length > 0) throw validationFailed('The query', errors);
  return result?.data;
}

/** What to say of a time whose offset was not encoded: in a query, `+` stands for a blank. */
function offsetHint(value: unknown): string {
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\S+ \d\d:?\d\d$/.test(value);
  return isTime ? ' In a query, the `+` before an offset must be written `%2B`.' : '';
}

/** Limits the response: a hostile body can have as many errors as bytes. */
const MAX_ERRORS = 100;
const MAX_PLACES = 5;

/** The problem that names what is wrong; `what` begins its sentence, such as `The body`. */
export function validationFailed(what: string, errors: FieldError[]): Problem {
  const places = errors.slice(0, MAX_PLACES).flatMap((error) => error.pointer || error.parameter || []);
  const where = errors.length > MAX_PLACES ? `${places.join(', ')} …` : places.join(', ');
  return new Problem('validation-failed', `${what} is not valid: ${where || 'see errors'}.`, {
    errors: errors.slice(0, MAX_ERRORS),
  });
}

/** Converts the text of a number or boolean; any other text is left for the schema to reject. */
function coerce(schema: z.ZodType, text: string): unknown {
  switch (innermost(schema).def.type) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

function innermost(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return innermost(schema.unwrap() as z.ZodType);
  }
  return schema;
}
