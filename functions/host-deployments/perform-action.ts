/** Carries out one action of a deployment. Repeating an action after a crash does nothing twice. */
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import type { AzureAccess } from './azure-access';
import {
  AzureError,
  isFinal,
  isRetryable,
  readAzureError,
  refersToOperations,
} from '../../shared/azure/azure-error';
import { type Deployment, DEPLOYMENT_TAG, isOwnTemplate, type MadeResource } from './deployment';
import type { Action } from './next-action';
import type { ObservedInstallation, ObservedMachine, Observation } from './observation';
import { planDeletion } from './deletion';
import { commandOf, templateOf, type TemplateSource } from './site-resources';

const CALLS_AT_ONCE = 5;
const NESTED = 'microsoft.resources/deployments';

interface PerformContext {
  deployment: Deployment;
  azure: AzureAccess;
  source: TemplateSource;
  /** The secret parameters of the template. */
  secrets: () => Promise<Record<string, string>>;
  /** The servers that the machines of the deployment are, or will be. */
  servers: () => Promise<{ name: string; status: string; isRegistered: boolean }[]>;
  /** Starts the installation of the server component under this id unless it was started, and says how far it is. */
  installServer: (machine: string, installation: string) => Promise<Omit<ObservedInstallation, 'name'>>;
}

/** Azure is opened by the action, so that a connection which is not there any more is a failed call. */
export type ActionContext = Omit<PerformContext, 'azure'> & { openAzure: () => Promise<AzureAccess> };

/** @throws errors other than those of Azure, which are observations */
export async function performAction(
  { openAzure, ...context }: ActionContext,
  action: Action,
): Promise<Observation> {
  try {
    return await perform({ ...context, azure: await openAzure() }, action);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const { info, retryAfterSeconds } = error;
    return { kind: 'callFailed', error: info, canRetry: isRetryable(error), retryAfterSeconds };
  }
}

async function perform(context: PerformContext, action: Action): Promise<Observation> {
  const { azure, deployment } = context;
  switch (action.kind) {
    case 'testConnection':
      await azure.test();
      return { kind: 'connected' };
    case 'readGroup': {
      const group = await azure.readGroup(action.group);
      return { kind: 'groupRead', exists: group !== undefined, tag: group?.tags[DEPLOYMENT_TAG] };
    }
    case 'createGroup':
      return createGroup(context, action.group);
    case 'readExisting': {
      const resources = await azure.listResources(action.group);
      return { kind: 'existingRead', resources, deletedVaults: await azure.listDeletedVaults() };
    }
    case 'runTemplate':
      return runTemplate(context, action);
    case 'setUpMachines':
      return setUpMachines(context, action);
    case 'installServers': {
      const machines = await mapConcurrently(
        action.machines,
        CALLS_AT_ONCE,
        async ({ name, installation }) => ({
          name,
          ...(await context.installServer(name, installation)),
        }),
      );
      return { kind: 'installationsRead', machines };
    }
    case 'readServers': {
      const servers = await context.servers();
      return { kind: 'serversRead', servers: servers.map(({ name, status }) => ({ name, status })) };
    }
    case 'stopDeployments':
      return stopDeployments(context, action.group);
    case 'recordResources':
      return { kind: 'resourcesRecorded', resources: await resourcesOfGroup(context, action.group) };
    case 'listResources': {
      const group = await azure.readGroup(action.group);
      const resources = group ? await azure.listResources(action.group) : [];
      const read = group ? { tag: group.tags[DEPLOYMENT_TAG], state: group.state } : {};
      return { kind: 'resourcesListed', group: { exists: group !== undefined, ...read }, resources };
    }
    case 'deleteGroup':
      return deleteGroup(context, action.group);
    case 'deleteResources':
      return deleteResources(context, deployment, action.ids);
  }
}

const tagsOf = ({ id, plan }: Deployment) => ({ ...plan.tags, [DEPLOYMENT_TAG]: id });

/** Reads once more, so that a group which somebody has created meanwhile is not changed. */
async function createGroup({ azure, deployment }: PerformContext, name: string): Promise<Observation> {
  const group = await azure.readGroup(name);
  const tag = group?.tags[DEPLOYMENT_TAG];
  if (group && tag !== deployment.id) return { kind: 'groupRead', exists: true, tag };
  if (!group) await azure.putGroup(name, { location: deployment.plan.region, tags: tagsOf(deployment) });
  return { kind: 'groupCreated' };
}

/** Requests the template's deployment unless it was requested before, and says how far it is. */
async function runTemplate(
  context: PerformContext,
  { group, name }: { group: string; name: string },
): Promise<Observation> {
  const { azure, deployment, source } = context;
  const found = await azure.readDeployment(group, name);
  if (!found) {
    const { template, parameters } = templateOf(deployment, source, tagsOf(deployment));
    const secrets = await context.secrets();
    const tags = { [DEPLOYMENT_TAG]: deployment.id };
    await azure.putDeployment(group, name, { template, parameters: { ...parameters, ...secrets }, tags });
    return { kind: 'templateRunning' };
  }
  if (found.state === 'running') return { kind: 'templateRunning', correlationId: found.correlationId };
  if (found.state === 'failed') return failedTemplate(context, { group, name }, found);
  const resources = await resourcesOf(azure, group, name);
  return { kind: 'templateSucceeded', outputs: found.outputs ?? {}, resources };
}

/** The error of a template; where Azure leaves it out, that of the first operation that failed. */
async function failedTemplate(
  { azure }: PerformContext,
  { group, name }: { group: string; name: string },
  found: { error?: unknown; correlationId?: string | undefined },
): Promise<Observation> {
  const own = readAzureError(found.error, found.correlationId);
  const error = refersToOperations(own)
    ? ((await firstError(azure, group, name, found.correlationId)) ?? own)
    : own;
  return { kind: 'templateFailed', error, canRetry: isRetryable(new AzureError(error, 409)) };
}

