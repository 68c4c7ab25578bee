/**
 * Likes and bookmarks. Likes are counted in the shared community, in the template's part, even for templates that are
 * visible only to their organisation, so that publishing keeps the count. It contains only hashes of the users' ids.
 */
import { documentType, fromWire, wireId } from '../../shared/cosmos/document-type';
import { DocumentExists, DocumentGone } from '../../shared/cosmos/errors';
import { type Change, change, type Partition } from '../../shared/cosmos/partition';
import { sha256Hex } from '../../shared/ids';
import { groupBy } from '../../shared/pure/group-by';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { communityOf, partOf } from './community';
import { listTemplates } from './find-template';

/** A like of one administrator; it has no content except its id. */
interface Like {
  id: string;
}

interface LikeCount {
  /** The template's id. */
  id: string;
  count: number;
}

interface Bookmark {
  /** The template's id. */
  id: string;
  at: string;
}

const likeType = documentType<Like>('template-like', { ttlSeconds: 'never' });
const likeCountType = documentType<LikeCount>('template-likes', { ttlSeconds: 'never' });
const bookmarkType = documentType<Bookmark>('template-bookmark', { ttlSeconds: 'never' });

/** All bookmarks are read at once. */
const MAX_BOOKMARKS = 500;
const PARALLEL_READS = 32;

export interface Reader {
  customerId: string;
  id: string;
}

/** The reactions to a template from the perspective of one administrator. */
export interface Reactions {
  likes: number;
  liked: boolean;
  bookmarked: boolean;
}

type Reading = Pick<Services, 'database'>;

function likeId(templateId: string, { customerId, id }: Reader): string {
  return sha256Hex(JSON.stringify([templateId, customerId, id]));
}

/** Whether the administrator has liked the template. */
export async function isLiked(services: Reading, reader: Reader, templateId: string): Promise<boolean> {
  return (await communityOf(services, templateId).read(likeType, likeId(templateId, reader))) !== undefined;
}

/** Adds the administrator's like, which counts once. */
export async function like(services: Reading, reader: Reader, templateId: string): Promise<void> {
  const community = communityOf(services, templateId);
  const changes = [change.create(likeType, { id: likeId(templateId, reader) }), counted(templateId, 1)];
  try {
    await community.commit(changes).catch(async (error: unknown) => {
      if (!(error instanceof DocumentGone)) throw error;
      await community.createIfAbsent(likeCountType, { id: templateId, count: 0 });
      await community.commit(changes);
    });
  } catch (error) {
    if (!(error instanceof DocumentExists)) throw error;
  }
}

/** Removes the administrator's like, if there is one. */
export async function unlike(services: Reading, reader: Reader, templateId: string): Promise<void> {
  try {
    await communityOf(services, templateId).commit([
      change.remove(likeType, likeId(templateId, reader)),
      counted(templateId, -1),
    ]);
  } catch (error) {
    if (!(error instanceof DocumentGone)) throw error;
  }
}

function counted(templateId: string, value: 1 | -1): Change {
  return change.patch(likeCountType, templateId, [{ op: 'incr', path: '/count', value }]);
}

/** Deletes the like count of a deleted template. */
export async function deleteLikeCount(services: Reading, templateId: string): Promise<void> {
  await communityOf(services, templateId).remove(likeCountType, templateId);
}

/** The templates that the administrator has bookmarked. */
export async function bookmarksOf({ database }: Reading, { customerId, id }: Reader): Promise<string[]> {
  const bookmarks = await database.people(customerId, id).list(bookmarkType, { limit: MAX_BOOKMARKS });
  return bookmarks.map((bookmark) => bookmark.id);
}

/** Adds a bookmark. @throws Problem `conflict` when there are too many */
export async function bookmark(
  services: Pick<Services, 'database' | 'clock'>,
  reader: Reader,
  templateId: string,
): Promise<void> {
  const known = await bookmarksOf(services, reader);
  if (
    known.length >= MAX_BOOKMARKS &&
    !known.includes(templateId) &&
    !(await removeStaleBookmarks(services, reader, known))
  ) {
    throw new Problem('conflict', `The limit of ${MAX_BOOKMARKS} bookmarks is reached: remove some first.`);
  }
  const at = services.clock.now().toISOString();
  await services.database
    .people(reader.customerId, reader.id)
    .createIfAbsent(bookmarkType, { id: templateId, at });
}

/** Removes the bookmarks of templates that were deleted or withdrawn. Returns whether there were any. */
async function removeStaleBookmarks(
  services: Reading,
  reader: Reader,
  known: readonly string[],
): Promise<boolean> {
  const page = { after: undefined, filter: {}, ids: known };
  const found = await listTemplates(services, reader.customerId, 'all', {
    ...page,
    limit: 2 * MAX_BOOKMARKS,
  });
  const existing = new Set(found.map(({ template }) => template.id));
  const stale = known.filter((id) => !existing.has(id));
  for (const id of stale) await removeBookmark(services, reader, id);
  return stale.length > 0;
}

export async function removeBookmark(
  { database }: Reading,
  reader: Reader,
  templateId: string,
): Promise<void> {
  await database.people(reader.customerId, reader.id).remove(bookmarkType, templateId);
}

/** A lookup of the reactions to some templates from the perspective of the administrator. */
export async function reactionsTo(
  services: Reading,
  reader: Reader,
  templateIds: readonly string[],
): Promise<(templateId: string) => Reactions> {
  if (templateIds.length === 0) return () => ({ likes: 0, liked: false, bookmarked: false });
  const bookmarked = new Set(await bookmarksOf(services, reader));
  const parts = [...groupBy(templateIds, partOf)];
  const found = await mapConcurrently(parts, PARALLEL_READS, ([part, ids]) =>
    reactionsIn(services.database.community(part), reader, ids),
  );
  const rows = found.flat();
  const counts = rows
    .filter((row) => row['type'] === likeCountType.name)
    .map((row) => fromWire(likeCountType, row));
  const likes = new Map(counts.map(({ id, count }) => [id, count]));
  const own = new Set(rows.map((row) => row['id']));
  return (id) => ({
    likes: likes.get(id) ?? 0,
    liked: own.has(wireId(likeType, likeId(id, reader))),
    bookmarked: bookmarked.has(id),
  });
}

/** The counts and own likes of templates of a part, as stored. */
function reactionsIn(partition: Partition, reader: Reader, templateIds: readonly string[]) {
  const ids = templateIds.flatMap((id) => [wireId(likeCountType, id), wireId(likeType, likeId(id, reader))]);
  const names = ids.map((_, index) => `@id${index}`);
  return partition.query<Record<string, unknown>>(
    `SELECT * FROM c WHERE c.id IN (${names.join(', ')})`,
    ids.map((value, index) => ({ name: `@id${index}`, value })),
  );
}
