/** Adds descriptions and examples to the schemas of the OpenAPI document that have none of their own. */

type Json = Record<string, unknown>;

/** What a field means, and a value that it can have. */
export interface FieldText {
  description: string;
  example?: unknown;
}

export type FieldTexts = Readonly<Record<string, FieldText>>;

const UUID = '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55';

/** By the format of a text. */
const EXAMPLES: Readonly<Record<string, string>> = {
  uuid: UUID,
  guid: UUID,
  'date-time': '2026-11-29T12:00:00.000Z',
  email: 'ada@contoso.example',
  uri: 'https://recordings.contoso.example',
};

/** The schema with a description for each of its fields, and an example for each that is a text, a number or a flag. */
export function withTexts(schema: Json, texts: FieldTexts, parent = ''): Json {
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'properties') return [key, describeFields(value as Record<string, Json>, texts, parent)];
    if (key === 'items' || key === 'additionalProperties')
      return [key, isObject(value) ? withTexts(value, texts, parent) : value];
    if (key === 'anyOf' || key === 'oneOf' || key === 'allOf')
      return [key, (value as Json[]).map((option) => withTexts(option, texts, parent))];
    return [key, value];
  });
  return Object.fromEntries(entries);
}

function describeFields(fields: Record<string, Json>, texts: FieldTexts, parent: string) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const inner = withTexts(field, texts, name);
      return [
        name,
        field['$ref'] === undefined
          ? describedField(inner, texts[`${parent}.${name}`] ?? texts[name])
          : inner,
      ];
    }),
  );
}

/** A field or parameter with what is known of it. */
export function describedField(field: Json, text: FieldText | undefined): Json {
  const example = exampleOf(field, text);
  return {
    ...(field['description'] === undefined && text ? { description: text.description } : {}),
    ...field,
    ...(example === undefined || field['examples'] ? {} : { examples: [example] }),
  };
}

function exampleOf(field: Json, text: FieldText | undefined): unknown {
  const { type, format, minimum, default: standard } = field;
  if (field['enum'] !== undefined || field['const'] !== undefined) return undefined;
  if (fits(type, text?.example)) return text?.example;
  if (standard !== undefined && typeof standard !== 'object' && standard !== '') return standard;
  switch (type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return typeof minimum === 'number' && minimum > 1 ? minimum : 1;
    case 'string':
      return EXAMPLES[String(format)];
    default:
      return undefined;
  }
}

function fits(type: unknown, example: unknown): boolean {
  if (type === 'integer') return Number.isInteger(example);
  return example !== undefined && type === typeof example;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/**
 * A value that consists of the examples of a schema's required fields; where none is required, of all that have one.
 * @param component the named schema of a `$ref`
 */
export function exampleValue(schema: Json, component: (reference: string) => Json): unknown {
  const { $ref, examples, enum: choices, const: constant, type, properties, items, minItems } = schema;
  if (Array.isArray(examples)) return examples[0] as unknown;
  if (typeof $ref === 'string') return exampleValue(component($ref), component);
  if (constant !== undefined) return constant;
  if (Array.isArray(choices)) return choices[0] as unknown;
  const [first] = (schema['oneOf'] ?? schema['anyOf'] ?? []) as Json[];
  if (first) return exampleValue(first, component);
  if (type === 'array') {
    const entry = minItems === 0 || !isObject(items) ? undefined : exampleValue(items, component);
    return entry === undefined ? [] : [entry];
  }
  return isObject(properties) ? exampleObject(schema, component) : undefined;
}

function exampleObject({ properties, required }: Json, component: (reference: string) => Json) {
  const names = Array.isArray(required) && required.length > 0 ? (required as string[]) : undefined;
  const fields = Object.entries(properties as Record<string, Json>)
    .filter(([name]) => names?.includes(name) ?? true)
    .map(([name, field]) => [name, exampleValue(field, component)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
