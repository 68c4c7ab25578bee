/** Schemas for people: the type of a value in words, and the fields of an object as a table. */
import { referredName, type Schema } from './api-document';
import { anchor, html, type Html, joined, withCode } from './html';

/** Inline objects are shown in the table of the object that holds them, to this depth. */
const MAX_DEPTH = 5;

/** The type of a value, as in "list of string (date-time)"; named schemas are links. */
export function typeHtml(schema: Schema): Html {
  const name = referredName(schema);
  if (name !== undefined) return html`<a href="#schema-${anchor(name)}">${name}</a>`;
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum) {
    return joined(
      schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      ' | ',
    );
  }
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return joined(variants.map(typeHtml), ' or ');
  if (schema.allOf) return joined(schema.allOf.map(typeHtml), ' and ');
  if (schema.items) return html`list of ${typeHtml(schema.items)}`;
  if (typeof schema.additionalProperties === 'object' && !schema.properties)
    return html`map to ${typeHtml(schema.additionalProperties)}`;
  return html`${[schema.type ?? 'any value'].flat().join(' or ')}${schema.format && ` (${schema.format})`}`;
}

/** The limits of a value in words; empty when it has none. */
export function limits(schema: Schema): string {
  return [
    range(schema.minLength, schema.maxLength, 'characters'),
    range(schema.minItems, schema.maxItems, 'items'),
    numberRange(schema),
    schema.pattern !== undefined && schema.format === undefined ? `pattern ${schema.pattern}` : '',
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
    schema.readOnly ? 'read-only' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function numberRange(schema: Schema): string {
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  return [
    range(safe(schema.minimum), safe(schema.maximum), ''),
    exclusiveMinimum === undefined ? '' : `greater than ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `less than ${exclusiveMaximum}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The largest integers only say "an integer". */
const safe = (limit?: number) =>
  limit !== undefined && Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit;

function range(from: number | undefined, to: number | undefined, unit: string): string {
  const count = (text: string) => (unit ? `${text} ${unit}` : text);
  if (from !== undefined && to !== undefined) return count(from === to ? String(from) : `${from}–${to}`);
  if (to !== undefined) return count(`at most ${to}`);
  return from === undefined || (from === 0 && unit) ? '' : count(`at least ${from}`);
}

/** The fields of an object as a table; nothing when it has none to show. */
export function fieldsHtml(schema: Schema): Html {
  const rows = fieldRows(schema, '', 0);
  if (rows.length === 0) return html``;
  return html`<div class="wide">
    <table>
      <tr>
        <th>Field</th>
        <th>Type</th>
        <th>Meaning</th>
      </tr>
      ${rows}
    </table>
  </div>`;
}

function fieldRows(schema: Schema, prefix: string, depth: number): Html[] {
  if (depth > MAX_DEPTH || schema.$ref) return [];
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    return [row(path, field, schema.required?.includes(name) ?? false), ...fieldRows(field, path, depth + 1)];
  });
  const ofItems = schema.items ? fieldRows(schema.items, `${prefix}[]`, depth + 1) : [];
  const ofValues =
    typeof schema.additionalProperties === 'object'
      ? fieldRows(schema.additionalProperties, `${prefix}.*`, depth + 1)
      : [];
  return [...own, ...ofItems, ...ofValues, ...parts.flatMap((part) => fieldRows(part, prefix, depth + 1))];
}

function row(path: string, field: Schema, isRequired: boolean): Html {
  const limit = limits(field);
  return html`<tr>
    <td><code>${path}</code>${isRequired && html` <small>required</small>`}</td>
    <td>${typeHtml(field)}${limit && html`<br /><small>${limit}</small>`}</td>
    <td>${withCode(field.description ?? '')}</td>
  </tr>`;
}
