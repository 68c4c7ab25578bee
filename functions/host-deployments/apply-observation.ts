/** A deployment after what an action has shown: a pure function, so that any step can be repeated after a crash. */
import type { AzureErrorInfo } from './azure-error';
import { type Deployment, DEPLOYMENT_TAG, type MachineSetup, type RollbackStep } from './deployment';
import { deadlineOf, type DeploymentEvent, hasEnded, isRollingBack, nextState } from './deployment-states';
import type { GroupResource, ObservedMachine, Observation } from './observation';
import { groupIdOf, leftoversAfter, planDeletion } from './rollback';

/** Machines that are set up at the same time. */
const MACHINES_AT_ONCE = 10;
/** Tries of the set-up of a machine. */
const MACHINE_TRIES = 3;
/** A machine registers within this time after its command has ended. */
const REGISTRATION_MINUTES = 15;
const TEMPLATE_TRIES = 6;
/** The names of vaults end with a number below that. */
const VAULT_ATTEMPTS = 100;

/** The deployment in the state to which the event leads; itself where the event changes nothing. */
export function withEvent<T extends Deployment>(deployment: T, event: DeploymentEvent, now: Date): T {
  const state = nextState(deployment.state, event);
  if (state === undefined) return deployment;
  const at = now.toISOString();
  const isContinued = isRollingBack(deployment.state) && isRollingBack(state);
  return {
    ...deployment,
    state,
    stateSince: at,
    history: [...deployment.history, { state, at }],
    retries: { count: 0 },
    ...(hasEnded(state) ? { endedAt: at, rollback: undefined } : {}),
    ...(isRollingBack(state) && !isContinued ? { rollback: firstStepOfRollback(deployment) } : {}),
    ...(state === 'settingUpMachines' ? { machines: startedMachines(deployment.machines) } : {}),
  };
}

/** Before that, no deployment and no resource in a group of others can be its own. */
function hasRequestedTemplate({ history }: Deployment): boolean {
  return history.some(({ state }) => state === 'deployingResources');
}

function firstStepOfRollback(deployment: Deployment): RollbackStep {
  return { kind: hasRequestedTemplate(deployment) ? 'stopDeployments' : 'listResources' };
}

/** The deployment that has failed for this reason: what it made is deleted next. */
export function withFailure<T extends Deployment>(deployment: T, error: AzureErrorInfo, now: Date): T {
  return withEvent({ ...deployment, error: deployment.error ?? error }, 'stepFailed', now);
}

/** The deployment when its current state has lasted too long or a cancellation is requested; itself otherwise. */
export function withDeadlines<T extends Deployment>(deployment: T, now: Date): T {
  const { state, cancelRequest, retries, stateSince } = deployment;
  if (cancelRequest && nextState(state, 'cancelRequested'))
    return withEvent(deployment, 'cancelRequested', now);
  if (hasEnded(state) || now.toISOString() < deadlineOf(state, stateSince)) return deployment;
  if (isRollingBack(state))
    return withEvent(withUndeleted(deployment, 'It could not be deleted in time.'), 'timedOut', now);
  const error = retries.error ?? { code: 'TimedOut', message: `The step ${state} took too long.` };
  return withEvent({ ...deployment, error: deployment.error ?? error }, 'timedOut', now);
}

/** The deployment after the observation. What does not belong to its state any more changes nothing. */
export function applyObservation<T extends Deployment>(deployment: T, seen: Observation, now: Date): T {
  if (seen.kind === 'callFailed') return afterFailedCall(deployment, seen, now);
  const known = { ...deployment, retries: { count: 0 } };
  const { state } = deployment;
  if (isRollingBack(state)) return duringRollback(known, seen, now);
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
    case 'serversRead':
      return state === 'waitingForServers' ? afterServers(known, seen.servers, now) : deployment;
    default:
      return deployment;
  }
}

type Seen<K extends Observation['kind']> = Extract<Observation, { kind: K }>;

function afterFailedCall<T extends Deployment>(
  deployment: T,
  { error, canRetry }: Seen<'callFailed'>,
  now: Date,
): T {
  if (canRetry) return { ...deployment, retries: { count: deployment.retries.count + 1, error } };
  if (!isRollingBack(deployment.state)) return withFailure(deployment, error, now);
  const reason = `${error.code}: ${error.message}`;
  if (deployment.rollback?.kind === 'deleteGroup') return withoutGroupDeletion(deployment, reason);
  return withEvent(withUndeleted(deployment, reason), 'stepFailed', now);
}

/** Azure refuses to delete a group with a single resource that is locked: the others are deleted by themselves. */
function withoutGroupDeletion<T extends Deployment>(deployment: T, reason: string): T {
  const leftovers = [...deployment.leftovers, { id: groupIdOf(deployment), reason }];
  return { ...deployment, leftovers, retries: { count: 0 }, rollback: { kind: 'listResources' } };
}

