/** Generates values that are valid by a JSON Schema, as far as the schemas of this API go. */
import fc from 'fast-check';
import type { ApiDocument, JsonSchema } from './api-document';

/** Long texts and lists are rare and slow down tests: this is the maximum generated. */
const MAX_LENGTH = 40;
const MAX_ITEMS = 4;

export class ValidValues {
  private readonly made = new Map<JsonSchema, fc.Arbitrary<unknown>>();

  /** @param ids of existing resources; some of the generated UUIDs are taken from these */
  constructor(
    private readonly document: ApiDocument,
    private readonly ids: readonly string[],
  ) {}

  /** Values of this schema. */
  of(schema: JsonSchema): fc.Arbitrary<unknown> {
    const known = this.made.get(schema) ?? this.make(schema);
    this.made.set(schema, known);
    return known;
  }

  private make(schema: JsonSchema): fc.Arbitrary<unknown> {
    const { $ref, anyOf, oneOf } = schema;
    if ($ref) return this.of(this.component($ref));
    const choices = anyOf ?? oneOf;
    if (choices) return fc.oneof(...choices.map((choice) => this.of(choice)));
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const { type } = schema;
    if (Array.isArray(type)) return fc.oneof(...type.map((one) => this.of({ ...schema, type: one })));
    switch (type) {
      case 'object':
        return this.object(schema);
      case 'array':
        return fc.array(this.of(schema.items ?? {}), lengths(schema.minItems, schema.maxItems, MAX_ITEMS));
      case 'string':
        return this.text(schema);
      case 'integer':
        return fc.integer(range(schema, -1_000, 1_000));
      case 'number':
        return fc.double({ ...range(schema, -1e6, 1e6), noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case undefined:
        return fc.jsonValue();
    }
  }

  private component($ref: string): JsonSchema {
    const schema = this.document.components.schemas[$ref.replace('#/components/schemas/', '')];
    if (!schema) throw new Error(`${$ref} leads nowhere`);
    return schema;
  }

  private object({ properties = {}, required = [], additionalProperties }: JsonSchema) {
    const fields = Object.entries(properties).map(([name, field]) => [name, this.of(field)] as const);
    const named = fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
    if (typeof additionalProperties !== 'object') return named;
    const others = fc.dictionary(fc.string({ minLength: 1 }), this.of(additionalProperties), { maxKeys: 3 });
    return fc.tuple(others, named).map(([more, own]) => ({ ...more, ...own }));
  }

  private text({ format, pattern, minLength, maxLength }: JsonSchema): fc.Arbitrary<string> {
    if (format === 'uuid') return rarelyOthers(fc.constantFrom(...this.ids), fc.uuid());
    if (format === 'date-time')
      return rarelyOthers(near(new Date()), fc.date({ noInvalidDate: true }).map(iso));
    if (format === 'email') return fc.emailAddress();
    if (format === 'uri') return fc.webUrl();
    if (format === 'base64') return fc.base64String({ maxLength: MAX_LENGTH });
    if (pattern) return fc.stringMatching(new RegExp(pattern));
    const size = lengths(minLength, maxLength, MAX_LENGTH);
    return fc.oneof(fc.string({ ...size, unit: 'grapheme-ascii' }), fc.string({ ...size, unit: 'binary' }));
  }
}

function rarelyOthers<T>(usual: fc.Arbitrary<T>, others: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: others });
}

function lengths(min = 0, max = Infinity, usual: number) {
  return { minLength: min, maxLength: Math.max(min, Math.min(max, usual)) };
}

function range({ minimum, maximum }: JsonSchema, usualMin: number, usualMax: number) {
  const min = minimum !== undefined && minimum > -1e12 ? minimum : usualMin;
  const max = maximum !== undefined && maximum < 1e12 ? maximum : Math.max(min, usualMax);
  return { min, max };
}

/** Within an hour, as a client's clock would have it. */
function near(now: Date): fc.Arbitrary<string> {
  return fc
    .integer({ min: -3_600_000, max: 3_600_000 })
    .map((ms) => new Date(now.getTime() + ms).toISOString());
}

/** Years beyond 9999 have another format. */
function iso(date: Date): string {
  return date.toISOString().replace(/^[+-]\d\d(\d{4})/, '$1');
}
