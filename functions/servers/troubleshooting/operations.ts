/** HTTP operations with which administrators find out what is wrong with a server, and repair it. */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { notFound } from '../../../shared/problem';
import { SERVICE_NAMES } from '../commands/kinds/services';
import { requireDiagnosable } from '../require-available';
import { findServer } from '../store';
import { diagnoseTask } from './diagnose';
import { logUploadOperations } from './log-upload-operations';
import { SERVER_PATH, SERVER_TAG, serverTaskOperation } from './operation-parts';
import { registryOperations } from './registry-operations';
import { startServerTask } from './server-task';
import { checkServicesTask, listServices, restartServiceTask, serviceView } from './services-of-server';

const diagnose = operation({
  ...serverTaskOperation,
  id: 'diagnoseServer',
  method: 'POST',
  path: `${SERVER_PATH}/diagnostics`,
  summary: 'Have a server check itself',
  description:
    'The result of the task is a list of checks, each with its result, and the cause and the remedy where it did not pass. ' +
    'For available servers, and for machines whose installation failed.',
  audit: { action: 'server.diagnose', when: 'withChange' },
  async handle(request) {
    const title = `Diagnose ${request.resource.hostName}`;
    const content = { kind: 'diagnostics', parameters: {} } as const;
    const reply = await startServerTask(request, {
      kind: diagnoseTask,
      title,
      content,
      requireState: requireDiagnosable,
    });
    return { ...reply, body: undefined };
  },
});

const getServices = operation({
  id: 'listServerServices',
  method: 'GET',
  path: `${SERVER_PATH}/services`,
  tag: SERVER_TAG,
  summary: 'List the services of a server',
  description:
    'As they were last known, with the age of what is known; refresh them for their present state.',
  access: 'servers.manage',
  success: {
    status: 200,
    description: 'The services',
    body: z.object({ value: z.array(serviceView) }).meta({ id: 'ServerServices' }),
  },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  handle: async ({ resource, caller, services }) => ({
    body: { value: await listServices(services, caller.customerId, resource.id) },
  }),
});

const refreshServices = operation({
  ...serverTaskOperation,
  id: 'refreshServerServices',
  method: 'POST',
  path: `${SERVER_PATH}/services/refresh`,
  summary: 'Have a server check its services',
  description: 'When the task has ended, the list of services shows their state. Only for available servers.',
  audit: { action: 'server.checkServices', when: 'withChange' },
  async handle(request) {
    const title = `Check the services of ${request.resource.hostName}`;
    const services = [...SERVICE_NAMES];
    const reply = await startServerTask(request, {
      kind: checkServicesTask,
      title,
      content: { kind: 'checkServices', parameters: { services } },
    });
    return { ...reply, body: undefined };
  },
});

const restartService = operation({
  ...serverTaskOperation,
  id: 'restartServerService',
  method: 'POST',
  path: `${SERVER_PATH}/services/{name}/restart`,
  summary: 'Restart a service of a server',
  description:
    `Only these: ${SERVICE_NAMES.map((name) => `\`${name}\``).join(', ')}. The task succeeds when the ` +
    'service runs again, else it fails with the reason. Only for available servers.',
  problems: ['not-found', ...serverTaskOperation.problems],
  audit: { action: 'server.restartService', when: 'withChange' },
  async handle({ params, ...request }) {
    const service = SERVICE_NAMES.find((name) => name.toLowerCase() === params.name.toLowerCase());
    if (service === undefined) throw notFound('service');
    const title = `Restart ${service} on ${request.resource.hostName}`;
    const content = { kind: 'restartService', parameters: { service } } as const;
    const task = { kind: restartServiceTask, title, content, details: { new: { service } } };
    return { ...(await startServerTask(request, task)), body: undefined };
  },
});

export const troubleshootingOperations: readonly Operation[] = [
  diagnose,
  getServices,
  refreshServices,
  restartService,
  ...registryOperations,
  ...logUploadOperations,
];
