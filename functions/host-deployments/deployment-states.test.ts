/** The state machine of deployments, every event in every state, written out from HST-2 and HST-3. */
import {
  DEPLOYMENT_EVENTS,
  DEPLOYMENT_STATES,
  type DeploymentState,
  hasEnded,
  isDeleting,
  nextState,
} from './deployment-states';

/** stepDone, stepFailed, timedOut, cancelRequested, retryRequested; a dash: nothing changes. */
const EXPECTED: Record<DeploymentState, string> = {
  testingConnection: 'creatingResourceGroup recordingFailure recordingFailure deletingForCancellation -',
  creatingResourceGroup: 'checkingResources recordingFailure recordingFailure deletingForCancellation -',
  checkingResources: 'deployingResources recordingFailure recordingFailure deletingForCancellation -',
  deployingResources: 'settingUpMachines recordingFailure recordingFailure deletingForCancellation -',
  settingUpMachines: 'installingServers recordingFailure recordingFailure deletingForCancellation -',
  installingServers: 'waitingForServers recordingFailure recordingFailure deletingForCancellation -',
  waitingForServers: 'available recordingFailure recordingFailure deletingForCancellation -',
  recordingFailure: 'failed failed failed deletingForCancellation -',
  deletingForRetry: 'testingConnection failed failed deletingForCancellation -',
  deletingForCancellation: 'canceled canceled canceled - -',
  available: '- - - - -',
  failed: '- - - deletingForCancellation deletingForRetry',
  canceled: '- - - - -',
};

it.each(DEPLOYMENT_STATES)('HST-3: every event in the state %s leads where the rules say', (state) => {
  const found = DEPLOYMENT_EVENTS.map((event) => nextState(state, event) ?? '-').join(' ');
  expect(found).toBe(EXPECTED[state]);
});

it('HST-3: from every state each deployment can end, and what has ended stays so until somebody retries or cancels it', () => {
  for (const start of DEPLOYMENT_STATES) {
    const reached = new Set<DeploymentState>([start]);
    for (const state of reached)
      for (const event of DEPLOYMENT_EVENTS) {
        const isRequest = event === 'retryRequested' || (event === 'cancelRequested' && hasEnded(state));
        const next = isRequest ? undefined : nextState(state, event);
        if (next) reached.add(next);
      }
    expect([...reached].some(hasEnded)).toBe(true);
    if (hasEnded(start)) expect([...reached]).toEqual([start]);
  }
});

it('HST-3: nothing is deleted after a failure unless somebody retries or cancels', () => {
  const steps = DEPLOYMENT_STATES.filter((state) => !isDeleting(state));
  for (const state of steps)
    for (const event of ['stepDone', 'stepFailed', 'timedOut'] as const) {
      const next = nextState(state, event);
      expect(next !== undefined && isDeleting(next)).toBe(false);
    }
});
