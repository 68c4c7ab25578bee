/** A deployment through a host connection as the API shows it: progress by step, machine, server and resource of Azure. */
import { z } from 'zod';
import type { Stored } from '../../shared/cosmos/document-type';
import type { Deployment } from './deployment';
import { DEPLOYMENT_STATES, hasEnded } from './deployment-states';

const azureError = z
  .object({
    code: z.string().describe('Code of Azure, or of the service'),
    message: z.string(),
    target: z.string().optional().describe('The resource or property that it is about'),
    correlationId: z.string().optional().describe("For Microsoft's support"),
    cause: z
      .object({ code: z.string(), message: z.string(), target: z.string().optional() })
      .optional()
      .describe('The innermost error, where Azure nests one in another'),
    policies: z
      .array(z.object({ policy: z.string(), assignment: z.string() }))
      .optional()
      .describe('The policies that denied the request'),
  })
  .meta({ id: 'AzureError' });

export const deploymentView = z
  .object({
    id: z.uuid(),
    siteId: z.uuid(),
    hostConnectionId: z.uuid().describe('The host connection through which the site is deployed'),
    resourceGroup: z.string().describe('Name of the resource group'),
    state: z
      .enum(DEPLOYMENT_STATES)
      .describe(
        'The current step, or how it ended. After `failed` everything is kept until somebody decides',
      ),
    canRetry: z.boolean().describe('Whether a retry is accepted now'),
    canCancel: z.boolean().describe('Whether a cancellation is accepted now'),
    attempt: z.int().describe('Begins with 1; each retry adds 1'),
    initiator: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
    taskId: z.uuid().describe('The task that follows it'),
    createdAt: z.iso.datetime(),
    stateSince: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    steps: z
      .array(z.object({ state: z.enum(DEPLOYMENT_STATES), at: z.iso.datetime() }))
      .describe('Steps of this attempt, oldest first'),
    machines: z
      .array(
        z.object({
          name: z.string(),
          setup: z.enum(['waiting', 'running', 'done', 'failed']).describe('Set-up of its cloud client'),
          tries: z.int().describe('How often the set-up was started'),
          serverStatus: z.string().optional().describe('Status of the server that it is'),
          error: azureError.optional(),
        }),
      )
      .describe('Progress of each machine'),
    resources: z
      .array(z.object({ id: z.string(), type: z.string() }))
      .describe('Resources of Azure that it made'),
    leftovers: z
      .array(z.object({ id: z.string(), kind: z.string(), reason: z.string() }))
      .describe('What could not be deleted, with the reason'),
    lastRefusal: azureError.optional().describe('Why the last call of Azure failed that is being repeated'),
    error: azureError.optional().describe('Why it failed'),
    canceledBy: z.string().optional(),
  })
  .meta({ id: 'HostDeployment' });

/** The deployment as the API returns it. */
export function viewOfDeployment(deployment: Stored<Deployment>): z.input<typeof deploymentView> {
  const { group, machines, servers, history, retries, cancelRequest, initiator, state, ...rest } = deployment;
  const { id, name, kind } = initiator;
  return {
    ...rest,
    state,
    canRetry: state === 'failed',
    canCancel: cancelRequest === undefined && (state === 'failed' || !hasEnded(state)),
    initiator: { id, name, kind },
    resourceGroup: group.name,
    steps: history,
    machines: machines.map((machine) => ({
      name: machine.name,
      setup: machine.state,
      tries: machine.tries,
      serverStatus: servers.find((server) => server.name === machine.name)?.status,
      error: machine.error,
    })),
    lastRefusal: retries.error,
    canceledBy: cancelRequest?.by,
  };
}
