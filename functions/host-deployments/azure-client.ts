/** Azure as deployments use it, through the clients of Resource Manager and Compute. No call waits for work to end. */
import { ComputeManagementClient } from '@azure/arm-compute';
import { ResourceManagementClient } from '@azure/arm-resources';
import { createPipelineRequest, isRestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { API_VERSIONS } from '../../arm-templates/template/arm';
import type { AzureAccess, WorkState } from './azure-access';
import { AzureError, readAzureError, retryAfterSeconds } from './azure-error';

export interface AzureSubscription {
  subscriptionId: string;
  credential: TokenCredential;
  /** Resource Manager; absent: that of public Azure. */
  endpoint?: string | undefined;
}

const SCOPE = 'https://management.azure.com/.default';
const CALL_MILLISECONDS = 60_000;
/** Types that come with those of the template, and whose API version it does not name. */
const OTHER_API_VERSIONS: Readonly<Record<string, string>> = { 'microsoft.compute/disks': '2025-01-02' };

/** The calls of a subscription. They are not repeated here: deployments do that, and wait without keeping a process busy. */
export function azureClient({ subscriptionId, credential, endpoint }: AzureSubscription): AzureAccess {
  const retryOptions = { maxRetries: 0 };
  const resources = new ResourceManagementClient(credential, subscriptionId, {
    retryOptions,
    credentialScopes: SCOPE,
    ...(endpoint === undefined ? {} : { endpoint, $host: endpoint }),
  });
  const compute = new ComputeManagementClient(credential, subscriptionId, {
    retryOptions,
    credentials: { scopes: [SCOPE] },
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

interface CallOptions {
  abortSignal: AbortSignal;
}

/** @throws AzureError */
async function call<T>(work: (options: CallOptions) => Promise<T>): Promise<T> {
  try {
    return await work({ abortSignal: AbortSignal.timeout(CALL_MILLISECONDS) });
  } catch (error) {
    throw asAzureError(error);
  }
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

function asAzureError(error: unknown): unknown {
  if (error instanceof AzureError) return error;
  if (isRestError(error)) {
    const headers = error.response?.headers;
    const body = parsed(error.response?.bodyAsText);
    const info = readAzureError(body, headers?.get('x-ms-correlation-request-id'));
    const named =
      body === undefined ? { ...info, code: error.code ?? info.code, message: error.message } : info;
    return new AzureError(
      named,
      error.statusCode,
      retryAfterSeconds((name) => headers?.get(name), new Date()),
    );
  }
  if (!(error instanceof Error)) return error;
  // The sign-in was refused, or there was no answer in time.
  if (error.name === 'AuthenticationError') {
    const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 401;
    const isOutage = status >= 500 || status === 429;
    return new AzureError({ code: 'SignInFailed', message: error.message }, isOutage ? status : 401);
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new AzureError({ code: 'NoAnswer', message: 'Azure did not answer in time.' });
  return error;
}

function parsed(text: string | null | undefined): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
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
  const { status, bodyAsText, headers } = await client.sendRequest(
    createPipelineRequest({ url, abortSignal }),
  );
  const body = parsed(bodyAsText);
  if (status === 200) return body as Record<string, unknown>;
  const info = readAzureError(body, headers.get('x-ms-correlation-request-id'));
  throw new AzureError(
    info,
    status,
    retryAfterSeconds((name) => headers.get(name), new Date()),
  );
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
