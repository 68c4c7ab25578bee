/** Zod schemas as JSON Schema, with the named ones (`.meta({ id })`) collected as components. */
import { z } from 'zod';
import { describedField, exampleValue, type FieldTexts, withTexts } from './openapi-texts';

type Json = Record<string, unknown>;
type Direction = 'input' | 'output';

export class SchemaCollector {
  private readonly collected = new Map<string, Json>();

  /** @param texts descriptions and examples of fields that have none of their own */
  constructor(private readonly texts: FieldTexts = {}) {}

  /** A parameter's description beside its schema with an example. */
  parameter(schema: Json, name: string): { description?: string; schema: Json } {
    const { description, ...rest } = describedField(schema, this.texts[name]);
    return { ...(typeof description === 'string' ? { description } : {}), schema: rest };
  }

  /** The schema as JSON Schema; named ones, itself included, become references to components. */
  describe(schema: z.ZodType, io: Direction): Json {
    const {
      $schema: _dialect,
      $defs,
      id: _id,
      ...body
    } = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        delete jsonSchema.id;
        // Left out where the schema transforms what it reads, though ours are always of what is sent.
        const { examples } = z.globalRegistry.get(zodSchema) ?? {};
        if (Array.isArray(examples)) jsonSchema.examples = examples;
      },
    }) as Json & { $defs?: Record<string, Json> };
    const definitions = new Map(Object.entries($defs ?? {}));
    const placed = new Map<string, string>();
    // Innermost first: what refers to a schema that got another name is another schema itself.
    const nameOf = (name: string): string => {
      const definition = definitions.get(name);
      if (!definition || placed.has(name)) return placed.get(name) ?? name;
      placed.set(name, name);
      const schema = withTexts(rename(withoutOwnNames(definition), nameOf) as Json, this.texts, name);
      placed.set(name, this.place(name, describedField(schema, this.texts[name]), io));
      return placed.get(name) ?? name;
    };
    return withTexts(rename(body, nameOf) as Json, this.texts);
  }

  /** A value of the schema, made of examples; the schema is one that `describe` returned. */
  example(schema: Json): unknown {
    return exampleValue(schema, (reference) => this.collected.get(reference.replace(/^.*\//, '')) ?? {});
  }

  components(): Record<string, Json> {
    return Object.fromEntries([...this.collected].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What is written and what is read may differ under one name (defaults): then what is written is `…Input`. */
  private place(name: string, schema: Json, io: Direction): string {
    const known = this.collected.get(name);
    if (!known || JSON.stringify(known) === JSON.stringify(schema)) {
      this.collected.set(name, schema);
      return name;
    }
    const other = `${name}${io === 'input' ? 'Input' : 'Output'}`;
    this.collected.set(other, schema);
    return other;
  }
}

function withoutOwnNames({ $schema: _dialect, id: _id, $id: _uri, ...definition }: Json): Json {
  return definition;
}

/** Whether a keyword limits anything: every integer has the limits of what JavaScript can count. */
function saysSomething([key, limit]: [string, unknown]): boolean {
  return !(
    (key === 'minimum' && limit === Number.MIN_SAFE_INTEGER) ||
    (key === 'maximum' && limit === Number.MAX_SAFE_INTEGER)
  );
}

function rename(value: unknown, nameOf: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, nameOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(saysSomething)
      .map(([key, inner]) => {
        if (key !== '$ref' || typeof inner !== 'string') return [key, rename(inner, nameOf)];
        return [key, `#/components/schemas/${nameOf(inner.replace('#/$defs/', ''))}`];
      }),
  );
}
