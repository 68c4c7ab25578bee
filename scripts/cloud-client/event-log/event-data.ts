/** Event data in the forms that writers give them: objects, lists, JSON or XML as text, and the rendered message. */
import { isObject, type JsonObject, textAt, textFields } from './json-values';
import { type EventDetails, type Fields, textOf } from './log-record';

const DATA_ELEMENT =
  /<(?:Data|Param)\b(?:\s+Name=(?:"([^"]*)"|'([^']*)'))?[^>]*?(?:\/>|>([^<]*)<\/(?:Data|Param)>)/g;
const ENTITY = /&(?:amp|lt|gt|quot|apos|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** Resolves XML's entities, which some events (6416) contain in their data. */
export function decodeEntities(text: string): string {
  return text.replace(ENTITY, (entity, decimal?: string, hexadecimal?: string) => {
    const named = NAMED_ENTITIES[entity.toLowerCase()];
    if (named !== undefined) return named;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

type EventData = Pick<EventDetails, 'fields' | 'unnamed'>;

/** Event data in whatever form: an object by name, a list of strings or of named values, or either as text. */
export function readEventData(value: unknown): EventData {
  if (Array.isArray(value)) return fromList(value as unknown[]);
  if (isObject(value)) return fromObject(value);
  const text = textOf(value);
  return text === undefined ? { fields: {}, unnamed: [] } : fromText(text);
}

function fromText(text: string): EventData {
  const start = text.trimStart();
  if (start.startsWith('<')) return fromXml(text);
  if (!start.startsWith('{') && !start.startsWith('[')) return { fields: {}, unnamed: [text] };
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) || Array.isArray(value) ? readEventData(value) : { fields: {}, unnamed: [] };
  } catch {
    return { fields: {}, unnamed: [text] };
  }
}

function fromXml(text: string): EventData {
  const fields: Record<string, string> = {};
  const unnamed: string[] = [];
  for (const [, doubleQuoted, singleQuoted, content = ''] of text.matchAll(DATA_ELEMENT)) {
    const name = doubleQuoted ?? singleQuoted;
    const value = decodeEntities(content);
    if (name === undefined) unnamed.push(value);
    else if (textOf(value) !== undefined) fields[name] = value;
  }
  return { fields, unnamed };
}

/** Strings in the event's order, or `{ name, value }` as the converters of XML write an element. */
function fromList(items: readonly unknown[]): EventData {
  const fields: Record<string, string> = {};
  const unnamed: string[] = [];
  for (const item of items) {
    const name = isObject(item) ? nameOf(item) : undefined;
    const text = isObject(item) ? textAt(item, '#text', 'Value', 'value') : textOf(item);
    if (name === undefined) unnamed.push(text ?? '');
    else if (text !== undefined) fields[name] = text;
  }
  return { fields, unnamed };
}

const nameOf = (item: JsonObject): string | undefined =>
  textAt(item, '@Name', 'Name', 'name', '#attributes.Name');

function fromObject(value: JsonObject): EventData {
  // One element of XML by itself: a name with a text, or texts without names.
  if (Object.hasOwn(value, '#text')) {
    const text = value['#text'];
    return fromList(Array.isArray(text) ? (text as unknown[]) : [value]);
  }
  const data = value.Data;
  const inner = Object.hasOwn(value, 'Data') ? fromElements(data) : undefined;
  const unnamed = unnamedParameters(value);
  return {
    fields: { ...textFields(value), ...inner?.fields },
    unnamed: unnamed.length > 0 ? unnamed : (inner?.unnamed ?? []),
  };
}

/** The elements `Data`; a text among them is a value, whatever it looks like. */
function fromElements(data: unknown): EventData {
  if (isObject(data)) return fromObject(data);
  return fromList(Array.isArray(data) ? (data as unknown[]) : [data]);
}

/** Strings without names, which Winlogbeat (and nxlog after it) calls `param1`, `param2`, …; empty when there are none. */
export function unnamedParameters(data: JsonObject): string[] {
  const unnamed: string[] = [];
  for (let number = 1; Object.hasOwn(data, `param${number}`); number += 1) {
    unnamed.push(textOf(data[`param${number}`]) ?? '');
  }
  return unnamed;
}

/**
 * `Name: value` lines, as Sysmon renders its events, in English on every system. Unfilled placeholders (`%9`) are
 * left out.
 */
export function fieldsOfMessage(message: string): Fields {
  const fields: Record<string, string> = {};
  for (const [, name = '', value = ''] of message.matchAll(/^([A-Za-z0-9]+): (.*?)\r?$/gm)) {
    if (textOf(value) !== undefined && !/^%\d+$/.test(value)) fields[name] ??= value;
  }
  return fields;
}
