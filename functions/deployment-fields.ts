/** What the fields of deployments through a host connection mean, for the OpenAPI document. */
import type { FieldText } from '../shared/http/openapi-texts';

const text = (description: string, example?: unknown): FieldText => ({ description, example });

const MACHINE =
  '/subscriptions/6f1c7e52-0b7e-4a63-9a55-3a0c5d3c1f10/resourceGroups/session-recording-paris/providers/Microsoft.Compute/virtualMachines/sr-wy3d265-0';

export const DEPLOYMENT_FIELDS: Readonly<Record<string, FieldText>> = {
  deploymentId: text('Id of the deployment', '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55'),
  hostConnectionId: text('Id of the host connection', '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55'),
  resourceGroup: text('Name of the resource group', 'session-recording-paris'),
  canceledBy: text('Name of who canceled it', 'ada@contoso.example'),
  stateSince: text('When it entered this state', '2026-11-29T12:00:00.000Z'),
  serverStatus: text('Status of the server', 'setupInProgress'),
  target: text('The resource or property that it is about', MACHINE),
  correlationId: text("For Microsoft's support", '8f1c1b52-3b36-4b52-9f0e-0d2b6a8f6a11'),
  policy: text('Name of the policy', 'Allowed locations'),
  assignment: text('Name of its assignment', 'Company rules'),
  'resources.type': text('Type of the resource', 'Microsoft.Compute/virtualMachines'),
  'leftovers.kind': text('Why it is left', 'deletedVault'),
};
