/** Every HTTP operation of the app, by capability. */
import type { Operation } from '../shared/http/operation';
import { cloudClientOperations } from './cloud-client';
import { deploymentOperations, enrolmentOperations } from './deployment';
import { hostConnectionOperations } from './host-connections';
import { hostDeploymentOperations, sitesThroughConnection } from './host-deployments';
import { identityOperations } from './identity';
import { taskOperations } from './monitoring';
import { onboardingOperations } from './onboarding';
import { policyOperations } from './policies';
import { eventOperations, insightOperations, recordingOperations } from './recordings';
import { respondedEvents, responseOperations, responsesOfSession } from './responses';
import { serverOperations } from './servers';
import { packageDoc, serviceOperations } from './service';
import { siteDependents } from './site-dependents';
import { siteDependentOperations, siteOperations } from './sites';
import { taskKinds } from './task-kinds';
import { templateOperations } from './trigger-templates';

export const operations: readonly Operation[] = [
  ...identityOperations,
  ...siteOperations,
  ...siteDependentOperations(siteDependents),
  ...serverOperations,
  ...onboardingOperations,
  ...deploymentOperations,
  ...enrolmentOperations,
  ...hostConnectionOperations([sitesThroughConnection]),
  ...hostDeploymentOperations,
  ...policyOperations,
  ...templateOperations,
  ...responseOperations,
  ...recordingOperations,
  ...eventOperations(respondedEvents),
  ...insightOperations(responsesOfSession),
  ...taskOperations(taskKinds),
  ...cloudClientOperations,
  ...serviceOperations(packageDoc),
];
