/**
 * Likes and bookmarks. Likes are counted where all customers meet, also those of a template that only its own
 * organisation sees: the count goes on when it is published. Of who likes it, only a hash is kept there.
 */
import { documentType, fromWire, wireId } from '../../shared/cosmos/document-type';
import { DocumentExists, DocumentGone } from '../../shared/cosmos/errors';
import { type Change, change } from '../../shared/cosmos/partition';
import { sha256Hex } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { listTemplates, TABS } from './find-template';

/** One like of one administrator; its existence says all. */
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

/** All of them are looked up at once. */
const MAX_BOOKMARKS = 500;

export interface Reader {
  customerId: string;
  id: string;
}

/** What an administrator sees of the reactions to a template. */
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
export async function isLiked({ database }: Reading, reader: Reader, templateId: string): Promise<boolean> {
  return (await database.community().read(likeType, likeId(templateId, reader))) !== undefined;
}

/** Counts the administrator's like once, however often it is given. */
export async function like({ database }: Reading, reader: Reader, templateId: string): Promise<void> {
  const community = database.community();
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

/** Takes the administrator's like back, if there is one. */
export async function unlike({ database }: Reading, reader: Reader, templateId: string): Promise<void> {
  try {
    await database
      .community()
      .commit([change.remove(likeType, likeId(templateId, reader)), counted(templateId, -1)]);
  } catch (error) {
    if (!(error instanceof DocumentGone)) throw error;
  }
}

function counted(templateId: string, value: 1 | -1): Change {
  return change.patch(likeCountType, templateId, [{ op: 'incr', path: '/count', value }]);
}

/** Forgets how many liked a template that is deleted. */
export async function forgetLikes({ database }: Reading, templateId: string): Promise<void> {
  await database.community().remove(likeCountType, templateId);
}

/** The templates that the administrator has bookmarked. */
export async function bookmarksOf({ database }: Reading, { customerId, id }: Reader): Promise<string[]> {
  const bookmarks = await database.people(customerId, id).list(bookmarkType, { limit: MAX_BOOKMARKS });
  return bookmarks.map((bookmark) => bookmark.id);
}

/** @throws Problem `conflict` when there are too many */
export async function bookmark(
  services: Pick<Services, 'database' | 'clock'>,
  reader: Reader,
  templateId: string,
): Promise<void> {
  const known = await bookmarksOf(services, reader);
  if (
    known.length >= MAX_BOOKMARKS &&
    !known.includes(templateId) &&
    !(await forgetGone(services, reader, known))
  ) {
    throw new Problem('conflict', `There are ${MAX_BOOKMARKS} bookmarks already: remove some first.`);
  }
  const at = services.clock.now().toISOString();
  await services.database
    .people(reader.customerId, reader.id)
    .createIfAbsent(bookmarkType, { id: templateId, at });
}

/** Removes the bookmarks of templates that are deleted or withdrawn, and tells whether there was one. */
async function forgetGone(services: Reading, reader: Reader, known: readonly string[]): Promise<boolean> {
  const page = { limit: MAX_BOOKMARKS, after: undefined, filter: {}, ids: known };
  const tabs = await Promise.all(TABS.map((tab) => listTemplates(services, reader.customerId, tab, page)));
  const left = new Set(tabs.flat().map(({ template }) => template.id));
  const gone = known.filter((id) => !left.has(id));
  for (const id of gone) await removeBookmark(services, reader, id);
  return gone.length > 0;
}

export async function removeBookmark(
  { database }: Reading,
  reader: Reader,
  templateId: string,
): Promise<void> {
  await database.people(reader.customerId, reader.id).remove(bookmarkType, templateId);
}

/** The reactions to some templates, as the administrator sees them. */
export async function reactionsTo(
  services: Reading,
  reader: Reader,
  templateIds: readonly string[],
): Promise<(templateId: string) => Reactions> {
  if (templateIds.length === 0) return () => ({ likes: 0, liked: false, bookmarked: false });
  const bookmarked = new Set(await bookmarksOf(services, reader));
  const ids = templateIds.flatMap((id) => [wireId(likeCountType, id), wireId(likeType, likeId(id, reader))]);
  const names = ids.map((_, index) => `@id${index}`);
  const rows = await services.database.community().query<Record<string, unknown>>(
    `SELECT * FROM c WHERE c.id IN (${names.join(', ')})`,
    ids.map((value, index) => ({ name: `@id${index}`, value })),
  );
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
