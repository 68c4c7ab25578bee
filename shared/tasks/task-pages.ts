/** The items and results of a task, in pages: blobs that are written once. */
import { z } from 'zod';
import { mapConcurrently } from '../pure/map-concurrently';
import type { Services } from '../services';

/** A page is worked on by one activity, and cancelling takes effect between pages. */
export const PAGE_ITEMS = 25;
const CONCURRENT_BLOBS = 8;

const itemPage = z.array(z.string());

export const itemResult = z.object({
  item: z.string(),
  outcome: z.enum(['succeeded', 'failed']),
  code: z.string().optional(),
  detail: z.string().optional(),
});
export type ItemResult = z.output<typeof itemResult>;

const resultPage = z.array(itemResult);

/** Names a task across customers. */
export const taskRef = z.object({ customerId: z.string(), taskId: z.string() });
export type TaskRef = z.output<typeof taskRef>;

type Paging = Pick<Services, 'blobs'>;

/** Stores the items of a task in pages, and returns the number of pages. Again, with the same items, is no error. */
export async function storeItems(services: Paging, ref: TaskRef, items: readonly string[]): Promise<number> {
  const pages = Array.from({ length: Math.ceil(items.length / PAGE_ITEMS) }, (_, page) => page);
  await mapConcurrently(pages, CONCURRENT_BLOBS, (page) =>
    storePage(services, ref, page, items.slice(page * PAGE_ITEMS, (page + 1) * PAGE_ITEMS)),
  );
  return pages.length;
}

/** Stores one page of items, at most `PAGE_ITEMS`. Again, with the same items, is no error. */
export async function storePage(
  services: Paging,
  ref: TaskRef,
  page: number,
  items: readonly string[],
): Promise<void> {
  await put(services, ref, 'items', page, items);
}

/** The items of a page. @throws Error when there is no such page */
export async function readItems(services: Paging, ref: TaskRef, page: number): Promise<string[]> {
  const content = await get(services, ref, 'items', page);
  if (!content) throw new Error(`task ${ref.taskId} has no page ${page}`);
  return itemPage.parse(content);
}

/** Stores the results of a page, and returns those that count: what was stored first. */
export async function storeResults(
  services: Paging,
  ref: TaskRef,
  page: number,
  results: ItemResult[],
): Promise<ItemResult[]> {
  if (await put(services, ref, 'results', page, results)) return results;
  return (await readResults(services, ref, page)) ?? results;
}

/** The results of a page; undefined while it is not done. */
export async function readResults(
  services: Paging,
  ref: TaskRef,
  page: number,
): Promise<ItemResult[] | undefined> {
  const content = await get(services, ref, 'results', page);
  return content === undefined ? undefined : resultPage.parse(content);
}

/** A result, and the number of its item among all items of the task, from 0. */
export interface NumberedResult {
  number: number;
  result: ItemResult;
}

/**
 * At most `limit` results of items from `first` on, in the order of the items, of a task with so many pages. Items that
 * are not done have none.
 */
export async function listResults(
  services: Paging,
  ref: TaskRef,
  { pages, first, limit }: { pages: number; first: number; limit: number },
): Promise<NumberedResult[]> {
  const found: NumberedResult[] = [];
  for (let page = Math.floor(first / PAGE_ITEMS); page < pages && found.length < limit; page++) {
    const results = (await readResults(services, ref, page)) ?? [];
    const numbered = results.map((result, index) => ({ number: page * PAGE_ITEMS + index, result }));
    found.push(...numbered.filter(({ number }) => number >= first));
  }
  return found.slice(0, limit);
}

type Sort = 'items' | 'results';

function put({ blobs }: Paging, ref: TaskRef, sort: Sort, page: number, content: unknown): Promise<boolean> {
  return blobs.putOnce(
    'tasks',
    name(ref, sort, page),
    Buffer.from(JSON.stringify(content)),
    'application/json',
  );
}

async function get({ blobs }: Paging, ref: TaskRef, sort: Sort, page: number): Promise<unknown> {
  const content = await blobs.get('tasks', name(ref, sort, page));
  return content && (JSON.parse(content.toString()) as unknown);
}

function name({ customerId, taskId }: TaskRef, sort: Sort, page: number): string {
  return `${customerId}/${taskId}/${sort}-${String(page).padStart(6, '0')}.json`;
}
