/** What the fields of host connections mean, for the OpenAPI document. */
import type { FieldText } from '../shared/http/openapi-texts';

const text = (description: string, example?: unknown): FieldText => ({ description, example });
const guid = '6f2f3a54-1d0b-4f0a-9a55-9f6a3c1d7e10';

export const HOST_CONNECTION_FIELDS: Readonly<Record<string, FieldText>> = {
  'hostConnections.id': text('Id of the host connection', '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55'),
  subscriptionId: text('Id of the Azure subscription', guid),
  tenantId: text('Directory (tenant) id of the application', guid),
  applicationId: text('Application (client) id', guid),
  servicePrincipalObjectId: text('Object id of the service principal of the application', guid),
  clientSecret: text('Client secret of the application', 'Jx8Q~k3pQ2mV7tR4wZ8yB1nC5dF6gH0sLqT.uEaY'),
  secretExpiresAt: text('When the client secret expires', '2027-06-01T00:00:00.000Z'),
  secretStatus: text('Whether the client secret has expired, or will soon'),
  succeeded: text('Whether the test succeeded', true),
  subscriptionName: text('Name of the subscription', 'Production'),
  failure: text('Why the test could not be completed'),
  'failure.code': text('Code of Azure or of Microsoft Entra ID', 'AADSTS7000222'),
  'failure.message': text('What is wrong and what to do', 'The client secret has expired.'),
  'failure.field': text('The field that is wrong', 'clientSecret'),
  'failure.correlationId': text("For Microsoft's support", guid),
  customRole: text('The custom role', { Name: 'Session Recording service' }),
  powershellScript: text('Script for PowerShell', '#Requires -Modules Az.Accounts, Az.Resources'),
  bashScript: text('Script for bash', '#!/usr/bin/env bash'),
  missingActions: text('Each permission that the application lacks', [
    'Microsoft.Compute/virtualMachines/write',
  ]),
};
