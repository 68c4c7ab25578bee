/** A deployment after what an action has shown: a pure function, so that any step can be repeated after a crash. */
import { duringCleanup, notInTime, unfinished, withoutGroupDeletion } from './apply-cleanup';
import { type Deployment, DEPLOYMENT_TAG, withResources } from './deployment';
import { deadlineOf, hasEnded, isCleaningUp, nextState } from './deployment-states';
import { withEvent, withFailure } from './enter-state';
import { afterMachine, notRegistered, startedMachines } from './machine-setup';
import type { ObservedInstallation, ObservedMachine, Observation, Seen } from './observation';

/** Tries of the installation of the server component on a machine. */
const INSTALLATION_TRIES = 2;
const TEMPLATE_TRIES = 6;
/** The names of vaults end with a number below that. */
const VAULT_ATTEMPTS = 100;

/** The deployment when its current state has lasted too long or a cancellation is requested; itself otherwise. */
export function withDeadlines<T extends Deployment>(deployment: T, now: Date): T {
  const { state, cancelRequest, retries, stateSince } = deployment;
  if (cancelRequest && nextState(state, 'cancelRequested'))
    return withEvent(deployment, 'cancelRequested', now);
  if (hasEnded(state) || now.toISOString() < deadlineOf(state, stateSince)) return deployment;
  if (isCleaningUp(state)) return withEvent(unfinished(deployment, notInTime(state)), 'timedOut', now);
  const error = retries.error ?? { code: 'TimedOut', message: `The step ${state} took too long.` };
  return withEvent({ ...deployment, error: deployment.error ?? error }, 'timedOut', now);
}

/** The deployment after the observation. What does not belong to its state any more changes nothing. */
export function applyObservation<T extends Deployment>(deployment: T, seen: Observation, now: Date): T {
  if (seen.kind === 'callFailed') return afterFailedCall(deployment, seen, now);
  const known = { ...deployment, retries: { count: 0 } };
  const { state } = deployment;
  if (isCleaningUp(state)) return duringCleanup(known, seen, now);
  switch (seen.kind) {
    case 'connected':
      return state === 'testingConnection' ? withEvent(known, 'stepDone', now) : deployment;
    case 'groupRead':
    case 'groupCreated':
      return state === 'creatingResourceGroup' ? afterGroup(known, seen, now) : deployment;
    case 'existingRead':
      return state === 'checkingResources' ? afterExisting(known, seen, now) : deployment;
    case 'templateRunning':
    case 'templateSucceeded':
    case 'templateFailed':
      return state === 'deployingResources' ? afterTemplate(known, seen, now) : deployment;
    case 'machinesObserved':
      return state === 'settingUpMachines' ? afterMachines(known, seen.machines, now) : deployment;
    case 'installationsRead':
      return state === 'installingServers' ? afterInstallations(known, seen.machines, now) : deployment;
    case 'serversRead':
      return state === 'waitingForServers' ? afterServers(known, seen.servers, now) : deployment;
    default:
      return deployment;
  }
}

function afterFailedCall<T extends Deployment>(
  deployment: T,
  { error, canRetry }: Seen<'callFailed'>,
  now: Date,
): T {
  if (canRetry) return { ...deployment, retries: { count: deployment.retries.count + 1, error } };
  if (!isCleaningUp(deployment.state)) return withFailure(deployment, error, now);
  if (deployment.cleanup?.kind === 'deleteGroup')
    return withoutGroupDeletion(deployment, `${error.code}: ${error.message}`);
  return withEvent(unfinished(deployment, error), 'stepFailed', now);
}

function afterGroup<T extends Deployment>(
  deployment: T,
  seen: Seen<'groupRead' | 'groupCreated'>,
  now: Date,
): T {
  if (seen.kind === 'groupCreated') return withEvent(deployment, 'stepDone', now);
  const isOwnGroup = !seen.exists || seen.tag === deployment.id;
  const noted = { ...deployment, group: { ...deployment.group, isOwn: isOwnGroup } };
  return isOwnGroup ? noted : withEvent(noted, 'stepDone', now);
}

