/** The HTTP operation that simulates policies (what-if, POL-6). */
import { type Operation, operation } from '../../../shared/http/operation';
import { findSite } from '../../sites';
import { MAX_POLICY_BYTES } from '../policy-kinds';
import { simulationResult, simulationSchema } from './simulation';
import { runSimulation } from './run-simulation';

const simulatePolicies = operation({
  id: 'testPolicies',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/policyTests',
  tag: 'Policies',
  summary: 'Simulate policies on a session or an event',
  description:
    'Returns which rule of each policy would decide, and for every other rule the first condition that fails: for active policies, saved versions or drafts. Nothing is saved and no action is taken. Probable mistakes in the policies are reported as findings.',
  access: 'policies.manage',
  inThread: true,
  body: simulationSchema,
  // One draft of the largest size with the facts of a session and an event; further policies are named by id.
  bodyFormat: { maxBytes: MAX_POLICY_BYTES + 524_288 },
  problems: ['conflict'],
  success: { status: 200, description: 'The decisions of the policies', body: simulationResult },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  handle: async ({ resource, body, caller, services, newId }) => ({
    body: await runSimulation({
      customerId: caller.customerId,
      siteId: resource.id,
      simulation: body,
      newId,
      services,
    }),
  }),
});

export const simulationOperations: readonly Operation[] = [simulatePolicies];
