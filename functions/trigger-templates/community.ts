/**
 * The published templates of all customers. They lie in 256 partitions by the first two hex digits of their ids
 * (docs/decisions/0010-community-of-templates.md); searches merge those that have templates.
 */
import { documentType, type Stored } from '../../shared/cosmos/document-type';
import type { Partition } from '../../shared/cosmos/partition';
import { positionOf } from '../../shared/cosmos/time-order';
import { mergeSorted } from '../../shared/months/merge-sorted';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import type { Services } from '../../shared/services';
import { byCreation, type CreatedKey, newestKeys, isPosition, type TemplateQuery } from './creation-order';
import { type PublishedTemplate, publishedTemplateType } from './template';

type Reading = Pick<Services, 'database'>;

/** Says that templates were published in a part: the others need not be searched. */
interface PublishedPart {
  /** Two hex digits. */
  id: string;
}

const publishedPartType = documentType<PublishedPart>('published-part', { ttlSeconds: 'never' });

/** The partition that lists the parts. */
const PARTS = 'parts';
const MAX_PARTS = 256;

/**
 * The partition of the templates whose ids were made before it was split, and began with the time: it does not grow. Also
 * that of the likes of built-in templates, whose ids are words.
 */
const UNDIVIDED = 'templates';

const RANDOM_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;
const PARALLEL_READS = 32;

/** The part of the community that a template belongs to, with its likes. */
export function partOf(templateId: string): string {
  return RANDOM_ID.test(templateId) ? templateId.slice(0, 2) : UNDIVIDED;
}

/** The partition of a template's published copy and its likes. */
export function communityOf({ database }: Reading, templateId: string): Partition {
  return database.community(partOf(templateId));
}

/** Writes the published copy of a template. */
export async function putPublished(services: Reading, template: PublishedTemplate): Promise<void> {
  const part = partOf(template.id);
  // First: searches read only the listed parts.
  if (part !== UNDIVIDED)
    await services.database.community(PARTS).createIfAbsent(publishedPartType, { id: part });
  await services.database.community(part).upsert(publishedTemplateType, template);
}

/**
 * At most `limit` published templates after a position, newest first: those of the parts, then the undivided ones, which
 * are all older.
 * @param ids only these
 */
export async function listPublished(
  services: Reading,
  query: TemplateQuery & { ids?: readonly string[] | undefined },
): Promise<Stored<PublishedTemplate>[]> {
  const { after, limit, where, parameters, ids } = query;
  const isPastParts = after !== undefined && !isPosition(after);
  const found = isPastParts ? [] : await newestOfParts(services, query, await partsToSearch(services, ids));
  if (found.length === limit || ids?.every((id) => partOf(id) !== UNDIVIDED)) return found;
  const undivided = await services.database.community(UNDIVIDED).list(publishedTemplateType, {
    ...(where ? { where, parameters } : {}),
    order: 'descending',
    after: isPastParts ? after : undefined,
    limit: limit - found.length,
  });
  return [...found, ...undivided];
}

/** The position of a published template in the list. */
export function publishedPosition({ id, createdAt }: PublishedTemplate): string {
  return partOf(id) === UNDIVIDED || createdAt === undefined ? id : positionOf({ at: createdAt, id });
}

async function partsToSearch({ database }: Reading, ids: readonly string[] | undefined): Promise<string[]> {
  if (ids) return [...new Set(ids.map(partOf))].filter((part) => part !== UNDIVIDED);
  const parts = await database.community(PARTS).list(publishedPartType, { limit: MAX_PARTS });
  return parts.map(({ id }) => id);
}

/** Merges the parts by their keys, and reads only the templates of the page: they may be large. */
async function newestOfParts(
  services: Reading,
  query: TemplateQuery,
  parts: readonly string[],
): Promise<Stored<PublishedTemplate>[]> {
  const found: Stored<PublishedTemplate>[] = [];
  let { after } = query;
  while (found.length < query.limit) {
    const wanted = query.limit - found.length;
    const keys = await nextKeys(services, { ...query, after, limit: wanted }, parts);
    const templates = await mapConcurrently(keys, PARALLEL_READS, ({ id }) =>
      communityOf(services, id).read(publishedTemplateType, id),
    );
    // Those that were withdrawn in the meantime are replaced by the following ones.
    found.push(...templates.filter((template) => template !== undefined));
    const last = keys.at(-1);
    if (keys.length < wanted || !last) break;
    after = positionOf(last);
  }
  return found;
}

function nextKeys(
  { database }: Reading,
  query: TemplateQuery,
  parts: readonly string[],
): Promise<CreatedKey[]> {
  const sources = parts.map((part) => ({
    share: 1 / parts.length,
    read: (limit: number, last: CreatedKey | undefined) =>
      newestKeys(database.community(part), publishedTemplateType, {
        ...query,
        limit,
        after: last ? positionOf(last) : query.after,
      }),
  }));
  return mergeSorted(sources, byCreation, query.limit);
}
