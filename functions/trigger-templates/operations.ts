/** HTTP operations of event trigger templates (TPL-1). */
import { z } from 'zod';
import { change } from '../../shared/cosmos/partition';
import { type Operation, operation } from '../../shared/http/operation';
import { randomIdFrom } from '../../shared/ids';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { notFound, Problem } from '../../shared/problem';
import { whileNameIsContended } from '../../shared/unique-names';
import { EVENT_CATEGORIES } from '../policies/engine';
import {
  findOwnTemplate,
  findTemplate,
  type FoundTemplate,
  listTemplates,
  positionOf,
  TABS,
} from './find-template';
import { deleteTemplate, targetOf } from './publish-template';
import { reactionOperations } from './reaction-operations';
import { bookmarksOf } from './reactions';
import { contentOf, MAX_TEMPLATE_BYTES, templateInput, templateOf, templateType } from './template';
import { newTemplateName, templateNameChange } from './template-names';
import { templateSummaryView, templateView, viewOfOne, viewsOf } from './template-view';

const tag = 'Event trigger templates';
const access = 'policies.manage';
const path = '/api/v1/eventTriggerTemplates';

const MAX_IDS = 20;
const searched = z.string().trim().min(1).max(200).optional();

const templateQuery = z.strictObject({
  ...pageQuery,
  tab: z
    .enum(TABS)
    .default('all')
    .describe('organisation: own templates; community: built-in and published ones; all: both'),
  keyword: searched.describe('Words that must all occur in name, description, theme or contributor'),
  theme: searched.describe('The exact theme, ignoring case'),
  category: z.enum(EVENT_CATEGORIES).optional(),
  contributor: searched.describe("Part of the name of the organisation, or of an own template's author"),
  bookmarked: z.boolean().optional().describe('true: only templates that the caller has bookmarked'),
  ids: z
    .string()
    .regex(/^[\w-]{1,64}(,[\w-]{1,64})*$/, 'Must be ids separated by commas')
    .refine((text) => text.split(',').length <= MAX_IDS, `At most ${MAX_IDS} ids`)
    .optional()
    .describe(
      `Up to ${MAX_IDS} ids of either tab, separated by commas: returns these templates with their triggers`,
    ),
});

const list = operation({
  id: 'listEventTriggerTemplates',
  method: 'GET',
  path,
  tag,
  summary: 'Search event trigger templates',
  description:
    'Own templates first, then built-in ones, then published ones; each of them newest first. With `ids`, the specified templates that are visible to the caller, with their triggers, in that order; all other filters are ignored.',
  access,
  query: templateQuery,
  success: { status: 200, description: 'A page of templates', body: pageOf(templateSummaryView) },
  async handle({ query, caller, services }) {
    const { tab, keyword, theme, category, contributor, bookmarked, ids } = query;
    if (ids !== undefined) {
      const requested = [...new Set(ids.split(','))];
      const found = await Promise.all(requested.map((id) => findTemplate(services, caller.customerId, id)));
      const visible = found.filter((template) => template !== undefined);
      return { body: { value: await viewsOf(services, caller, visible) } };
    }
    const only = bookmarked ? await bookmarksOf(services, caller) : undefined;
    const filter = { keyword, theme, category, contributor };
    const page = await readPage({
      services,
      caller,
      path,
      query,
      read: (limit, after) =>
        listTemplates(services, caller.customerId, tab, { limit, after, filter, ids: only }),
      keyOf: positionOf,
      toItem: (found: FoundTemplate) => found,
    });
    const views = await viewsOf(services, caller, page.value);
    return { body: { ...page, value: views.map(({ triggers: _triggers, ...summary }) => summary) } };
  },
});

const create = operation({
  id: 'createEventTriggerTemplate',
  method: 'POST',
  path,
  tag,
  summary: 'Save triggers as a template',
  description:
    'It is visible to the organisation only. Names are unique among the templates of the organisation, ignoring case.',
  access,
  inThread: true,
  body: templateInput,
  bodyFormat: { maxBytes: MAX_TEMPLATE_BYTES },
  success: { status: 201, description: 'The template', body: templateView },
  problems: ['already-exists'],
  etag: true,
  audit: { action: 'eventTriggerTemplate.create', when: 'withChange' },
  async handle({ body, caller, services, audit, newId }) {
    const now = services.clock.now().toISOString();
    const author = { id: caller.id, name: caller.name };
    const id = randomIdFrom(newId());
    const made = { id, createdAt: now, createdBy: author, modifiedAt: now, modifiedBy: author };
    const template = templateOf(contentOf(body), made);
    await whileNameIsContended(async () => {
      const naming = await newTemplateName(services, caller.customerId, template);
      await audit.commit([change.create(templateType, template), ...naming], {
        target: targetOf(template),
        new: { name: template.name, theme: template.theme, triggers: template.triggers.length },
      });
    });
    const found = await findOwnTemplate(services, caller.customerId, template.id);
    if (!found) throw notFound('template');
    return {
      body: await viewOfOne(services, caller, found),
      etag: found.etag,
      location: `${path}/${template.id}`,
    };
  },
});

