/** The containers of the app with the indexes of every capability: what Azure and one machine make. */
import { defineContainers } from '../shared/cosmos/containers';
import { identityIndexes } from './identity/indexes';
import { policyIndexes } from './policies/indexes';
import { recordingIndexes } from './recordings/indexes';
import { responseIndexes } from './responses/indexes';
import { serverIndexes } from './servers/indexes';
import { siteIndexes } from './sites/indexes';
import { triggerTemplateIndexes } from './trigger-templates/indexes';

export const containers = defineContainers([
  ...identityIndexes,
  ...siteIndexes,
  ...serverIndexes,
  ...recordingIndexes,
  ...policyIndexes,
  ...responseIndexes,
  ...triggerTemplateIndexes,
]);
