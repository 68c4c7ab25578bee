/** The containers of the app with the indexes of every capability: what Azure and one machine make. */
import { defineContainers } from '../shared/cosmos/containers';
import { logIndexes } from '../shared/log/indexes';
import { monthIndexes } from '../shared/months/indexes';
import { scheduleIndexes } from '../shared/schedules/indexes';
import { taskIndexes } from '../shared/tasks/indexes';
import { hostConnectionIndexes } from './host-connections/indexes';
import { hostDeploymentIndexes } from './host-deployments/indexes';
import { identityIndexes } from './identity/indexes';
import { monitoringIndexes } from './monitoring/indexes';
import { policyIndexes } from './policies/indexes';
import { recordingIndexes } from './recordings/indexes';
import { responseIndexes } from './responses/indexes';
import { serverIndexes } from './servers/indexes';
import { sessionIndexes } from './sessions/indexes';
import { siteIndexes } from './sites/indexes';
import { triggerTemplateIndexes } from './trigger-templates/indexes';

export const containers = defineContainers([
  ...logIndexes,
  ...monthIndexes,
  ...identityIndexes,
  ...hostConnectionIndexes,
  ...siteIndexes,
  ...hostDeploymentIndexes,
  ...serverIndexes,
  ...sessionIndexes,
  ...recordingIndexes,
  ...policyIndexes,
  ...responseIndexes,
  ...triggerTemplateIndexes,
  ...monitoringIndexes,
  ...taskIndexes,
  ...scheduleIndexes,
]);
