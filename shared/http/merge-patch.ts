/** JSON Merge Patch (RFC 7396): the schema of a patch, and its application. */
import { z } from 'zod';

type Json = Record<string, unknown>;

/** The schema of a patch to what `schema` describes: every field optional, null removes, objects merge. */
export function mergePatchOf(schema: z.ZodObject): z.ZodType<Json> {
  const shape = Object.entries(schema.shape).map(
    ([name, field]) => [name, patchField(field as z.ZodType)] as const,
  );
  return z.strictObject(Object.fromEntries(shape));
}

/** The target with the patch applied; omitted members stay unchanged. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A map, since `__proto__` and `constructor` are names like any other in JSON.
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, applyMergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

function patchField(field: z.ZodType): z.ZodType {
  const inner = withoutWrappers(field);
  const patched = inner instanceof z.ZodObject ? mergePatchOf(inner) : inner;
  return patched.nullable().optional();
}

/** A default would turn "leave it" into "reset it". */
function withoutWrappers(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodNullable) {
    return withoutWrappers(field.unwrap() as z.ZodType);
  }
  return field;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
