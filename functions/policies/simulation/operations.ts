/** The HTTP operation of what-if (POL-6). */
import { type Operation, operation } from '../../../shared/http/operation';
import { findSite } from '../../sites';
import { MAX_POLICY_BYTES } from '../policy-kinds';
import { simulationResult, simulationSchema } from './simulation';
import { runSimulation } from './run-simulation';

const testPolicies = operation({
  id: 'testPolicies',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/policyTests',
  tag: 'Policies',
  summary: 'Try policies on a session or an event',
  description:
    'Tells which rule of each policy would decide, and of every other rule the first condition that failed: for the active policies, saved versions or drafts. Nothing is saved and nothing happens. What in a policy is hardly meant is told too.',
  access: 'policies.manage',
  body: simulationSchema,
  bodyFormat: { maxBytes: 3 * MAX_POLICY_BYTES },
  success: { status: 200, description: 'What the policies say', body: simulationResult },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  handle: async ({ resource, body, caller, services, newId }) => ({
    body: await runSimulation({
      customerId: caller.customerId,
      siteId: resource.id,
      test: body,
      newId,
      services,
    }),
  }),
});

export const whatIfOperations: readonly Operation[] = [testPolicies];
