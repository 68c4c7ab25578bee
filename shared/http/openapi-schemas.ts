/** Zod schemas as JSON Schema, with the named ones (`.meta({ id })`) collected as components. */
import { z } from 'zod';

type Json = Record<string, unknown>;
type Direction = 'input' | 'output';

export class SchemaCollector {
  private readonly collected = new Map<string, Json>();

  /** The schema in place; the named ones within it become references. */
  inline(schema: z.ZodType, io: Direction): Json {
    const {
      $schema: _dialect,
      $defs,
      id: _id,
      ...body
    } = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        delete jsonSchema.id;
      },
    }) as Json & { $defs?: Record<string, Json> };
    const renamed = new Map<string, string>();
    for (const [name, definition] of Object.entries($defs ?? {})) {
      renamed.set(name, this.place(name, clean(definition), io));
    }
    return rename(body, renamed) as Json;
  }

  /** A reference to the schema when it has a name, else the schema in place. */
  reference(schema: z.ZodType, io: Direction): Json {
    const name = z.globalRegistry.get(schema)?.id;
    if (!name) return this.inline(schema, io);
    return { $ref: `#/components/schemas/${this.place(name, this.inline(schema, io), io)}` };
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

function clean({ $schema: _dialect, id: _id, $id: _uri, ...definition }: Json): Json {
  return rename(definition, new Map()) as Json;
}

function rename(value: unknown, names: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== '$ref' || typeof inner !== 'string') return [key, rename(inner, names)];
      const name = inner.replace('#/$defs/', '');
      return [key, `#/components/schemas/${names.get(name) ?? name}`];
    }),
  );
}
