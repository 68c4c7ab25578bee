/** The operation that generates the custom role, and the scripts that register an application for a host connection. */
import { z } from 'zod';
import {
  customRole,
  registrationBash,
  registrationPowershell,
} from '../../arm-templates/package/app-registration';
import { operation } from '../../shared/http/operation';
import { line } from '../../shared/pure/text-fields';

const ROLE_FILE =
  'The custom role, to be saved as a file for `az role definition create` or `New-AzRoleDefinition`';

const registrationView = z
  .object({
    customRole: z.record(z.string(), z.unknown()).describe(ROLE_FILE),
    powershellScript: z
      .string()
      .describe('Script for PowerShell with the modules Az.Accounts and Az.Resources'),
    bashScript: z.string().describe('Script for bash with the Azure CLI'),
  })
  .meta({
    id: 'ApplicationRegistration',
    description: 'What registers an application for a host connection',
  });

export const appRegistration = operation({
  id: 'getAppRegistration',
  method: 'GET',
  path: '/api/v1/onboarding/appRegistration',
  tag: 'Host connections',
  summary: 'Generate the custom role and the scripts that register an application',
  description:
    'Each script contains the role, assigns it or the built-in role Contributor (with User Access Administrator, since ' +
    'machines get roles), and prints what a host connection asks for.',
  access: 'onboarding.use',
  query: z.strictObject({
    subscriptionId: z
      .guid()
      .default('00000000-0000-0000-0000-000000000000')
      .describe(
        'The subscription in which sites will be deployed; the default has to be replaced in what is generated',
      ),
    applicationName: line(120)
      .default('Session Recording service')
      .describe('Display name of the application'),
  }),
  success: { status: 200, description: 'The role and the scripts', body: registrationView },
  handle: async ({ query }) => ({
    body: {
      customRole: customRole(query),
      powershellScript: registrationPowershell(query),
      bashScript: registrationBash(query),
    },
  }),
});