/** Resources under this site's names that the deployment has not made would be changed, and then deleted by a rollback. */
function afterExisting<T extends Deployment>(
  deployment: T,
  { resources, deletedVaults }: Seen<'existingRead'>,
  now: Date,
): T {
  const names = new RegExp(`/sr-?${deployment.suffix}(?![a-z0-9]{7})`, 'i');
  const others = resources.filter(({ id, tags }) => names.test(id) && tags[DEPLOYMENT_TAG] !== deployment.id);
  if (others.length > 0) {
    const ids = others.map(({ id }) => id);
    const message = `The resource group has resources of this site that another deployment made: delete them first, or choose another group. ${ids.slice(0, 5).join(', ')}`;
    return withFailure(deployment, { code: 'ResourcesExist', message, target: ids[0] }, now);
  }
  const taken = new Set(deletedVaults.map((name) => name.toLowerCase()));
  for (let attempt = 1; attempt < VAULT_ATTEMPTS; attempt++)
    if (!taken.has(`sr-${deployment.suffix}-kv${attempt}`))
      return withEvent({ ...deployment, vaultAttempt: attempt }, 'stepDone', now);
  const message = 'Too many deleted key vaults of this site: wait until Azure has purged some.';
  return withFailure(deployment, { code: 'VaultNamesTaken', message }, now);
}

function afterTemplate<T extends Deployment>(
  deployment: T,
  seen: Seen<'templateRunning' | 'templateSucceeded' | 'templateFailed'>,
  now: Date,
): T {
  if (seen.kind === 'templateRunning') return deployment;
  if (seen.kind === 'templateSucceeded') {
    const { outputs, resources } = seen;
    return withEvent(
      { ...deployment, outputs, resources: withResources(deployment.resources, resources) },
      'stepDone',
      now,
    );
  }
  const { canRetry, error } = seen;
  if (!canRetry || deployment.templateTries >= TEMPLATE_TRIES) return withFailure(deployment, error, now);
  const retries = { count: deployment.retries.count + 1, error };
  return { ...deployment, templateTries: deployment.templateTries + 1, retries };
}

function afterMachines<T extends Deployment>(deployment: T, seen: readonly ObservedMachine[], now: Date): T {
  const machines = startedMachines(
    deployment.machines.map((machine) => {
      const observed = seen.find(({ name }) => name === machine.name);
      return observed && machine.state === 'running' ? afterMachine(machine, observed, now) : machine;
    }),
  );
  const next = { ...deployment, machines };
  const failed = machines.find(({ state }) => state === 'failed');
  if (failed) return withFailure(next, failed.error ?? notRegistered(failed.name), now);
  return machines.every(({ state }) => state === 'done') ? withEvent(next, 'stepDone', now) : next;
}

function afterInstallations<T extends Deployment>(
  deployment: T,
  seen: readonly ObservedInstallation[],
  now: Date,
): T {
  const failed = seen.filter(({ state }) => state === 'failed');
  const machines = deployment.machines.map((machine) =>
    failed.some(({ name }) => name === machine.name)
      ? { ...machine, installations: machine.installations + 1 }
      : machine,
  );
  const last = machines.find(({ installations }) => installations > INSTALLATION_TRIES);
  if (last) {
    const message = failed.find(({ name }) => name === last.name)?.reason ?? 'It gave no reason.';
    return withFailure(deployment, { code: 'InstallationFailed', message, target: last.name }, now);
  }
  const isDone = seen.length > 0 && seen.every(({ state }) => state === 'done');
  return isDone ? withEvent(deployment, 'stepDone', now) : { ...deployment, machines };
}

function afterServers<T extends Deployment>(deployment: T, servers: Deployment['servers'], now: Date): T {
  const next = { ...deployment, servers };
  const isDone =
    servers.length >= deployment.machines.length && servers.every(({ status }) => status === 'available');
  return isDone ? withEvent(next, 'stepDone', now) : next;
}
