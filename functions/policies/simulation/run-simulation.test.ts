/** That simulating large policies does not block other requests. */
import { startTestServices } from '../../../tests/support/test-services';
import { simulationSchema } from './simulation';
import { runSimulation } from './run-simulation';

const scope = { users: [{ name: 'CONTOSO\\ada' }] };

it('yields to other requests between the steps that take long for large policies', async () => {
  const services = await startTestServices();
  const rule = { name: 'Rule', scope };
  const simulation = simulationSchema.parse({
    session: { user: { name: 'CONTOSO\\ada' } },
    policies: {
      recording: { draft: { name: 'Draft', rules: [{ ...rule, action: 'disable' }] } },
      eventDetection: { draft: { name: 'Draft', rules: [{ ...rule, eventTypes: ['idle'] }] } },
      eventResponse: { draft: { name: 'Draft', rules: [{ ...rule, triggers: [{ eventType: 'idle' }] }] } },
    },
  });
  let turns = 0;
  let next = setImmediate(function count() {
    turns++;
    next = setImmediate(count);
  });
  // Drafts need no I/O: without yielding, the simulation would complete within one turn.
  await runSimulation({
    customerId: 'c',
    siteId: 's',
    simulation,
    newId: () => 'id',
    services: services.services,
  });
  clearImmediate(next);
  await services.close();
  // Three policies, each compiled, explained and linted.
  expect(turns).toBeGreaterThanOrEqual(9);
});
