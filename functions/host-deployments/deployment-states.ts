/** The state machine of a deployment: every event in every state, in one table (HST-2, HST-3). Pure. */

export const DEPLOYMENT_STATES = [
  'testingConnection',
  'creatingResourceGroup',
  'checkingResources',
  'deployingResources',
  'settingUpMachines',
  'waitingForServers',
  'rollingBackFailure',
  'rollingBackCancellation',
  'available',
  'failed',
  'canceled',
] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** `stepDone`: what the state does is done; for a rollback: nothing is left that could be deleted. */
export const DEPLOYMENT_EVENTS = [
  'stepDone',
  'stepFailed',
  'timedOut',
  'cancelRequested',
  'retried',
] as const;
export type DeploymentEvent = (typeof DEPLOYMENT_EVENTS)[number];

type Row = Readonly<Partial<Record<DeploymentEvent, DeploymentState>>>;

/** A step that leads to the next one, or to the deletion of what was made. */
const step = (next: DeploymentState): Row => ({
  stepDone: next,
  stepFailed: 'rollingBackFailure',
  timedOut: 'rollingBackFailure',
  cancelRequested: 'rollingBackCancellation',
});

/** The next state by state and event; an event that a row does not have changes nothing. */
const TRANSITIONS: Readonly<Record<DeploymentState, Row>> = {
  testingConnection: step('creatingResourceGroup'),
  creatingResourceGroup: step('checkingResources'),
  checkingResources: step('deployingResources'),
  deployingResources: step('settingUpMachines'),
  settingUpMachines: step('waitingForServers'),
  waitingForServers: step('available'),
  // A rollback ends, whatever it could not delete: that is listed.
  rollingBackFailure: {
    stepDone: 'failed',
    stepFailed: 'failed',
    timedOut: 'failed',
    cancelRequested: 'rollingBackCancellation',
  },
  rollingBackCancellation: { stepDone: 'canceled', stepFailed: 'canceled', timedOut: 'canceled' },
  available: {},
  failed: { retried: 'testingConnection' },
  canceled: { retried: 'testingConnection' },
};

/** The state after the event; undefined when the event changes nothing in this state. */
export function nextState(from: DeploymentState, event: DeploymentEvent): DeploymentState | undefined {
  return TRANSITIONS[from][event];
}

/** Whether nothing more happens by itself. */
export function hasEnded(state: DeploymentState): boolean {
  return state === 'available' || state === 'failed' || state === 'canceled';
}

export function isRollingBack(state: DeploymentState): boolean {
  return state === 'rollingBackFailure' || state === 'rollingBackCancellation';
}

/** How long each state may last, in minutes. A machine registers within an hour of its set-up. */
const MINUTES: Readonly<Record<DeploymentState, number>> = {
  testingConnection: 10,
  creatingResourceGroup: 15,
  checkingResources: 15,
  deployingResources: 180,
  settingUpMachines: 240,
  waitingForServers: 60,
  rollingBackFailure: 180,
  rollingBackCancellation: 180,
  available: 0,
  failed: 0,
  canceled: 0,
};

/** When a state that was entered then has lasted too long; RFC 3339 UTC. */
export function deadlineOf(state: DeploymentState, since: string): string {
  return new Date(Date.parse(since) + MINUTES[state] * 60_000).toISOString();
}
