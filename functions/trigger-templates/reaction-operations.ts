/** Idempotent HTTP operations on a template: like, bookmark, publication. */
import { z } from 'zod';
import type { AuditTrail } from '../../shared/audit/audit-entry';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { line } from '../../shared/pure/text-fields';
import { findOwnTemplate, findTemplate, type FoundTemplate } from './find-template';
import { publishTemplate, targetOf, unpublishTemplate } from './publish-template';
import { bookmark, bookmarksOf, isLiked, like, type Reader, removeBookmark, unlike } from './reactions';
import { templateView, viewOfOne } from './template-view';

const tag = 'Event trigger templates';
const access = 'policies.manage';
const path = '/api/v1/eventTriggerTemplates/{id}';
const success = { status: 200, description: 'The template after the operation', body: templateView };

type Doing = Pick<Services, 'database' | 'clock'>;

interface Reaction {
  noun: 'like' | 'bookmark';
  put: { summary: string; description?: string };
  remove: { summary: string };
  has: (services: Doing, reader: Reader, templateId: string) => Promise<boolean>;
  set: (services: Doing, reader: Reader, templateId: string) => Promise<void>;
  unset: (services: Doing, reader: Reader, templateId: string) => Promise<void>;
}

const REACTIONS: readonly Reaction[] = [
  {
    noun: 'like',
    put: { summary: 'Like a template', description: 'Counts once per administrator.' },
    remove: { summary: 'Remove a like' },
    has: isLiked,
    set: like,
    unset: unlike,
  },
  {
    noun: 'bookmark',
    put: { summary: 'Bookmark a template', description: 'Only the caller sees it.' },
    remove: { summary: 'Remove a bookmark' },
    has: async (services, reader, templateId) => (await bookmarksOf(services, reader)).includes(templateId),
    set: bookmark,
    unset: removeBookmark,
  },
];

const ofReactions = REACTIONS.flatMap((reaction): Operation[] => [
  operation({
    id: `${reaction.noun}EventTriggerTemplate`,
    method: 'PUT',
    path: `${path}/${reaction.noun}`,
    tag,
    ...reaction.put,
    access,
    success,
    etag: true,
    problems: reaction.noun === 'bookmark' ? ['conflict'] : [],
    audit: { action: `eventTriggerTemplate.${reaction.noun}`, when: 'ifChanged' },
    load: ({ params, caller, services }) => findTemplate(services, caller.customerId, params.id),
    handle: async ({ resource, caller, services, audit }) =>
      react(reaction, true, { resource, reader: caller, services, audit }),
  }),
  operation({
    id: `remove${reaction.noun === 'like' ? 'Like' : 'Bookmark'}OfEventTriggerTemplate`,
    method: 'DELETE',
    path: `${path}/${reaction.noun}`,
    tag,
    ...reaction.remove,
    access,
    success,
    etag: true,
    audit: { action: `eventTriggerTemplate.${reaction.noun}.remove`, when: 'ifChanged' },
    load: ({ params, caller, services }) => findTemplate(services, caller.customerId, params.id),
    handle: async ({ resource, caller, services, audit }) =>
      react(reaction, false, { resource, reader: caller, services, audit }),
  }),
]);

async function react(
  { has, set, unset }: Reaction,
  wanted: boolean,
  {
    resource,
    reader,
    services,
    audit,
  }: { resource: FoundTemplate; reader: Reader; services: Doing; audit: AuditTrail },
) {
  const { template } = resource;
  if ((await has(services, reader, template.id)) !== wanted) {
    // The audit entry and the reaction are in different partitions: log first.
    await audit.commit([], { target: targetOf(template) });
    await (wanted ? set : unset)(services, reader, template.id);
  }
  return { body: await viewOfOne(services, reader, resource), etag: resource.etag };
}

const publicationInput = z
  .strictObject({
    organisation: line(100).describe('The name under which other customers see it'),
    acceptTerms: z
      .literal(true, 'A template can be published only under the terms: read them, and accept them with true')
      .describe('Accepts the terms below'),
  })
  .meta({ id: 'TemplatePublication' });

const publish = operation({
  id: 'publishEventTriggerTemplate',
  method: 'PUT',
  path: `${path}/publication`,
  tag,
  summary: 'Publish a template to the community',
  description:
    'All customers see its current content under the specified name of the organisation, and nothing else about the organisation. Publishing it again replaces what they see. ' +
    'The terms: the organisation has the right to share the template and grants all customers its free use; the template contains no secrets, no personal data and no information about the network of the organisation; it comes without warranty; it can be withdrawn, but others keep the copies that they have made of it.',
  access,
  body: publicationInput,
  success,
  etag: true,
  problems: ['stale'],
  audit: { action: 'eventTriggerTemplate.publish', when: 'withChange' },
  load: ({ params, caller, services }) => findOwnTemplate(services, caller.customerId, params.id),
  async handle({ resource, body, caller, services, audit }) {
    const { customerId, id, name } = caller;
    const templateId = resource.template.id;
    await publishTemplate(
      { customerId, templateId, audit, services },
      { organisation: body.organisation, author: { id, name } },
    );
    return ownView(services, caller, templateId);
  },
});

const unpublish = operation({
  id: 'unpublishEventTriggerTemplate',
  method: 'DELETE',
  path: `${path}/publication`,
  tag,
  summary: 'Withdraw a template from the community',
  access,
  success,
  etag: true,
  problems: ['stale'],
  audit: { action: 'eventTriggerTemplate.unpublish', when: 'ifChanged' },
  load: ({ params, caller, services }) => findOwnTemplate(services, caller.customerId, params.id),
  async handle({ resource, caller, services, audit }) {
    const templateId = resource.template.id;
    await unpublishTemplate({ customerId: caller.customerId, templateId, audit, services });
    return ownView(services, caller, templateId);
  },
});

async function ownView(services: Doing, reader: Reader, templateId: string) {
  const found = await findOwnTemplate(services, reader.customerId, templateId);
  if (!found) throw notFound('template');
  return { body: await viewOfOne(services, reader, found), etag: found.etag };
}

export const reactionOperations: readonly Operation[] = [...ofReactions, publish, unpublish];
