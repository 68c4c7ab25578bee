/** The state machine of deployments, every event in every state, written out from HST-2 and HST-3. */
import {
  DEPLOYMENT_EVENTS,
  DEPLOYMENT_STATES,
  type DeploymentState,
  hasEnded,
  nextState,
} from './deployment-states';

/** stepDone, stepFailed, timedOut, cancelRequested, retried; a dash: nothing changes. */
const EXPECTED: Record<DeploymentState, string> = {
  testingConnection: 'creatingResourceGroup rollingBackFailure rollingBackFailure rollingBackCancellation -',
  creatingResourceGroup: 'checkingResources rollingBackFailure rollingBackFailure rollingBackCancellation -',
  checkingResources: 'deployingResources rollingBackFailure rollingBackFailure rollingBackCancellation -',
  deployingResources: 'settingUpMachines rollingBackFailure rollingBackFailure rollingBackCancellation -',
  settingUpMachines: 'waitingForServers rollingBackFailure rollingBackFailure rollingBackCancellation -',
  waitingForServers: 'available rollingBackFailure rollingBackFailure rollingBackCancellation -',
  rollingBackFailure: 'failed failed failed rollingBackCancellation -',
  rollingBackCancellation: 'canceled canceled canceled - -',
  available: '- - - - -',
  failed: '- - - - testingConnection',
  canceled: '- - - - testingConnection',
};

it.each(DEPLOYMENT_STATES)('HST-3: every event in the state %s leads where the rules say', (state) => {
  const found = DEPLOYMENT_EVENTS.map((event) => nextState(state, event) ?? '-').join(' ');
  expect(found).toBe(EXPECTED[state]);
});

it('HST-3: from every state each deployment can end, and what has ended stays so until it is retried', () => {
  for (const start of DEPLOYMENT_STATES) {
    const reached = new Set<DeploymentState>([start]);
    for (const state of reached)
      for (const event of DEPLOYMENT_EVENTS) {
        const next = event === 'retried' ? undefined : nextState(state, event);
        if (next) reached.add(next);
      }
    expect([...reached].some(hasEnded)).toBe(true);
    if (hasEnded(start)) expect([...reached]).toEqual([start]);
  }
});
