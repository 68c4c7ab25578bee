/** Pages of a list: `value`, and an absolute `nextLink` that is absent on the last page. */
import { z } from 'zod';
import type { Services } from '../services';

/** Query parameters of every list. */
export const pageQuery = {
  top: z.int().min(1).max(200).default(50).describe('Maximum number of rows in a page'),
  cursor: z.string().max(4_096).optional().describe('Taken from `nextLink`; opaque'),
};

/** The schema of a page of items. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({
    value: z.array(item),
    nextLink: z.string().optional().describe('URL of the next page; absent on the last one'),
  });
}

interface PageRequest<Row, Item> {
  services: Pick<Services, 'cursors' | 'config'>;
  /** The link is valid for this customer only. */
  caller: { readonly customerId: string };
  /** Path of the list. */
  path: string;
  query: { top: number; cursor?: string | undefined } & Record<string, string | number | boolean | undefined>;
  /** Reads at most `limit` rows after the row whose key is `after`. */
  read: (limit: number, after: string | undefined) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  toItem: (row: Row) => Item;
}

/** One page; reads one row more than it returns, to detect a next page. */
export async function readPage<Row, Item>(request: PageRequest<Row, Item>) {
  const { cursor, top, ...filter } = request.query;
  const { cursors, config } = request.services;
  const scope = { ...filter, path: request.path, customerId: request.caller.customerId };
  const after = cursor === undefined ? undefined : String(await cursors.verify(cursor, scope));
  const rows = await request.read(top + 1, after);
  const shown = rows.slice(0, top);
  const last = shown.at(-1);
  if (rows.length <= top || !last) return { value: shown.map(request.toItem) };

  const next = await cursors.sign(request.keyOf(last), scope);
  const nextLink = pageLink(config.publicUrl + request.path, { ...filter, top, cursor: next });
  return { value: shown.map(request.toItem), nextLink };
}

/** The URL with these query parameters. */
export function pageLink(url: string, query: Record<string, string | number | boolean | undefined>): string {
  const link = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) link.searchParams.set(name, String(value));
  }
  return link.href;
}
