/** Lists: filters of the simple kind, and `$top`. */
import { type LocalRequest, type Reply } from '../../stand-in-support/server';
import { notImplemented } from '../../stand-in-support/errors';

/** The pairs of `a eq 'x' and b eq 'y'`; 501 for any other filter. Names in lower case. */
export function filterOf({ url }: LocalRequest): Map<string, string> {
  const text = url.searchParams.get('$filter') ?? '';
  const pairs = new Map<string, string>();
  if (text.trim() === '') return pairs;
  for (const part of text.split(/\s+and\s+/i)) {
    const [, name, value] = /^\s*([\w/]+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw notImplemented('Resource Manager', `the filter ${text}`);
    pairs.set(name.toLowerCase(), value.replaceAll("''", "'"));
  }
  return pairs;
}

/** What is left of the items after `$top`. */
export function listReply({ url }: LocalRequest, items: object[]): Reply {
  const top = Number(url.searchParams.get('$top') ?? items.length);
  return { status: 200, body: { value: items.slice(0, top) } };
}

/** Whether tags are as `tagName` and `tagValue` of a filter want them. */
export function hasTag(filter: Map<string, string>, tags: Record<string, unknown>): boolean {
  const [name, value] = [filter.get('tagname'), filter.get('tagvalue')];
  if (name === undefined) return true;
  const key = Object.keys(tags).find((tag) => tag.toLowerCase() === name.toLowerCase());
  return key !== undefined && (value === undefined || tags[key] === value);
}
