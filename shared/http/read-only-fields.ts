/**
 * Lets an answer to GET be edited and sent back by PUT or PATCH: what the answer shows and the body cannot change is
 * ignored when unchanged, and refused by name when changed.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { FieldError } from '../problem';
import { jsonPointer } from './validation';

const READ_ONLY = 'This field is read-only: leave it out, or send it back as you read it.';

type Fields = ReadonlyMap<string, z.ZodType>;

interface Shapes {
  /** Schema of the body. */
  input: z.ZodType | undefined;
  /** Schema of the answer. */
  view: z.ZodType | undefined;
  /** Names of read-only fields that change by themselves: whatever value was read is accepted. */
  volatile: readonly string[];
}

/**
 * The body without read-only fields, and an error for each of them that differs from what the answer shows now.
 * Entries of lists are compared by their `id`.
 * @param body as sent, not validated yet
 * @param current the answer as it is now; undefined when there is nothing yet
 */
export function withoutReadOnlyFields(
  body: unknown,
  shapes: Shapes,
  current: unknown,
): { body: unknown; changed: FieldError[] } {
  const changed: FieldError[] = [];
  const visit = (value: unknown, { input, view }: Shapes, now: unknown, path: PropertyKey[]): unknown => {
    if (Array.isArray(value))
      return visitEntries(value, { input, view, volatile: shapes.volatile }, now, path);
    const [changeable, shown] = [fieldsOf(input), fieldsOf(view)];
    if (!isObject(value) || changeable.size === 0 || shown.size === 0) return value;
    const known = isObject(now) ? now : {};
    const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      const place = [...path, name];
      const inside = { input: changeable.get(name), view: shown.get(name), volatile: shapes.volatile };
      if (inside.input || !inside.view) return [[name, visit(inner, inside, known[name], place)]];
      if (!shapes.volatile.includes(name) && !isSame(inner, known[name]))
        changed.push({ pointer: jsonPointer(place), detail: READ_ONLY });
      return [];
    });
    return Object.fromEntries(kept);
  };
  const visitEntries = (
    entries: unknown[],
    { input, view, volatile }: Shapes,
    now: unknown,
    path: PropertyKey[],
  ) => {
    const inside = { input: elementOf(input), view: elementOf(view), volatile };
    if (fieldsOf(inside.input).size === 0) return entries;
    const byId = new Map((Array.isArray(now) ? (now as unknown[]) : []).map((entry) => [idOf(entry), entry]));
    return entries.map((entry, index) => {
      const id = idOf(entry);
      return visit(entry, inside, id === undefined ? undefined : byId.get(id), [...path, index]);
    });
  };
  return { body: visit(body, shapes, current, []), changed };
}

/** The fields of an object, or of all alternatives that are objects; none for other schemas. */
export function fieldsOf(schema: z.ZodType | undefined): Fields {
  const inner = withoutWrappers(schema);
  if (inner instanceof z.ZodObject) return new Map(Object.entries(inner.shape));
  if (inner instanceof z.ZodUnion)
    return new Map((inner.options as z.ZodType[]).flatMap((option) => [...fieldsOf(option)]));
  return new Map();
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const inner = withoutWrappers(schema);
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

function withoutWrappers(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return withoutWrappers(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? withoutWrappers(schema.in as z.ZodType) : schema;
}

/** As JSON; null says the same as leaving the field out. */
function isSame(sent: unknown, current: unknown): boolean {
  if (current === undefined) return sent === null;
  return isDeepStrictEqual(sent, JSON.parse(JSON.stringify(current)));
}

function idOf(entry: unknown): unknown {
  return isObject(entry) ? entry['id'] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