async function firstError(azure: AzureAccess, group: string, name: string, correlationId?: string) {
  for (const { error, target } of await azure.listOperations(group, name)) {
    if (error === undefined) continue;
    const nested = target?.type.toLowerCase() === NESTED ? nameOf(target.id) : undefined;
    const inner = nested === undefined ? undefined : await innerError(azure, group, nested, correlationId);
    return inner ?? { target: target?.id, ...readAzureError(error, correlationId) };
  }
  return undefined;
}

async function innerError(azure: AzureAccess, group: string, nested: string, correlationId?: string) {
  const failed = (await azure.listOperations(group, nested)).find(({ error }) => error !== undefined);
  return failed && { target: failed.target?.id, ...readAzureError(failed.error, correlationId) };
}

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';

/** What the template and the templates nested in it have made, by their operations. */
async function resourcesOf(azure: AzureAccess, group: string, name: string): Promise<MadeResource[]> {
  const targets = (await azure.listOperations(group, name)).flatMap(({ target }) => target ?? []);
  const isNested = ({ type }: MadeResource) => type.toLowerCase() === NESTED;
  const nested = await mapConcurrently(targets.filter(isNested), CALLS_AT_ONCE, ({ id }) =>
    azure.listOperations(group, nameOf(id)),
  );
  return [...targets, ...nested.flat().flatMap(({ target }) => target ?? [])].filter(
    (target) => !isNested(target),
  );
}

async function resourcesOfGroup(
  { azure, deployment }: PerformContext,
  group: string,
): Promise<MadeResource[]> {
  if (!(await azure.readGroup(group))) return [];
  const own = (await azure.listDeployments(group)).filter(({ name }) => isOwnTemplate(deployment, name));
  const operations = await mapConcurrently(own, CALLS_AT_ONCE, ({ name }) =>
    azure.listOperations(group, name),
  );
  return operations
    .flat()
    .flatMap(({ target }) => (target && target.type.toLowerCase() !== NESTED ? [target] : []));
}

async function setUpMachines(
  { azure, deployment, source, servers }: PerformContext,
  { group, machines }: Extract<Action, { kind: 'setUpMachines' }>,
): Promise<Observation> {
  const registered = new Set(
    (await servers()).filter(({ isRegistered }) => isRegistered).map(({ name }) => name.toLowerCase()),
  );
  const observed = await mapConcurrently(machines, CALLS_AT_ONCE, async ({ name, command }) => {
    if (registered.has(name.toLowerCase())) return { name, isRegistered: true, command: 'running' } as const;
    const found = await azure.readRunCommand(group, name, command);
    if (!found) {
      const tags = tagsOf(deployment);
      await azure.putRunCommand(group, name, command, { ...commandOf(deployment, source), tags });
      return { name, isRegistered: false, command: 'started' } as const;
    }
    const error = found.error === undefined ? undefined : readAzureError(found.error);
    return { name, isRegistered: false, command: found.state, error } satisfies ObservedMachine;
  });
  return { kind: 'machinesObserved', machines: observed };
}

/** Also deployments nested in one that was canceled may go on. */
async function stopDeployments({ azure, deployment }: PerformContext, group: string): Promise<Observation> {
  if (!(await azure.readGroup(group))) return { kind: 'deploymentsStopped', stillRunning: 0 };
  const running = (await azure.listDeployments(group)).filter(
    ({ name, state }) => state === 'running' && isOwnTemplate(deployment, name),
  );
  await mapConcurrently(running, CALLS_AT_ONCE, async ({ name }) => {
    try {
      await azure.cancelDeployment(group, name);
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof AzureError) || (error.status !== 409 && error.status !== 404)) throw error;
    }
  });
  return { kind: 'deploymentsStopped', stillRunning: running.length };
}

/** Lists once more: what others have put into the group since it was listed must not be deleted with it. */
async function deleteGroup({ azure, deployment }: PerformContext, name: string): Promise<Observation> {
  const group = await azure.readGroup(name);
  if (group) {
    const read = { exists: true, tag: group.tags[DEPLOYMENT_TAG], state: group.state };
    const step = planDeletion(deployment, { group: read, resources: await azure.listResources(name) });
    if (step?.kind === 'deleteGroup') await azure.deleteGroup(name);
  }
  return { kind: 'groupDeletionRequested' };
}

async function deleteResources(
  { azure }: PerformContext,
  deployment: Deployment,
  ids: readonly string[],
): Promise<Observation> {
  const typeOf = (id: string) =>
    deployment.resources.find((made) => made.id.toLowerCase() === id.toLowerCase())?.type ?? typeIn(id);
  const refused = await mapConcurrently([...ids], CALLS_AT_ONCE, async (id) => {
    try {
      await azure.deleteResource(id, typeOf(id));
      return [];
    } catch (error) {
      if (!(error instanceof AzureError)) throw error;
      // A conflict passes when its users are deleted.
      const canRetry = error.status === 409 ? !isFinal(error) : isRetryable(error);
      return [{ id, error: error.info, canRetry }];
    }
  });
  return { kind: 'deletionsRequested', refused: refused.flat() };
}

/** The type in a resource id: `…/providers/Microsoft.Sql/servers/a/databases/b` → `Microsoft.Sql/servers/databases`. */
export function typeIn(id: string): string {
  const [namespace = '', ...rest] = (id.split(/\/providers\//i).at(-1) ?? '').split('/');
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}
