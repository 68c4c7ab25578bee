/** Publishes, withdraws and deletes templates. The customer's document is authoritative, the community copy follows it. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { Author } from '../../shared/identity/caller';
import { communityOf, putPublished } from './community';
import { findOwnTemplate } from './find-template';
import { isConfusableWith } from './confusable-names';
import { deleteLikeCount } from './reactions';
import {
  publishedFrom,
  publishedTemplateType,
  type Template,
  templateType,
  TERMS_VERSION,
  VENDOR,
} from './template';
import { templateNameRelease } from './template-names';

interface Publishing {
  customerId: string;
  templateId: string;
  audit: AuditTrail;
  services: Pick<Services, 'database' | 'clock'>;
}

/** Publishes the current content of the template to other customers. @throws Problem */
export async function publishTemplate(
  { customerId, templateId, audit, services }: Publishing,
  { organisation, author }: { organisation: string; author: Author },
): Promise<void> {
  rejectVendorName(organisation);
  await retryConflicts(async () => {
    const template = await requireOwn(services, customerId, templateId);
    const publication = {
      publishedAt: services.clock.now().toISOString(),
      organisation,
      contentOf: template.modifiedAt,
      termsVersion: TERMS_VERSION,
      acceptedBy: author,
    };
    await audit.commit([change.replace(templateType, { ...template, publication }, template.etag)], {
      target: targetOf(template),
      old: template.publication && { organisation: template.publication.organisation },
      new: { organisation, termsVersion: TERMS_VERSION },
    });
    await putPublished(services, publishedFrom(template, publication, customerId));
  });
  // A concurrent withdrawal or deletion may have run before the published copy existed.
  const now = await findOwnTemplate(services, customerId, templateId);
  if (!now?.template.publication) await withdraw(services, templateId);
}

/** Removes the template from the community. Copies that others created from it are kept. */
export async function unpublishTemplate({
  customerId,
  templateId,
  audit,
  services,
}: Publishing): Promise<void> {
  await retryConflicts(async () => {
    const template = await requireOwn(services, customerId, templateId);
    const { publication, ...rest } = template;
    if (publication) {
      await audit.commit([change.replace(templateType, rest, template.etag)], {
        target: targetOf(template),
        old: { organisation: publication.organisation },
      });
    }
  });
  await withdraw(services, templateId);
}

/** Deletes a template and its published copy. @throws DocumentStale */
export async function deleteTemplate(
  { customerId, audit, services }: Omit<Publishing, 'templateId'>,
  template: Stored<Template>,
): Promise<void> {
  // First the community copy: without the template, nobody could remove it.
  await withdraw(services, template.id);
  const release = await templateNameRelease(services, customerId, template);
  await audit.commit([change.remove(templateType, template.id, template.etag), ...release], {
    target: targetOf(template),
    old: { name: template.name, published: template.publication !== undefined },
  });
  await deleteLikeCount(services, template.id);
}

/** The target of audit entries. */
export function targetOf({ id, name }: { id: string; name: string }) {
  return { type: 'eventTriggerTemplate', id, name };
}

async function withdraw(services: Pick<Services, 'database'>, templateId: string): Promise<void> {
  await communityOf(services, templateId).remove(publishedTemplateType, templateId);
}

async function requireOwn(
  services: Pick<Services, 'database'>,
  customerId: string,
  templateId: string,
): Promise<Stored<Template>> {
  const found = await findOwnTemplate(services, customerId, templateId);
  if (!found) throw notFound('template');
  return found.template;
}

/** Prevents templates of organisations from being mistaken for built-in ones. */
function rejectVendorName(organisation: string): void {
  if (!isConfusableWith(organisation, VENDOR)) return;
  const detail = 'This name is reserved for the service: specify the name of your organisation.';
  throw new Problem('validation-failed', detail, { errors: [{ pointer: '/organisation', detail }] });
}
