/** Templates of event triggers: those of an organisation, published ones and built-in ones. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { sha256Hex } from '../../shared/ids';
import {
  EVENT_CATEGORIES,
  type EventCategory,
  eventType,
  type Trigger,
  triggerSchema,
} from '../policies/engine';
import type { Author } from '../../shared/identity/caller';
import { line, lines, MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS } from '../../shared/pure/text-fields';
import { type SearchKeys, searchKeys } from './search';

const MAX_TRIGGERS = 100;
/** Well below the limit of a document; a response may contain several templates. */
export const MAX_TEMPLATE_BYTES = 128 * 1024;
/** The contributor name of built-in templates. */
export const VENDOR = 'Session Recording service';
/** The current version of the terms of publication (docs/community-terms.md). */
export const TERMS_VERSION = '1';

export const templateInput = z
  .strictObject({
    name: line(MAX_NAME_CHARACTERS),
    description: lines(MAX_DESCRIPTION_CHARACTERS).default(''),
    theme: line(60).describe('The purpose of the template, such as `Data exfiltration`; any text'),
    categories: z
      .array(z.enum(EVENT_CATEGORIES))
      .max(EVENT_CATEGORIES.length)
      .optional()
      .describe('Event categories by which the template is found; default: those of its triggers'),
    triggers: z.array(triggerSchema).min(1).max(MAX_TRIGGERS),
  })
  .meta({ id: 'EventTriggerTemplateInput' });

/** The content of a template. */
export interface TemplateContent {
  name: string;
  description: string;
  theme: string;
  categories: readonly EventCategory[];
  triggers: readonly Trigger[];
}

/** The publication of a template to other customers, and who accepted the terms. */
interface Publication {
  publishedAt: string;
  /** The name of the author that other customers see. */
  organisation: string;
  /** `modifiedAt` of the published content. */
  contentOf: string;
  termsVersion: string;
  acceptedBy: Author;
}

/** A template of the customer, in the `control` container. */
export interface Template extends TemplateContent, SearchKeys {
  id: string;
  createdAt: string;
  createdBy: Author;
  modifiedAt: string;
  modifiedBy: Author;
  publication?: Publication | undefined;
}

export const templateType = documentType<Template>('event-trigger-template', { ttlSeconds: 'never' });

/** A published template as all customers see it, with nothing about its author except the agreed name. */
export interface PublishedTemplate extends TemplateContent, SearchKeys {
  /** The id of the template that was published. */
  id: string;
  /** When the template was created, by which it is listed; absent in copies of before its partition was split. */
  createdAt?: string | undefined;
  publishedAt: string;
  organisation: string;
  /** Lets its owner recognise it; never returned. */
  ownerKey: string;
}

export const publishedTemplateType = documentType<PublishedTemplate>('published-template', {
  ttlSeconds: 'never',
});

/** A pseudonym of a customer among published templates. */
export function ownerKeyOf(customerId: string): string {
  return sha256Hex(JSON.stringify(['template owner', customerId]));
}

/** A template that is part of the service. */
export interface BuiltInTemplate extends TemplateContent {
  readonly id: string;
}

/** The content that an administrator sent, with the categories of its triggers if none are specified. */
export function contentOf(input: z.output<typeof templateInput>): TemplateContent {
  const { name, description, theme, triggers } = input;
  const specified = input.categories ?? [];
  return {
    name,
    description,
    theme,
    triggers,
    categories: specified.length > 0 ? specified : categoriesOf(triggers),
  };
}

/** The categories of the event types of triggers, in the order of the table. */
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

/** The published form of a template. */
export function publishedFrom(
  template: Template,
  publication: Publication,
  customerId: string,
): PublishedTemplate {
  const { id, createdAt, name, description, theme, categories, triggers } = template;
  const { publishedAt, organisation } = publication;
  const content = { name, description, theme, categories, triggers };
  return {
    id,
    ...content,
    ...searchKeys(content, organisation),
    createdAt,
    publishedAt,
    organisation,
    ownerKey: ownerKeyOf(customerId),
  };
}
