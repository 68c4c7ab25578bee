/** What the fields of storage maintenance mean, for the OpenAPI document; see api-fields.ts. */
import type { FieldText } from '../shared/http/openapi-texts';

const text = (description: string, example?: unknown): FieldText => ({ description, example });

export const SITE_MAINTENANCE_FIELDS: Readonly<Record<string, FieldText>> = {
  archiveAfterDays: text('Age at which recordings are archived', 30),
  deleteAfterDays: text('Age at which recordings are deleted', 365),
  serverFolder: text('Where servers move files that stay on their storage', '\\\\nas\\archive'),
  'storageMaintenance.location': text('Name of the archive location', 'archive'),
  'MaintenanceRules.location': text('Name of the archive location', 'archive'),
  upgradeConflicts: text('Servers that may be upgraded when storage maintenance begins'),
  'MaintenancePreview.asOf': text('The instant that ages count up to', '2026-11-29T12:00:00.000Z'),
  isEstimate: text('Whether the numbers are projected'),
  byMonth: text('The same for each month'),
  month: text('A month, in UTC', '2026-10'),
  archive: text('What would be archived'),
  delete: text('What would be deleted'),
  recordings: text('Number of recordings', 1_200),
  bytes: text('Size of their files', 53_687_091_200),
};
