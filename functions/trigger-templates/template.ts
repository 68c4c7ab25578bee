/** Templates of event triggers: of an organisation, published ones, and those that the service brings. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { sha256Hex } from '../../shared/ids';
import {
  EVENT_CATEGORIES,
  type EventCategory,
  eventType,
  line,
  lines,
  MAX_DESCRIPTION_CHARACTERS,
  MAX_NAME_CHARACTERS,
  type Trigger,
  triggerSchema,
} from '../policies/engine';
import type { Author } from '../../shared/identity/caller';
import { type SearchKeys, searchKeys } from './search';

const MAX_TRIGGERS = 100;
/** Well below what one document holds; a list of several templates holds a few of them. */
export const MAX_TEMPLATE_BYTES = 128 * 1024;
/** The name under which the service's own templates are shown. */
export const VENDOR = 'Session Recording service';
/** The terms of publication (docs/community-terms.md) as they are today. */
export const TERMS_VERSION = '1';

export const templateInput = z
  .strictObject({
    name: line(MAX_NAME_CHARACTERS),
    description: lines(MAX_DESCRIPTION_CHARACTERS).default(''),
    theme: line(60).describe('What it is for, such as `Data exfiltration`; any text'),
    categories: z
      .array(z.enum(EVENT_CATEGORIES))
      .max(EVENT_CATEGORIES.length)
      .optional()
      .describe('Categories of events by which it is found; those of its triggers unless said otherwise'),
    triggers: z.array(triggerSchema).min(1).max(MAX_TRIGGERS),
  })
  .meta({ id: 'EventTriggerTemplateInput' });

/** What a template consists of. */
export interface TemplateContent {
  name: string;
  description: string;
  theme: string;
  categories: readonly EventCategory[];
  triggers: readonly Trigger[];
}

/** That a template is offered to other customers, and who agreed to it. */
interface Publication {
  publishedAt: string;
  /** As other customers see the author. */
  organisation: string;
  /** `modifiedAt` of what was published. */
  contentOf: string;
  termsVersion: string;
  acceptedBy: Author;
}

/** A template of the customer, in `control`. */
export interface Template extends TemplateContent, SearchKeys {
  id: string;
  createdAt: string;
  createdBy: Author;
  modifiedAt: string;
  modifiedBy: Author;
  publication?: Publication | undefined;
}

export const templateType = documentType<Template>('event-trigger-template', { ttlSeconds: 'never' });

/** A published template as all customers may see it: nothing of its author's but what was agreed to. */
export interface PublishedTemplate extends TemplateContent, SearchKeys {
  /** The id of the template that was published. */
  id: string;
  publishedAt: string;
  organisation: string;
  /** Tells its owner that it is their own; never shown. */
  ownerKey: string;
}

export const publishedTemplateType = documentType<PublishedTemplate>('published-template', {
  ttlSeconds: 'never',
});

/** What stands for a customer among published templates. */
export function ownerKeyOf(customerId: string): string {
  return sha256Hex(JSON.stringify(['template owner', customerId]));
}

/** A template that comes with the service. */
export interface BuiltInTemplate extends TemplateContent {
  readonly id: string;
}

/** The content that an administrator gave, with the categories of its triggers where none are named. */
export function contentOf(input: z.output<typeof templateInput>): TemplateContent {
  const { name, description, theme, triggers } = input;
  const named = input.categories ?? [];
  return {
    name,
    description,
    theme,
    triggers,
    categories: named.length > 0 ? named : categoriesOf(triggers),
  };
}

/** The categories of the events that triggers are about, in the order of the table. */
export function categoriesOf(triggers: readonly Trigger[]): EventCategory[] {
  const found = new Set(triggers.map((trigger) => eventType(trigger.eventType).category));
  return EVENT_CATEGORIES.filter((category) => found.has(category));
}

/** The document of a template with this content. */
export function templateOf(
  content: TemplateContent,
  made: Pick<Template, 'id' | 'createdAt' | 'createdBy' | 'modifiedAt' | 'modifiedBy' | 'publication'>,
): Template {
  return { ...made, ...content, ...searchKeys(content, made.createdBy.name) };
}

/** The template as the community gets it. */
export function publishedFrom(
  template: Template,
  publication: Publication,
  customerId: string,
): PublishedTemplate {
  const { id, name, description, theme, categories, triggers } = template;
  const { publishedAt, organisation } = publication;
  const content = { name, description, theme, categories, triggers };
  return {
    id,
    ...content,
    ...searchKeys(content, organisation),
    publishedAt,
    organisation,
    ownerKey: ownerKeyOf(customerId),
  };
}
