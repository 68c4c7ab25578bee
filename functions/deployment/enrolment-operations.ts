/** HTTP operations of enrolment: a token for the machines of a template, and its exchange by each of them. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { Problem } from '../../shared/problem';
import { planMachines } from '../servers';
import { findSite } from '../sites';
import { createEnrolment, enrolMachine } from './enrolment';

const enrolmentToken = z
  .object({
    token: z.string().describe('Shown once: give it to the scripts of the template'),
    expiresAt: z.iso.datetime(),
    machines: z.array(z.string()).describe('Each can use it once'),
  })
  .meta({ id: 'EnrolmentToken' });

const createToken = operation({
  id: 'createEnrolmentToken',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/enrolmentTokens',
  tag: 'Deployment',
  summary: 'Create an enrolment token for the machines of a template',
  description: 'Each machine can exchange it once for its own secure client. It is valid for 24 hours.',
  access: 'secure-clients.manage',
  success: { status: 201, description: 'The token', body: enrolmentToken },
  problems: ['conflict'],
  idempotency: 'oneTimeSecret',
  audit: { action: 'site.createEnrolmentToken', when: 'withChange' },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource, caller, services, audit }) {
    const machines = resource.deployment?.machines.map(({ name }) => name);
    if (!machines) throw new Problem('conflict', 'The site has no template: create one first.');
    const { customerId, name: createdBy } = caller;
    await planMachines(services, { customerId, siteId: resource.id, names: machines });
    const made = await createEnrolment({ services, customerId, site: resource, machines, createdBy, audit });
    return { body: { ...made, machines }, location: `/api/v1/sites/${resource.id}` };
  },
});

const enrol = operation({
  id: 'enrolMachine',
  method: 'POST',
  path: '/api/cloud-client/v1/enrolments',
  tag: 'Cloud client',
  summary: 'Exchange an enrolment token for a secure client',
  description:
    'Once for each machine of the template, under its own name. The secret is never shown again. A machine that could not use it repeats the request with the same `machineKey` while the token is valid: it gets a new secret, and the first one is no longer valid.',
  access: 'anybody',
  body: z
    .strictObject({
      token: z.string().max(200),
      machineName: z.string().min(1).max(15),
      machineKey: z
        .string()
        .regex(/^[A-Za-z0-9_-]{32,128}$/, 'Give 32 to 128 characters of A-Z, a-z, 0-9, _ and -.')
        .optional()
        .describe('A random text that only this machine knows: with it the enrolment can be repeated'),
    })
    .meta({ id: 'MachineEnrolment' }),
  success: {
    status: 201,
    description: 'Id and secret of the secure client',
    body: z.object({ clientId: z.uuid(), secret: z.string() }).meta({ id: 'EnrolledClient' }),
  },
  problems: ['unauthenticated'],
  async handle({ body, services, clientAddress: address, traceId }) {
    const client = await enrolMachine({ services, ...body, address, traceId });
    return { body: client, location: `/api/v1/secureClients/${client.clientId}` };
  },
});

export const enrolmentOperations: readonly Operation[] = [createToken, enrol];
