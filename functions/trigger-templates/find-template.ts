/** Finds templates that are visible to the customer: a single one, or a page of a tab. */
import { type Stored, wireId } from '../../shared/cosmos/document-type';
import { isUuid } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { BUILT_IN_TEMPLATES } from './built-in-templates';
import { positionOf as creationPosition } from '../../shared/cosmos/time-order';
import { communityOf, listPublished, publishedPosition } from './community';
import { isPosition, newest, type TemplateQuery } from './creation-order';
import { filterCondition, matchesFilter, searchKeys, type TemplateFilter } from './search';
import {
  type BuiltInTemplate,
  ownerKeyOf,
  type PublishedTemplate,
  publishedTemplateType,
  type Template,
  templateType,
  VENDOR,
} from './template';

type Reading = Pick<Services, 'database'>;

export const TABS = ['all', 'organisation', 'community'] as const;
export type Tab = (typeof TABS)[number];

/** A template and its origin. */
export type FoundTemplate =
  | { origin: 'organisation'; template: Stored<Template>; etag: string }
  | { origin: 'community'; template: Stored<PublishedTemplate>; etag: string }
  | { origin: 'builtIn'; template: BuiltInTemplate; etag: string };

const builtIns = BUILT_IN_TEMPLATES.map((template): FoundTemplate & { origin: 'builtIn' } => ({
  origin: 'builtIn',
  template,
  etag: '"built-in"',
}));

/** A template of the customer, a published one, or a built-in one. */
export async function findTemplate(
  services: Reading,
  customerId: string,
  id: string,
): Promise<FoundTemplate | undefined> {
  const known = builtIns.find(({ template }) => template.id === id);
  if (known || !isUuid(id)) return known;
  const own = await findOwnTemplate(services, customerId, id);
  if (own) return own;
  const published = await communityOf(services, id).read(publishedTemplateType, id);
  return published && { origin: 'community', template: published, etag: published.etag };
}

/** A template of the customer. */
export async function findOwnTemplate(
  { database }: Reading,
  customerId: string,
  id: string,
): Promise<(FoundTemplate & { origin: 'organisation' }) | undefined> {
  if (!isUuid(id)) return undefined;
  const template = await database.control(customerId).read(templateType, id);
  return template && { origin: 'organisation', template, etag: template.etag };
}

export interface TemplatePage {
  limit: number;
  /** Position of the last template of the previous page, see `positionOf`. */
  after: string | undefined;
  filter: TemplateFilter;
  /** Only these. */
  ids?: readonly string[] | undefined;
}

/** Marks positions among own templates, whose published copies have the same ids. */
const OWN = 'own ';

/** The position of a template in a list, from which the next page continues. */
export function positionOf({ origin, template }: FoundTemplate): string {
  if (origin === 'builtIn') return template.id;
  if (origin === 'community') return publishedPosition(template);
  return OWN + creationPosition({ at: template.createdAt, id: template.id });
}

/**
 * At most `limit` templates of a tab after a position: own ones, newest first, then built-in ones, then published ones,
 * newest first. The tab `all` leaves out the published copies of own templates.
 */
export async function listTemplates(
  services: Reading,
  customerId: string,
  tab: Tab,
  page: TemplatePage,
): Promise<FoundTemplate[]> {
  const afterOwn = page.after?.startsWith(OWN) ? page.after.slice(OWN.length) : undefined;
  if (afterOwn !== undefined && !isPosition(afterOwn)) throw outdatedLink();
  const isPastOwn = page.after !== undefined && afterOwn === undefined;
  const own =
    tab === 'community' || isPastOwn
      ? []
      : await ownTemplates(services, customerId, { ...page, after: afterOwn });
  if (tab === 'organisation' || own.length === page.limit) return own;
  const rest = { ...page, limit: page.limit - own.length, after: isPastOwn ? page.after : undefined };
  return [...own, ...(await communityTemplates(services, rest, tab === 'all' ? customerId : undefined))];
}

/** Links of before templates were listed by their creation. */
function outdatedLink(): Problem {
  return new Problem('invalid-cursor', 'The page link is outdated: start from the first page.');
}

async function ownTemplates({ database }: Reading, customerId: string, page: TemplatePage) {
  const own = await newest(database.control(customerId), templateType, queryOf(templateType, page));
  return own.map((template): FoundTemplate => ({ origin: 'organisation', template, etag: template.etag }));
}

/** @param except a customer whose published templates are left out */
async function communityTemplates(
  services: Reading,
  page: TemplatePage,
  except: string | undefined,
): Promise<FoundTemplate[]> {
  const { limit, after } = page;
  const last = builtIns.findIndex(({ template }) => template.id === after);
  const first = builtInPage(page, last);
  if (first.length === limit) return first;
  const rest = { ...page, limit: limit - first.length, after: last < 0 ? after : undefined };
  const query = queryOf(publishedTemplateType, rest, except);
  const published = await listPublished(services, { ...query, ids: page.ids?.filter(isUuid) });
  return [
    ...first,
    ...published.map((template): FoundTemplate => ({ origin: 'community', template, etag: template.etag })),
  ];
}

/** The built-in templates after index `last`; none when the page starts after all of them. */
function builtInPage({ limit, after, filter, ids }: TemplatePage, last: number): FoundTemplate[] {
  if (after !== undefined && last < 0) return [];
  return builtIns
    .slice(last + 1)
    .filter(
      ({ template }) =>
        matchesFilter({ ...template, ...searchKeys(template, VENDOR) }, filter) &&
        (ids?.includes(template.id) ?? true),
    )
    .slice(0, limit);
}

function queryOf(
  type: { name: string },
  { filter, ids, limit, after }: TemplatePage,
  except?: string,
): TemplateQuery {
  const { conditions, parameters } = filterCondition(filter);
  const wanted = ids?.filter(isUuid);
  if (wanted) {
    conditions.push(
      wanted.length > 0 ? `c.id IN (${wanted.map((_, n) => `@only${n}`).join(', ')})` : 'false',
    );
    wanted.forEach((id, n) => (parameters[`only${n}`] = wireId(type, id)));
  }
  if (except !== undefined) {
    conditions.push('c.ownerKey != @except');
    parameters['except'] = ownerKeyOf(except);
  }
  return {
    ...(conditions.length > 0 ? { where: conditions.join(' AND '), parameters } : {}),
    after,
    limit,
  };
}