const get = operation({
  id: 'getEventTriggerTemplate',
  method: 'GET',
  path: `${path}/{id}`,
  tag,
  summary: 'Show a template with its triggers',
  access,
  success: { status: 200, description: 'The template', body: templateView },
  etag: true,
  load: ({ params, caller, services }) => findTemplate(services, caller.customerId, params.id),
  handle: async ({ resource, caller, services }) => ({
    body: await viewOfOne(services, caller, resource),
    etag: resource.etag,
  }),
});

const put = operation({
  id: 'putEventTriggerTemplate',
  method: 'PUT',
  path: `${path}/{id}`,
  tag,
  summary: 'Change a template of the organisation',
  description: 'The published template does not change until it is published again.',
  access,
  inThread: true,
  body: templateInput,
  bodyFormat: { maxBytes: MAX_TEMPLATE_BYTES },
  success: { status: 200, description: 'The template after the operation', body: templateView },
  problems: ['system-defined', 'already-exists'],
  ifMatch: 'required',
  etag: true,
  audit: { action: 'eventTriggerTemplate.change', when: 'withChange' },
  load: ({ params, caller, services }) => findChangeable(services, caller.customerId, params.id),
  edits: {
    current: ({ resource, caller, services }) => viewOfOne(services, caller, resource),
    volatile: ['likes', 'liked', 'bookmarked'],
  },
  async handle({ resource, body, caller, services, audit }) {
    const { template: before, etag } = requireOwn(resource);
    const { id, createdAt, createdBy, publication } = before;
    const modifiedBy = { id: caller.id, name: caller.name };
    const modifiedAt = services.clock.now().toISOString();
    const template = templateOf(contentOf(body), {
      id,
      createdAt,
      createdBy,
      modifiedAt,
      modifiedBy,
      publication,
    });
    await whileNameIsContended(async () => {
      const renaming = await templateNameChange(services, caller.customerId, before, template.name);
      await audit.commit([change.replace(templateType, template, etag), ...renaming], {
        target: targetOf(template),
        old: { name: before.name, theme: before.theme, triggers: before.triggers.length },
        new: { name: template.name, theme: template.theme, triggers: template.triggers.length },
      });
    });
    const found = await findOwnTemplate(services, caller.customerId, id);
    if (!found) throw notFound('template');
    return { body: await viewOfOne(services, caller, found), etag: found.etag };
  },
});

const remove = operation({
  id: 'deleteEventTriggerTemplate',
  method: 'DELETE',
  path: `${path}/{id}`,
  tag,
  summary: 'Delete a template of the organisation',
  description: 'It is removed from the community as well. Copies of it are kept.',
  access,
  success: { status: 204, description: 'The template is deleted' },
  problems: ['system-defined'],
  ifMatch: 'required',
  audit: { action: 'eventTriggerTemplate.delete', when: 'withChange' },
  load: ({ params, caller, services }) => findChangeable(services, caller.customerId, params.id),
  async handle({ resource, caller, services, audit }) {
    await deleteTemplate({ customerId: caller.customerId, audit, services }, requireOwn(resource).template);
    return { body: undefined };
  },
});

/** Loads a template to be changed: those of others are not found, for built-in ones see `requireOwn`. */
async function findChangeable(
  services: Parameters<typeof findTemplate>[0],
  customerId: string,
  id: string,
): Promise<FoundTemplate | undefined> {
  const found = await findTemplate(services, customerId, id);
  return found?.origin === 'community' ? undefined : found;
}

function requireOwn(found: FoundTemplate): FoundTemplate & { origin: 'organisation' } {
  if (found.origin === 'organisation') return found;
  throw new Problem(
    'system-defined',
    'This template is built in and cannot be changed: save its triggers as a template of your own.',
  );
}

export const templateOperations: readonly Operation[] = [
  list,
  create,
  get,
  put,
  remove,
  ...reactionOperations,
];
