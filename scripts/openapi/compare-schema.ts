/** Tells which changes of a JSON Schema break who sends, or who reads, values of it. Pure. */

export type Schema = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, Schema>>;

/** `request`: callers write it, so it must not get narrower. `answer`: callers read it, so nothing may be missing. */
export type Direction = 'request' | 'answer';

/** The rules of docs/api-change-policy.md, by name. */
export interface Change {
  rule: string;
  /** Where in the API: an operation and its part, or a named schema, and a path into it. */
  where: string;
  message: string;
}

/** Keywords that do not change what is valid, or are compared below; another one must not pass unnoticed. */
const KNOWN = new Set(
  (
    '$ref additionalProperties anyOf const contentEncoding contentMediaType default deprecated description enum ' +
    'examples exclusiveMaximum exclusiveMinimum format items maxItems maxLength maximum minItems minLength minProperties minimum ' +
    'multipleOf oneOf pattern properties propertyNames required title type uniqueItems writeOnly'
  ).split(' '),
);
/** Raising one of these refuses what was accepted; so does lowering one of the others. */
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const;
/** Keywords whose values cannot be compared: any change except removal counts as narrower. */
const OPAQUE = ['pattern', 'format', 'multipleOf', 'uniqueItems'] as const;

/** Compares schemas of two documents, each with its named schemas. */
export class SchemaComparison {
  /** By pair of names and direction; what is under way counts as unchanged, so that recursion ends. */
  private readonly compared = new Map<string, readonly Change[]>();

  constructor(
    private readonly before: Schemas,
    private readonly after: Schemas,
  ) {}

  /** @throws Error naming a keyword that this comparison does not know */
  compare(before: Schema, after: Schema, direction: Direction, where: string): readonly Change[] {
    const name = refName(before);
    if (name === undefined) return this.compareResolved(before, resolve(after, this.after), direction, where);
    const key = `${direction} ${name} ${refName(after) ?? JSON.stringify(after)}`;
    const known = this.compared.get(key);
    if (known) return known;
    this.compared.set(key, []);
    const target = resolve(after, this.after);
    const changes = this.compareResolved(resolve(before, this.before), target, direction, `schema ${name}`);
    this.compared.set(key, changes);
    return changes;
  }

  private compareResolved(
    before: Schema,
    after: Schema,
    direction: Direction,
    where: string,
  ): readonly Change[] {
    for (const keyword of [...Object.keys(before), ...Object.keys(after)])
      if (!KNOWN.has(keyword)) throw new Error(`${where}: “${keyword}” is not compared yet.`);
    if (variants(before) || variants(after)) return this.compareVariants(before, after, direction, where);
    return [
      ...compareTypes(before, after, direction, where),
      ...compareEnums(before, after, direction, where),
      ...(direction === 'request'
        ? compareBounds(before, after, where)
        : compareFormat(before, after, where)),
      ...this.compareObjects(before, after, direction, where),
      ...this.compareInner('items', before, after, direction, where),
      ...this.compareInner('propertyNames', before, after, direction, where),
    ];
  }

  /** Each variant of the narrower side needs one on the wider side that it is compatible with. */
  private compareVariants(
    before: Schema,
    after: Schema,
    direction: Direction,
    where: string,
  ): readonly Change[] {
    const news = variants(after) ?? [after];
    const split =
      'oneOf' in after
        ? splitByTag(
            before,
            news.map((one) => resolve(one, this.after)),
          )
        : undefined;
    const olds = variants(before) ?? split ?? [before];
    // Of tagged variants (oneOf) a reader takes those that it knows, as with new values of an enum.
    const isTagged = ('oneOf' in before || split !== undefined) && 'oneOf' in after;
    const compare = (old: Schema, one: Schema) => this.compare(old, one, direction, where);
    return direction === 'request' || isTagged
      ? olds.flatMap((old) => fewest(news.map((one) => compare(old, one))))
      : news.flatMap((one) => fewest(olds.map((old) => compare(old, one))));
  }

  private compareObjects(before: Schema, after: Schema, direction: Direction, where: string): Change[] {
    const now = properties(after);
    const inOld = Object.entries(properties(before)).flatMap(([name, schema]): readonly Change[] => {
      const inner = `${where} /${name}`;
      const other = now[name];
      return other === undefined
        ? [{ rule: 'field-removed', where: inner, message: 'the field is gone, or has another name' }]
        : this.compare(schema, other, direction, inner);
    });
    return [
      ...inOld,
      ...compareRequired(before, after, direction, where),
      ...this.compareOthers(before, after, direction, where),
    ];
  }

  /** Fields that are not named, such as those of a map. */
  private compareOthers(
    before: Schema,
    after: Schema,
    direction: Direction,
    where: string,
  ): readonly Change[] {
    if (direction === 'request' && !isClosed(before) && isClosed(after) && isObject(before))
      return [{ rule: 'request-narrowed', where, message: 'fields that are not named are refused now' }];
    return this.compareInner('additionalProperties', before, after, direction, where);
  }

