/** Event data that come as text: XML as the event log stores it, JSON, and the rendered message. */
import { isObject, type JsonObject, textFields } from './json-values';
import { type EventDetails, type Fields, textOf } from './log-record';

const DATA_ELEMENT = /<(?:Data|Param)(?:\s+Name=(?:"([^"]*)"|'([^']*)'))?\s*>([^<]*)<\/(?:Data|Param)>/g;
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

/** `EventData` as Azure Monitor's tables hold it: a JSON object, or the event's XML. */
export function eventDataFromText(text: string): Pick<EventDetails, 'fields' | 'unnamed'> {
  if (text.trimStart().startsWith('{')) {
    try {
      const value: unknown = JSON.parse(text);
      return isObject(value) ? { fields: textFields(value), unnamed: [] } : { fields: {}, unnamed: [] };
    } catch {
      return { fields: {}, unnamed: [] };
    }
  }
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
