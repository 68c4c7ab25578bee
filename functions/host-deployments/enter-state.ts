/** A deployment as it enters its next state: what happens in it begins here. Pure. */
import type { AzureErrorInfo } from '../../shared/azure/azure-error';
import { type CleanupStep, type Deployment, nextAttempt } from './deployment';
import {
  type DeploymentEvent,
  type DeploymentState,
  hasEnded,
  isCleaningUp,
  isDeleting,
  nextState,
} from './deployment-states';
import { startedMachines } from './machine-setup';

/** The deployment in the state to which the event leads; itself where the event changes nothing. */
export function withEvent<T extends Deployment>(deployment: T, event: DeploymentEvent, now: Date): T {
  const state = nextState(deployment.state, event);
  if (state === undefined) return deployment;
  const at = now.toISOString();
  if (state === 'testingConnection') return nextAttempt(deployment, at);
  const entered: T = {
    ...deployment,
    state,
    stateSince: at,
    history: [...deployment.history, { state, at }],
    retries: { count: 0 },
    ...onEntering(deployment, state, at),
  };
  // Then Azure has nothing to stop, and nothing can have been made.
  return state === 'recordingFailure' && !hasRequestedTemplate(deployment)
    ? withEvent(entered, 'stepDone', now)
    : entered;
}

function onEntering(deployment: Deployment, state: DeploymentState, at: string): Partial<Deployment> {
  if (hasEnded(state)) return { endedAt: at, cleanup: undefined };
  if (state === 'settingUpMachines') return { machines: startedMachines(deployment.machines) };
  if (state === 'installingServers')
    return { machines: deployment.machines.map((machine) => ({ ...machine, installations: 1 })) };
  if (!isCleaningUp(state) || isDeleting(deployment.state)) return {};
  // What was refused or not listed before may be deleted now.
  const leftovers = deployment.leftovers.filter(({ kind }) => kind === 'deletedVault');
  return { cleanup: firstCleanup(deployment), leftovers, endedAt: undefined };
}

/** Before that, no deployment and no resource in a group of others can be its own. */
export function hasRequestedTemplate({ history }: Deployment): boolean {
  return history.some(({ state }) => state === 'deployingResources');
}

function firstCleanup(deployment: Deployment): CleanupStep {
  return { kind: hasRequestedTemplate(deployment) ? 'stopDeployments' : 'listResources' };
}

/** The deployment that has failed for this reason: what it made is recorded next, and stays. */
export function withFailure<T extends Deployment>(deployment: T, error: AzureErrorInfo, now: Date): T {
  return withEvent({ ...deployment, error: deployment.error ?? error }, 'stepFailed', now);
}
