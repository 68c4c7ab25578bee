/** Azure as deployments use it, through the clients of Resource Manager and Compute. No call waits for work to end. */
import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { API_VERSIONS } from '../../arm-templates/template/arm';
import {
  AZURE_SCOPE,
  type AzureSubscription,
  callAzure as call,
  type CallOptions,
  successfulBody,
} from '../../shared/azure/azure-calls';
import type { AzureAccess, WorkState } from './azure-access';
import { AzureError } from '../../shared/azure/azure-error';

/** Types that come with those of the template, and whose API version it does not name. */
const OTHER_API_VERSIONS: Readonly<Record<string, string>> = { 'microsoft.compute/disks': '2025-01-02' };

/** The calls of a subscription. They are not repeated here: deployments do that, and wait without keeping a process busy. */
export function azureClient({ subscriptionId, credential, endpoint }: AzureSubscription): AzureAccess {
  const retryOptions = { maxRetries: 0 };
  const resources = new ResourceManagementClient(credential, subscriptionId, {
    retryOptions,
    credentialScopes: AZURE_SCOPE,
    ...(endpoint === undefined ? {} : { endpoint, $host: endpoint }),
  });
  const compute = new ComputeManagementClient(credential, subscriptionId, {
    retryOptions,
    credentials: { scopes: [AZURE_SCOPE] },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    ...groupCalls(resources),
    ...templateCalls(resources),
    ...commandCalls(compute),
    test: () =>
      call(
        async (options) =>
          void (await readJson(resources, `/subscriptions/${subscriptionId}`, '2022-12-01', options)),
      ),
    listDeletedVaults: () =>
      call(async (options) => {
        const path = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`;
        return listNames(resources, path, API_VERSIONS['Microsoft.KeyVault/vaults'], options);
      }),
  };
}

/** The same, where 404 means that there is nothing. */
async function callUnlessMissing<T>(work: (options: CallOptions) => Promise<T>): Promise<T | undefined> {
  try {
    return await call(work);
  } catch (error) {
    if (error instanceof AzureError && error.status === 404) return undefined;
    throw error;
  }
}

/** A request that the clients have no method for. */
async function readJson(
  client: ResourceManagementClient,
  pathOrUrl: string,
  apiVersion: string,
  { abortSignal }: CallOptions,
): Promise<Record<string, unknown>> {
  const url = pathOrUrl.startsWith('/') ? `${client.$host}${pathOrUrl}?api-version=${apiVersion}` : pathOrUrl;
  const answer = await client.sendRequest(createPipelineRequest({ url, abortSignal }));
  return successfulBody(answer) as Record<string, unknown>;
}

async function listNames(
  client: ResourceManagementClient,
  path: string,
  apiVersion: string,
  options: CallOptions,
): Promise<string[]> {
  const names: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page = await readJson(client, next, apiVersion, options);
    names.push(...(page['value'] as { name: string }[]).map(({ name }) => name));
    next = typeof page['nextLink'] === 'string' ? page['nextLink'] : undefined;
  }
  return names;
}

function groupCalls(client: ResourceManagementClient) {
  return {
    readGroup: (name) =>
      callUnlessMissing(async (options) => {
        const { tags = {}, properties } = await client.resourceGroups.get(name, options);
        return { tags, state: properties?.provisioningState ?? '' };
      }),
    putGroup: (name, group) =>
      call(async (options) => void (await client.resourceGroups.createOrUpdate(name, group, options))),
    deleteGroup: (name) =>
      call(async (options) => void (await client.resourceGroups.beginDelete(name, options))),
    listResources: (group) =>
      call(async (options) => {
        const found = [];
        for await (const { id = '', type = '', tags = {}, managedBy } of client.resources.listByResourceGroup(
          group,
          options,
        ))
          found.push({ id, type, tags, managedBy });
        return found;
      }),
    deleteResource: async (id, type) => {
      const versions: Readonly<Record<string, string>> = API_VERSIONS;
      const known = Object.keys(versions).find((name) => name.toLowerCase() === type.toLowerCase()) ?? '';
      const version = versions[known] ?? OTHER_API_VERSIONS[type.toLowerCase()];
      if (version === undefined)
        throw new AzureError(
          { code: 'UnknownType', message: `Resources of type ${type} are not deleted.` },
          400,
        );
      await callUnlessMissing(
        async (options) => void (await client.resources.beginDeleteById(id, version, options)),
      );
    },
  } satisfies Partial<AzureAccess>;
}

const STATES: Readonly<Record<string, WorkState>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Canceled: 'failed',
  TimedOut: 'failed',
};

function templateCalls(client: ResourceManagementClient) {
  return {
    readDeployment: (group, name) =>
      callUnlessMissing(async (options) => {
        const { properties } = await client.deployments.get(group, name, options);
        const { provisioningState = '', correlationId, error, outputs } = properties ?? {};
        const values = Object.entries((outputs ?? {}) as Record<string, { value: unknown }>).map(
          ([key, { value }]) => [key, value] as const,
        );
        return {
          state: STATES[provisioningState] ?? 'running',
          correlationId,
          error,
          outputs: Object.fromEntries(values),
        };
      }),
    putDeployment: (group, name, { template, parameters, tags }) =>
      call(async (options) => {
        const values = Object.entries(parameters).map(([key, value]) => [key, { value }] as const);
        const properties = {
          mode: 'Incremental',
          template: { ...template },
          parameters: Object.fromEntries(values),
        } as const;
        await client.deployments.beginCreateOrUpdate(group, name, { properties, tags }, options);
      }),
    listDeployments: (group) =>
      call(async (options) => {
        const found = [];
        for await (const { name = '', properties } of client.deployments.listByResourceGroup(group, options))
          found.push({ name, state: STATES[properties?.provisioningState ?? ''] ?? ('running' as const) });
        return found;
      }),
    cancelDeployment: (group, name) => call((options) => client.deployments.cancel(group, name, options)),
    listOperations: async (group, name) =>
      (await callUnlessMissing(async (options) => {
        const found = [];
        for await (const { properties } of client.deploymentOperations.list(group, name, options)) {
          const { targetResource, statusMessage, provisioningState } = properties ?? {};
          const { id, resourceType: type = '' } = targetResource ?? {};
          found.push({
            target: id === undefined ? undefined : { id, type },
            error: provisioningState === 'Failed' ? statusMessage : undefined,
          });
        }
        return found;
      })) ?? [],
  } satisfies Partial<AzureAccess>;
}

function commandCalls(client: ComputeManagementClient) {
  const commands = client.virtualMachineRunCommands;
  return {
    readRunCommand: (group, machine, name) =>
      callUnlessMissing(async (options) => {
        const expand = { ...options, expand: 'instanceView' };
        const found = await commands.getByVirtualMachine(group, machine, name, expand);
        const { executionState = '', error, exitCode } = found.instanceView ?? {};
        const state = STATES[executionState] ?? (found.provisioningState === 'Failed' ? 'failed' : 'running');
        const message = error || `The command ended with ${exitCode ?? 'an unknown code'}.`;
        return {
          state,
          error: state === 'failed' ? { code: 'RunCommandFailed', message, target: machine } : undefined,
        };
      }),
    putRunCommand: (group, machine, name, { location, script, parameters, timeoutSeconds, tags }) =>
      call(async (options) => {
        const command = {
          location,
          tags,
          source: { script },
          parameters,
          timeoutInSeconds: timeoutSeconds,
          asyncExecution: true,
        };
        await commands.createOrUpdate(group, machine, name, command, options).submitted();
      }),
  } satisfies Partial<AzureAccess>;
}
