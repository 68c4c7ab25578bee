/** The state machine of a deployment: every event in every state, in one table (HST-2, HST-3). Pure. */

export const DEPLOYMENT_STATES = [
  'testingConnection',
  'creatingResourceGroup',
  'checkingResources',
  'deployingResources',
  'settingUpMachines',
  'installingServers',
  'waitingForServers',
  'recordingFailure',
  'deletingForRetry',
  'deletingForCancellation',
  'available',
  'failed',
  'canceled',
] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** `stepDone`: what the state does is done; for a deletion: nothing is left that could be deleted. */
export const DEPLOYMENT_EVENTS = [
  'stepDone',
  'stepFailed',
  'timedOut',
  'cancelRequested',
  'retryRequested',
] as const;
export type DeploymentEvent = (typeof DEPLOYMENT_EVENTS)[number];

type Row = Readonly<Partial<Record<DeploymentEvent, DeploymentState>>>;

/** A step that leads to the next one. What it made stays after a failure, until somebody retries or cancels. */
const step = (next: DeploymentState): Row => ({
  stepDone: next,
  stepFailed: 'recordingFailure',
  timedOut: 'recordingFailure',
  cancelRequested: 'deletingForCancellation',
});

/** The next state by state and event; an event that a row does not have changes nothing. */
const TRANSITIONS: Readonly<Record<DeploymentState, Row>> = {
  testingConnection: step('creatingResourceGroup'),
  creatingResourceGroup: step('checkingResources'),
  checkingResources: step('deployingResources'),
  deployingResources: step('settingUpMachines'),
  settingUpMachines: step('installingServers'),
  installingServers: step('waitingForServers'),
  waitingForServers: step('available'),
  // Azure stops working on it, and what it made is recorded, so that it can be shown.
  recordingFailure: {
    stepDone: 'failed',
    stepFailed: 'failed',
    timedOut: 'failed',
    cancelRequested: 'deletingForCancellation',
  },
  deletingForRetry: {
    stepDone: 'testingConnection',
    stepFailed: 'failed',
    timedOut: 'failed',
    cancelRequested: 'deletingForCancellation',
  },
  // A cancellation ends, whatever it could not delete: that is listed.
  deletingForCancellation: { stepDone: 'canceled', stepFailed: 'canceled', timedOut: 'canceled' },
  available: {},
  failed: { retryRequested: 'deletingForRetry', cancelRequested: 'deletingForCancellation' },
  canceled: {},
};

/** The state after the event; undefined when the event changes nothing in this state. */
export function nextState(from: DeploymentState, event: DeploymentEvent): DeploymentState | undefined {
  return TRANSITIONS[from][event];
}

/** Whether nothing more happens by itself. */
export function hasEnded(state: DeploymentState): boolean {
  return state === 'available' || state === 'failed' || state === 'canceled';
}

/** Whether it stops what Azure does, and records or deletes what was made. */
export function isCleaningUp(state: DeploymentState): boolean {
  return state === 'recordingFailure' || isDeleting(state);
}

export function isDeleting(state: DeploymentState): boolean {
  return state === 'deletingForRetry' || state === 'deletingForCancellation';
}

/** How long each state may last, in minutes. A machine registers within an hour of its set-up. */
const MINUTES: Readonly<Record<DeploymentState, number>> = {
  testingConnection: 10,
  creatingResourceGroup: 15,
  checkingResources: 15,
  deployingResources: 180,
  settingUpMachines: 240,
  // Each installation ends after 90 minutes, and is repeated.
  installingServers: 300,
  waitingForServers: 60,
  recordingFailure: 60,
  deletingForRetry: 180,
  deletingForCancellation: 180,
  available: 0,
  failed: 0,
  canceled: 0,
};

/** When a state that was entered then has lasted too long; RFC 3339 UTC. */
export function deadlineOf(state: DeploymentState, since: string): string {
  return new Date(Date.parse(since) + MINUTES[state] * 60_000).toISOString();
}