/** All that may be left: what is recorded, and what else is in the group that it may have made. */
function withUndeleted<T extends Deployment>(deployment: T, reason: string): T {
  const { id, group, resources } = deployment;
  const groupReason = `${reason} What has the tag ${DEPLOYMENT_TAG} with the value ${id} in this resource group may be of this deployment.`;
  const possible = [
    ...resources.map((made) => ({ id: made.id, reason })),
    ...(group.isOwn === true || hasRequestedTemplate(deployment)
      ? [{ id: groupIdOf(deployment), reason: groupReason }]
      : []),
  ];
  const known = new Map(deployment.leftovers.map((leftover) => [leftover.id.toLowerCase(), leftover]));
  for (const leftover of possible)
    if (!known.has(leftover.id.toLowerCase())) known.set(leftover.id.toLowerCase(), leftover);
  return { ...deployment, leftovers: [...known.values()] };
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
      { ...deployment, outputs, resources: union(deployment.resources, resources) },
      'stepDone',
      now,
    );
  }
  const { canRetry, error } = seen;
  if (!canRetry || deployment.templateTries >= TEMPLATE_TRIES) return withFailure(deployment, error, now);
  const retries = { count: deployment.retries.count + 1, error };
  return { ...deployment, templateTries: deployment.templateTries + 1, retries };
}

function union(known: Deployment['resources'], more: Deployment['resources']): Deployment['resources'] {
  const ids = new Set(known.map(({ id }) => id.toLowerCase()));
  return [...known, ...more.filter(({ id }) => !ids.has(id.toLowerCase()))];
}

/** As many waiting machines as may run at once begin their next try. */
function startedMachines(machines: readonly MachineSetup[]): MachineSetup[] {
  let free = MACHINES_AT_ONCE - machines.filter(({ state }) => state === 'running').length;
  return machines.map((machine) =>
    machine.state === 'waiting' && free-- > 0
      ? { ...machine, state: 'running', tries: machine.tries + 1, commandEndedAt: undefined }
      : machine,
  );
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

function afterMachine(
  machine: MachineSetup,
  { isRegistered, command, error }: ObservedMachine,
  now: Date,
): MachineSetup {
  if (isRegistered) return { ...machine, state: 'done', error: undefined };
  if (command === 'started' || command === 'running') return machine;
  const failure = error ?? notRegistered(machine.name);
  const again: MachineSetup = {
    ...machine,
    state: machine.tries < MACHINE_TRIES ? 'waiting' : 'failed',
    error: failure,
    commandEndedAt: undefined,
  };
  if (command === 'failed') return again;
  const endedAt = machine.commandEndedAt ?? now.toISOString();
  const isLate = now.getTime() - Date.parse(endedAt) > REGISTRATION_MINUTES * 60_000;
  return isLate ? again : { ...machine, commandEndedAt: endedAt };
}

function notRegistered(name: string): AzureErrorInfo {
  const message = `The cloud client of ${name} has not registered: check that the machine can reach the service on port 443.`;
  return { code: 'MachineNotRegistered', message, target: name };
}

function afterServers<T extends Deployment>(deployment: T, servers: Deployment['servers'], now: Date): T {
  const next = { ...deployment, servers };
  const isDone =
    servers.length >= deployment.machines.length && servers.every(({ status }) => status === 'available');
  return isDone ? withEvent(next, 'stepDone', now) : next;
}

/** Stop the deployments in the group, record what they made, list and delete until nothing is left. */
function duringRollback<T extends Deployment>(deployment: T, seen: Observation, now: Date): T {
  switch (seen.kind) {
    case 'deploymentsStopped':
      return seen.stillRunning > 0 ? deployment : { ...deployment, rollback: { kind: 'recordResources' } };
    case 'resourcesRecorded': {
      const resources = union(deployment.resources, seen.resources);
      return { ...deployment, resources, rollback: { kind: 'listResources' } };
    }
    case 'resourcesListed':
      return afterListing(deployment, seen, now);
    case 'groupDeletionRequested':
      return { ...deployment, rollback: { kind: 'listResources' } };
    case 'deletionsRequested':
      return afterDeletions(deployment, seen);
    default:
      return deployment;
  }
}

function afterListing<T extends Deployment>(deployment: T, seen: Seen<'resourcesListed'>, now: Date): T {
  const refused = new Set(deployment.leftovers.map(({ id }) => id.toLowerCase()));
  const resources = seen.resources.filter(({ id }) => !refused.has(id.toLowerCase()));
  // With a resource that cannot be deleted, the group stays too: it counts as one of others.
  const stuck = seen.resources.filter(({ id }) => refused.has(id.toLowerCase()));
  const listing = { group: seen.group, resources: [...resources, ...stuck.map(asForeign)] };
  const rollback = planDeletion(deployment, listing);
  if (rollback) return { ...deployment, rollback };
  const leftovers = [...deployment.leftovers, ...leftoversAfter(deployment, listing)];
  return withEvent({ ...deployment, leftovers }, 'stepDone', now);
}

const asForeign = (resource: GroupResource): GroupResource => ({ ...resource, tags: {} });

/** What is refused for good is a leftover; what is in use comes again when its users are gone. */
function afterDeletions<T extends Deployment>(deployment: T, { refused }: Seen<'deletionsRequested'>): T {
  const final = refused
    .filter(({ canRetry }) => !canRetry)
    .map(({ id, error }) => ({ id, reason: `${error.code}: ${error.message}` }));
  const leftovers = [...deployment.leftovers, ...final];
  return { ...deployment, leftovers, rollback: { kind: 'listResources' } };
}
