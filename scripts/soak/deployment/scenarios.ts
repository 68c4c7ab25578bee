/** For tests: what can happen to a deployment: faults of its calls, troubles, and the answers of administrators. */
import { CONTEXT } from '../../../arm-templates/testing/context';
import { planOf, SUBSCRIPTION } from '../../../arm-templates/testing/plans';
import { AzureError } from '../../../shared/azure/azure-error';
import {
  type Deployment,
  DEPLOYMENT_TAG,
  newDeployment,
} from '../../../functions/host-deployments/deployment';

export const ID = '01990000-0000-7000-8000-000000000001';
export const GROUP = 'recording-rg';

export const FAULTS = [
  'none',
  'refused',
  'throttled',
  'timedOutAfterSuccess',
  'killedBefore',
  'killedAfter',
] as const;
export type Fault = (typeof FAULTS)[number];
export const TROUBLES = [
  'none',
  'templateFails',
  'canceled',
  'canceledInGroupOfOthers',
  'commandsFail',
  /** The server component cannot be installed on a machine. */
  'installationFails',
  'othersInGroup',
  /** Put into the group after it was listed, before it is deleted. */
  'othersAtDeletion',
  /** A resource of the deployment that somebody has given another tag. */
  'takenOver',
  'groupOfOthers',
  /** The template fails in an empty group of others. */
  'failsInGroupOfOthers',
  /** Others create the group while the deployment is about to. */
  'groupCreatedByOthers',
  'siteExists',
  'undeletable',
  'twoProcesses',
] as const;
/** Troubles in which the template fails. */
export const FAILING: readonly Trouble[] = [
  'templateFails',
  'othersInGroup',
  'othersAtDeletion',
  'takenOver',
  'failsInGroupOfOthers',
  'undeletable',
];
export const OTHERS_GROUPS: readonly Trouble[] = [
  'canceledInGroupOfOthers',
  'groupOfOthers',
  'failsInGroupOfOthers',
  'groupCreatedByOthers',
  'siteExists',
];
export type Trouble = (typeof TROUBLES)[number];

/** What an administrator does about a failure; before a retry its reason is removed, where that is possible. */
export const ANSWERS = ['leave', 'retry', 'cancel'] as const;

/** Every call of a deployment, and the writes of its document. */
export const CALLS = [
  'test',
  'readGroup',
  'putGroup',
  'listResources',
  'listDeletedVaults',
  'readDeployment',
  'putDeployment',
  'listOperations',
  'readRunCommand',
  'putRunCommand',
  'listDeployments',
  'cancelDeployment',
  'deleteGroup',
  'deleteResource',
  'store',
] as const;

export const refusal = () => new AzureError({ code: 'AuthorizationFailed', message: 'No permission.' }, 403);
export const OTHERS = 'others';
export const foreign = (name = OTHERS) => ({
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Storage/storageAccounts/${name}`,
  type: 'Microsoft.Storage/storageAccounts',
  // Policies copy tags from groups to what is in them.
  tags: { [DEPLOYMENT_TAG]: ID },
});
export const OTHERS_TAGS = { owner: OTHERS };

/** The deployment of every run, at its beginning. */
export function deploymentOfRun(now: Date): Deployment {
  return newDeployment(
    {
      id: ID,
      siteId: CONTEXT.siteId,
      hostConnectionId: 'connection',
      taskId: 'task',
      plan: planOf(),
      planFingerprint: 'print',
      suffix: CONTEXT.suffix,
      groupName: GROUP,
      initiator: { id: 'a', name: 'Ada', kind: 'full' },
      machineNames: [0, 1, 2].map((index) => `sr-${CONTEXT.suffix}-${index}`),
    },
    now,
  );
}
