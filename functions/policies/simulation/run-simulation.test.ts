/** That a test of large policies lets others work meanwhile. */
import { startTestServices } from '../../../tests/support/test-services';
import { simulationSchema } from './simulation';
import { runSimulation } from './run-simulation';

const scope = { users: [{ name: 'CONTOSO\\ada' }] };

it('gives others their turn before and after all that takes long with a policy of megabytes', async () => {
  const services = await startTestServices();
  const rule = { name: 'Rule', scope };
  const test = simulationSchema.parse({
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
  // Drafts need nothing from outside: without pauses it would be done within one turn.
  await runSimulation({ customerId: 'c', siteId: 's', test, newId: () => 'id', services: services.services });
  clearImmediate(next);
  await services.close();
  // Of each of three policies: compiled, explained, linted.
  expect(turns).toBeGreaterThanOrEqual(9);
});