  private compareInner(
    keyword: string,
    before: Schema,
    after: Schema,
    direction: Direction,
    where: string,
  ): readonly Change[] {
    const [old, now] = [before[keyword], after[keyword]];
    if (!isSchema(now) || (!isSchema(old) && direction === 'answer')) return [];
    return this.compare(
      isSchema(old) ? old : {},
      now,
      direction,
      `${where} /${keyword === 'items' ? '*' : `(${keyword})`}`,
    );
  }
}

/** An object whose enum became the tag of variants, as variants itself: one for each of its values. */
function splitByTag(before: Schema, news: readonly Schema[]): readonly Schema[] | undefined {
  const known = properties(before);
  const tag = Object.keys(known).find((name) =>
    news.every((one) => 'const' in (properties(one)[name] ?? {})),
  );
  const field = tag === undefined ? undefined : known[tag];
  if (tag === undefined || !field) return undefined;
  return values(field)?.map((value) => ({
    ...before,
    properties: { ...known, [tag]: { ...field, enum: [value] } },
  }));
}

function fewest(candidates: (readonly Change[])[]): readonly Change[] {
  return candidates.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** A caller need not send what it did not know; a reader finds what it always found. */
function compareRequired(before: Schema, after: Schema, direction: Direction, where: string): Change[] {
  const [old, now] = [required(before), required(after)];
  const at = (name: string) => `${where} /${name}`;
  if (direction === 'request')
    return now
      .filter((name) => !old.includes(name))
      .map((name) => ({
        rule: 'request-field-required',
        where: at(name),
        message: 'the field is required now',
      }));
  return old
    .filter((name) => !now.includes(name) && name in properties(after))
    .map((name) => ({
      rule: 'answer-field-optional',
      where: at(name),
      message: 'the field may be absent now',
    }));
}

function compareTypes(before: Schema, after: Schema, direction: Direction, where: string): Change[] {
  const [old, now] = [types(before), types(after)];
  const [narrow, wide] = direction === 'request' ? [old, now] : [now, old];
  if (covers(wide, narrow)) return [];
  const name = (list: string[] | undefined) => list?.join(' or ') ?? 'anything';
  const rule = direction === 'request' ? 'request-narrowed' : 'answer-type-changed';
  return [{ rule, where, message: `the type was ${name(old)} and is ${name(now)}` }];
}

/** Whether every value of the narrow types is one of the wide types; undefined is any type. */
function covers(wide: string[] | undefined, narrow: string[] | undefined): boolean {
  if (wide === undefined) return true;
  return (
    narrow?.every((type) => wide.includes(type) || (type === 'integer' && wide.includes('number'))) ?? false
  );
}

function compareEnums(before: Schema, after: Schema, direction: Direction, where: string): Change[] {
  const [old, now] = [values(before), values(after)];
  if (now === undefined) return [];
  if (old === undefined)
    return direction === 'request'
      ? [{ rule: 'request-narrowed', where, message: `only ${now.join(', ')} is accepted now` }]
      : [];
  return old
    .filter((value) => !now.includes(value))
    .map((value) => ({ rule: 'enum-value-removed', where, message: `${value} is no value any more` }));
}

function compareBounds(before: Schema, after: Schema, where: string): Change[] {
  const bound = (schema: Schema, keyword: string) => schema[keyword] as number | undefined;
  const narrowed = [
    ...LOWER_BOUNDS.filter((one) => (bound(after, one) ?? -Infinity) > (bound(before, one) ?? -Infinity)),
    ...UPPER_BOUNDS.filter((one) => (bound(after, one) ?? Infinity) < (bound(before, one) ?? Infinity)),
    ...OPAQUE.filter((one) => after[one] !== undefined && after[one] !== before[one]),
  ];
  return narrowed.map((keyword) => ({
    rule: 'request-narrowed',
    where,
    message: `${keyword} was ${text(before[keyword] ?? 'not set')} and is ${text(after[keyword])}`,
  }));
}

function compareFormat(before: Schema, after: Schema, where: string): Change[] {
  const [old, now] = [before['format'], after['format']];
  if (old === undefined || old === now) return [];
  return [
    {
      rule: 'answer-type-changed',
      where,
      message: `the format was ${text(old)} and is ${text(now ?? 'not set')}`,
    },
  ];
}

function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = refName(schema);
  if (name === undefined) return schema;
  const found = schemas[name];
  if (!found) throw new Error(`There is no schema ${name}.`);
  return resolve(found, schemas);
}

function refName(schema: Schema): string | undefined {
  const ref = schema['$ref'];
  return typeof ref === 'string' ? ref.replace('#/components/schemas/', '') : undefined;
}

function variants(schema: Schema): readonly Schema[] | undefined {
  return (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
}

function properties(schema: Schema): Schemas {
  return (schema['properties'] as Schemas | undefined) ?? {};
}

function required(schema: Schema): readonly string[] {
  return (schema['required'] as string[] | undefined) ?? [];
}

/** Whether fields that are not named are refused. */
function isClosed(schema: Schema): boolean {
  return schema['additionalProperties'] === false;
}

function isObject(schema: Schema): boolean {
  return types(schema)?.includes('object') ?? false;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

function types({ type }: Schema): string[] | undefined {
  return type === undefined ? undefined : [type].flat().map(String);
}

/** As they are written; `const` is an enum of one. */
function values(schema: Schema): string[] | undefined {
  const list = 'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined);
  return list?.map(text);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
