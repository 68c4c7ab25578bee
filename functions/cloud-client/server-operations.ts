/** Operations with which a server registers, reports its state and fetches its configuration. */
import { z } from 'zod';
import { NOT_MODIFIED, type Operation, operation } from '../../shared/http/operation';
import {
  clientTime,
  configurationReportSchema,
  findOwnServer,
  findServerOfHeartbeat,
  heartbeatSchema,
  machineSchema,
  recordHeartbeat,
  registerServer,
  secondsToNextHeartbeat,
  storeConfigurationReport,
  unregisterServer,
} from '../servers';
import { configurationSchema, readConfiguration, readRecentConfiguration } from './configuration';
import { BASE_PATH, TAG } from './paths';
import { recentState } from './recent-state';

const registration = z.strictObject({ ...machineSchema.shape, clientTime }).meta({ id: 'Registration' });

const registered = z
  .object({
    serverId: z.uuid(),
    siteId: z.uuid().optional().describe('Absent while the server does not belong to a site'),
    status: z.string(),
  })
  .meta({ id: 'RegisteredServer' });

const register = operation({
  id: 'registerServer',
  method: 'POST',
  path: `${BASE_PATH}/servers`,
  tag: TAG,
  summary: 'Register a machine',
  description:
    'A machine that registers again remains the same server in the same site. A new one with a ' +
    'database joins the site that uses this database; if there is none, a site named after the machine is created. ' +
    'Without `database` or `serverVersion` it belongs to no site: its database is registered, or an administrator ' +
    'assigns it, later. The server belongs to the secure client that registered it first: for others it does not exist, ' +
    'until a full administrator gives it to them.',
  access: 'cloud-client',
  body: registration,
  success: { status: 200, description: 'The server', body: registered },
  problems: ['server-version-not-supported', 'server-of-another-client'],
  audit: { action: 'server.register', when: 'ifChanged' },
  async handle({
    body: { clientTime: sentAt, ...machine },
    caller,
    services,
    audit,
    clientAddress,
    traceId,
    log,
  }) {
    const origin = { address: clientAddress, traceId };
    const clientTime = sentAt;
    const server = await registerServer({ services, log, audit, caller, machine, clientTime, origin });
    return { body: { serverId: server.id, siteId: server.siteId, status: server.status } };
  },
});

const heartbeatAnswer = z
  .object({
    configurationEtag: z.string().describe('Fetch the configuration when its ETag differs from yours'),
    commandsWaiting: z.boolean().describe('Whether commands are pending and should be fetched'),
    clockSkewMilliseconds: z
      .int()
      .describe('Correction that the service adds to the times that the server sends'),
    nextHeartbeatSeconds: z
      .number()
      .min(0)
      .max(90)
      .describe(
        'Send the next heartbeat after this time: 60 seconds, more or less only to reach the place of the server in a minute',
      ),
  })
  .meta({ id: 'HeartbeatAnswer' });

const heartbeat = operation({
  id: 'sendHeartbeat',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/heartbeat`,
  tag: TAG,
  summary: 'Send the heartbeat of a server',
  description:
    'Once a minute, when the answer to the one before says. A server that misses three heartbeats is offline until the next one.',
  access: 'cloud-client',
  body: heartbeatSchema,
  success: { status: 200, description: 'What the server should fetch', body: heartbeatAnswer },
  problems: ['conflict'],
  load: ({ params, caller, services }) =>
    findServerOfHeartbeat(services, recentState(services), caller, params.serverId),
  async handle({ resource, body: report, caller: { customerId }, services, log }) {
    const [{ skewMilliseconds, commandsWaiting }, { etag }] = await Promise.all([
      recordHeartbeat({ services, log, customerId, server: resource, report }),
      readRecentConfiguration(services, customerId, resource),
    ]);
    const { heartbeatWindowSeconds } = services.config.requests;
    return {
      body: {
        configurationEtag: etag,
        commandsWaiting,
        clockSkewMilliseconds: skewMilliseconds,
        nextHeartbeatSeconds: secondsToNextHeartbeat(
          resource.id,
          heartbeatWindowSeconds,
          services.clock.now(),
        ),
      },
    };
  },
});

const getConfiguration = operation({
  id: 'getServerConfiguration',
  method: 'GET',
  path: `${BASE_PATH}/servers/{serverId}/configuration`,
  tag: TAG,
  summary: 'Fetch the configuration of a server',
  description: 'The desired state as one document. The same state has the same ETag.',
  access: 'cloud-client',
  success: { status: 200, description: 'The desired state', body: configurationSchema },
  otherStatuses: NOT_MODIFIED,
  problems: ['conflict'],
  etag: true,
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, caller, services }) {
    const { configuration, etag } = await readConfiguration(services, caller.customerId, resource);
    return { body: configuration, etag };
  },
});

const reportConfiguration = operation({
  id: 'reportServerConfiguration',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/configuration/report`,
  tag: TAG,
  summary: 'Report which sections of the configuration were applied',
  description:
    'The last report replaces earlier ones. It may carry the settings that the server has: changes that its local ' +
    'administrator made are taken over.',
  access: 'cloud-client',
  body: configurationReportSchema,
  success: { status: 204, description: 'The report is stored' },
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, body, caller: { customerId, id, name }, services, clientAddress, traceId }) {
    const client = { id, name, address: clientAddress, traceId };
    await storeConfigurationReport(services, { customerId, server: resource, report: body, client });
    return { body: undefined };
  },
});

const unregister = operation({
  id: 'unregisterServer',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/unregister`,
  tag: TAG,
  summary: 'Unregister a server whose cloud client is being removed',
  description: 'The server becomes Uninstalled. It may register again at any time.',
  access: 'cloud-client',
  success: { status: 204, description: 'The server is unregistered' },
  problems: ['conflict'],
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, caller: { customerId }, services, log }) {
    await unregisterServer({ services, log, customerId, serverId: resource.id });
    return { body: undefined };
  },
});

export const serverProtocolOperations: readonly Operation[] = [
  register,
  heartbeat,
  getConfiguration,
  reportConfiguration,
  unregister,
];
