/** The HTTP operation that shows what storage maintenance would do before its settings are saved (MNG-4). */
import { type Operation, operation } from '../../../shared/http/operation';
import { findSite, maintenanceRules } from '../../sites';
import { requireLocation } from '../moves/require-location';
import { maintenancePreview, previewMaintenance } from './preview';

const EXAMPLE = { archiveAfterDays: 30, deleteAfterDays: 365 };

const previewStorageMaintenance = operation({
  id: 'previewStorageMaintenance',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/maintenancePreview',
  tag: 'Sites',
  summary: 'Preview storage maintenance',
  description:
    'How many recordings, and how many bytes, rules would archive and delete if a run began now. Nothing is saved or moved. ' +
    'Recordings under legal hold are not counted; those of a session that ended after some of its parts count by the end of ' +
    'each part, and those whose last archive has failed are counted, although a run leaves them alone for a day. Takes 8 ' +
    'seconds at most; what could not be counted by then is projected.',
  access: 'sites.manage',
  body: maintenanceRules.meta({ id: 'MaintenanceRules', examples: [EXAMPLE] }),
  success: { status: 200, description: 'What would be archived and deleted', body: maintenancePreview },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource, body: rules, caller: { customerId }, services }) {
    if (rules.location !== undefined) requireLocation(services.archives, rules.location, '/location');
    return { body: await previewMaintenance(services, { customerId, siteId: resource.id, rules }) };
  },
});

export const maintenanceOperations: readonly Operation[] = [previewStorageMaintenance];
