/** Templates in responses of the API. */
import { z } from 'zod';
import type { Services } from '../../shared/services';
import { EVENT_CATEGORIES, EVENT_TYPE_IDS, triggerSchema } from '../policies/engine';
import type { FoundTemplate } from './find-template';
import { type Reader, type Reactions, reactionsTo } from './reactions';
import { ownerKeyOf, VENDOR } from './template';

/** Without checks: they were validated when they were saved. */
const triggers = z.array(
  z
    .object(triggerSchema.shape)
    .meta({ id: 'TemplateTrigger', description: 'An event trigger of a template' }),
);

const summaryFields = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  theme: z.string(),
  categories: z.array(z.enum(EVENT_CATEGORIES)),
  eventTypes: z.array(z.enum(EVENT_TYPE_IDS)).describe('The event types of its triggers'),
  triggerCount: z.int(),
  origin: z
    .enum(['organisation', 'community', 'builtIn'])
    .describe('organisation: of the own organisation; community: of another one; builtIn: of the service'),
  contributor: z
    .object({ kind: z.enum(['administrator', 'organisation', 'vendor']), name: z.string() })
    .describe('The author: an administrator for own templates, otherwise an organisation'),
  likes: z.int(),
  liked: z.boolean().describe('Whether by the caller'),
  bookmarked: z.boolean().describe('Whether by the caller'),
  publishedAt: z.iso.datetime().optional(),
  publication: z
    .object({
      publishedAt: z.iso.datetime(),
      organisation: z.string(),
      termsVersion: z.string(),
      upToDate: z.boolean().describe('Whether the published content is the current content'),
    })
    .optional()
    .describe('The publication of an own template'),
  createdAt: z.iso.datetime().optional(),
  createdBy: z.string().optional(),
  modifiedAt: z.iso.datetime().optional(),
  modifiedBy: z.string().optional(),
};

export const templateSummaryView = z
  .object({ ...summaryFields, triggers: triggers.optional().describe('Only with `ids`') })
  .meta({ id: 'EventTriggerTemplateSummary', description: 'Summary of a template in lists' });

export const templateView = z
  .object({ ...summaryFields, triggers })
  .meta({ id: 'EventTriggerTemplate', description: 'A template of event triggers' });

/** Templates with their triggers, as the caller sees them. */
export async function viewsOf(
  services: Pick<Services, 'database'>,
  reader: Reader,
  found: readonly FoundTemplate[],
) {
  const reactions = await reactionsTo(
    services,
    reader,
    found.map(({ template }) => template.id),
  );
  return found.map((one) => viewOf(one, reactions(one.template.id), reader));
}

/** A template with its triggers, as the caller sees it. */
export async function viewOfOne(services: Pick<Services, 'database'>, reader: Reader, found: FoundTemplate) {
  const reactions = await reactionsTo(services, reader, [found.template.id]);
  return viewOf(found, reactions(found.template.id), reader);
}

function viewOf(found: FoundTemplate, reactions: Reactions, { customerId }: Reader) {
  const { id, name, description, theme, categories, triggers: given } = found.template;
  return {
    id,
    name,
    description,
    theme,
    categories: [...categories],
    eventTypes: [...new Set(given.map(({ eventType }) => eventType))],
    triggerCount: given.length,
    triggers: [...given],
    ...reactions,
    ...originOf(found, customerId),
  };
}

function originOf(found: FoundTemplate, customerId: string) {
  switch (found.origin) {
    case 'builtIn':
      return { origin: found.origin, contributor: { kind: 'vendor' as const, name: VENDOR } };
    case 'community': {
      const { organisation, publishedAt, ownerKey } = found.template;
      const origin = ownerKey === ownerKeyOf(customerId) ? 'organisation' : found.origin;
      return {
        origin,
        contributor: { kind: 'organisation' as const, name: organisation },
        publishedAt,
      } as const;
    }
    case 'organisation': {
      const { createdAt, createdBy, modifiedAt, modifiedBy, publication } = found.template;
      return {
        origin: found.origin,
        contributor: { kind: 'administrator' as const, name: createdBy.name },
        createdAt,
        createdBy: createdBy.name,
        modifiedAt,
        modifiedBy: modifiedBy.name,
        publication: publication && {
          publishedAt: publication.publishedAt,
          organisation: publication.organisation,
          termsVersion: publication.termsVersion,
          upToDate: publication.contentOf === modifiedAt,
        },
      };
    }
  }
}
