/** For each operation that names a resource: a request that succeeds for the customer who owns it. */
import { randomUUID } from 'node:crypto';
import { PARIS } from '../../arm-templates/testing/plans';
import { newSessionId } from '../../shared/ids';
import { HOST_CONNECTION_REQUESTS } from './host-connection-requests';
import { failedDeployment, newDeployment, planWithSecrets } from './deployment-requests';
import { heartbeat, machineRequests } from './machine-requests';
import { eventBatch, RECORDING_REQUESTS, startSession } from './recording-requests';
import type { CustomerRequest, Make, TestCustomer } from './test-customer';
import { callerWith, eventually, type TestService } from './service';

export type { CustomerRequest, Make, TestCustomer };

/** Creates a customer with a site, a secure client and a registered server. */
export async function createTestCustomer(service: TestService, customer: string): Promise<TestCustomer> {
  const administrator = await service.as({ customer });
  const database = { instance: `sql-${randomUUID()}`, name: 'recordings' };
  const site = await administrator<{ id: string }>('POST', '/api/v1/sites', {
    body: { name: customer, database },
  });
  const client = await administrator<{ clientId: string; secret: string }>('POST', '/api/v1/secureClients', {
    body: { name: 'servers' },
  });
  const { clientId, secret } = client.body;
  const serverToken = await clientToken(service.url, clientId, secret);
  const server = callerWith(service.url, serverToken);
  const registered = await server<{ serverId: string }>('POST', '/api/cloud-client/v1/servers', {
    body: machine(database),
  });
  return {
    service,
    customer,
    administrator,
    server,
    serverToken,
    siteId: site.body.id,
    clientId,
    clientSecret: secret,
    serverId: registered.body.serverId,
  };
}

async function clientToken(url: string, clientId: string, secret: string): Promise<string> {
  const response = await fetch(`${url}/api/cloud-client/v1/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** A body for the registration of a new server. */
export function machine(database: { instance: string; name: string }) {
  return {
    machineId: randomUUID(),
    hostName: 'SRV01',
    operatingSystem: 'Windows Server 2022',
    timeZone: 'Europe/Paris',
    serverVersion: '24.2.0.11',
    clientVersion: '7.42.15010.4',
    database,
    clientTime: new Date().toISOString(),
  };
}

/** A server that has just registered, in a site of its own. */
async function newServer({ server }: TestCustomer, more: object = {}): Promise<CustomerRequest> {
  const database = { instance: `sql-${randomUUID()}`, name: 'recordings' };
  const { body } = await server<{ serverId: string }>('POST', '/api/cloud-client/v1/servers', {
    body: { ...machine(database), ...more },
  });
  return { params: { serverId: body.serverId } };
}

/** A task that has just been created and goes on for some time, though each of its items fails. */
async function task({ administrator }: TestCustomer): Promise<CustomerRequest> {
  const sessionIds = Array.from({ length: 1_000 }, () => newSessionId(new Date()));
  const { headers } = await administrator('POST', '/api/v1/recordings/restrict', { body: { sessionIds } });
  return { params: { id: headers.get('operation-location')?.split('/').at(-1) ?? '' } };
}

const POLICIES: Record<string, object> = {
  recordingPolicies: {
    rules: [{ name: 'all', scope: { machines: ['VDA01'] }, action: 'recordWithNotification' }],
  },
  eventDetectionPolicies: {
    rules: [{ name: 'all', scope: { machines: ['VDA01'] }, eventTypes: ['appStart', 'appEnd'] }],
  },
  eventResponsePolicies: {
    rules: [
      {
        name: 'lock',
        scope: { machines: ['VDA01'] },
        triggers: [
          {
            eventType: 'appStart',
            conditions: [{ dimension: 'appName', operator: 'equals', values: ['cmd.exe'] }],
            actions: ['lockSession'],
          },
        ],
      },
    ],
  },
};

/** A body for a new policy of a collection such as `recordingPolicies`, with a name of its own. */
export function newPolicy(collection: string): object {
  return { ...POLICIES[collection], name: `Policy ${randomUUID()}` };
}

async function policy({ administrator, siteId }: TestCustomer, collection: string): Promise<CustomerRequest> {
  const path = `/api/v1/sites/${siteId}/${collection}`;
  const saved = await administrator<{ id: string }>('POST', path, { body: newPolicy(collection) });
  return { params: { siteId, policyId: saved.body.id } };
}

async function policyToChange(customer: TestCustomer, collection: string): Promise<CustomerRequest> {
  const request = await policy(customer, collection);
  const { siteId, policyId } = request.params;
  return withEtag(customer, `/api/v1/sites/${siteId}/${collection}/${policyId}`, request);
}

async function withEtag(
  { administrator }: TestCustomer,
  path: string,
  request: CustomerRequest,
): Promise<CustomerRequest> {
  const { headers } = await administrator('GET', path);
  return { ...request, headers: { 'if-match': headers.get('etag') ?? '' } };
}

/** A body for a new template, with a name of its own. */
export function newTemplate(): object {
  return {
    name: `Shells ${randomUUID()}`,
    theme: 'Execution',
    triggers: [{ eventType: 'appStart', description: 'A shell', actions: ['sendEmail'] }],
  };
}

async function template({ administrator }: TestCustomer): Promise<CustomerRequest> {
  const saved = await administrator<{ id: string }>('POST', '/api/v1/eventTriggerTemplates', {
    body: newTemplate(),
  });
  return { params: { id: saved.body.id } };
}

async function templateToChange(customer: TestCustomer): Promise<CustomerRequest> {
  const request = await template(customer);
  return withEtag(customer, `/api/v1/eventTriggerTemplates/${request.params['id']}`, request);
}

async function secureClient(customer: TestCustomer): Promise<{ id: string; secretId: string }> {
  const { body } = await customer.administrator<{ clientId: string; secretId: string }>(
    'POST',
    '/api/v1/secureClients',
    {
      body: { name: 'another' },
    },
  );
  return { id: body.clientId, secretId: body.secretId };
}

async function group(customer: TestCustomer): Promise<CustomerRequest> {
  const groupId = randomUUID();
  await customer.administrator('PUT', `/api/v1/administratorGroups/${groupId}`, {
    body: { name: 'Auditors', kind: 'readOnlyAdmin' },
  });
  return withEtag(customer, `/api/v1/administratorGroups/${groupId}`, { params: { groupId } });
}

/** A read-only administrator who has used the service: only then they are known. */
async function playbackPermission(customer: TestCustomer): Promise<CustomerRequest> {
  const { service, siteId, administrator } = customer;
  const user = `${randomUUID()}@contoso.example`;
  const reader = await service.as({ customer: customer.customer, role: 'ReadOnlyAdmin', user });
  const me = await reader<{ id: string }>('GET', '/api/v1/me');
  const params = { siteId, administratorId: me.body.id };
  await eventually('Noting an administrator', async () => {
    const path = `/api/v1/sites/${siteId}/playbackPermissions/${me.body.id}`;
    return (await administrator('GET', path)).status === 200 ? true : undefined;
  });
  return { params };
}

/** A new site whose mail goes to the local mail server. */
async function siteWithMail(customer: TestCustomer): Promise<CustomerRequest> {
  const { administrator, service } = customer;
  const site = await administrator<{ id: string }>('POST', '/api/v1/sites', {
    body: { name: `Mail ${randomUUID()}` },
  });
  const params = { siteId: site.body.id };
  const path = `/api/v1/sites/${site.body.id}/settings`;
  const smtp = { host: '127.0.0.1', port: service.stack.ports.smtp };
  const { headers } = await withEtag(customer, path, { params });
  await administrator('PATCH', path, {
    body: { emailAlerts: { smtp, sender: { address: 'alerts@contoso.example' } } },
    ...(headers ? { headers } : {}),
  });
  return { params, body: { recipient: 'ada@contoso.example' } };
}

/** A command that waits for the server: the answer to an event under an active policy. */
async function command(customer: TestCustomer): Promise<CustomerRequest> {
  const { administrator, server, serverId, siteId } = customer;
  const { params } = await policy(customer, 'eventResponsePolicies');
  await administrator('POST', `/api/v1/sites/${siteId}/eventResponsePolicies/${params['policyId']}/activate`);
  const sessionId = await startSession(customer);
  // Instances learn of an activation within seconds: events before that get no response.
  for (let attempt = 0; attempt < 20; attempt++) {
    await server('POST', '/api/cloud-client/v1/events', { body: eventBatch(sessionId) });
    const path = `/api/cloud-client/v1/servers/${serverId}/commands?waitSeconds=3`;
    const { body } = await server<{ value: { id: string; sessionId?: string }[] }>('GET', path);
    // The result of a command about a session has no data.
    const waiting = body.value.find(({ sessionId: about }) => about !== undefined);
    if (waiting) return { params: { serverId, commandId: waiting.id }, body: { status: 'succeeded' } };
  }
  throw new Error('no command arrived');
}

const ofSite: Make = ({ siteId }) => ({ params: { siteId } });
const ofServer: Make = ({ serverId }) => ({ params: { serverId } });

/** Requests about a server that is available: it has sent a heartbeat. */
const ofAvailableServer =
  (more: Partial<CustomerRequest> = {}): Make =>
  async ({ server, serverId }) => {
    await server('POST', `/api/cloud-client/v1/servers/${serverId}/heartbeat`, { body: heartbeat() });
    return { ...more, params: { serverId, ...more.params } };
  };

const LINK_HOST = { key: 'SOFTWARE\\Citrix\\SmartAuditor\\Server', name: 'LinkHost' };
const uploadOfLogs = ofAvailableServer({ body: { services: ['IIS'] } });

async function logUpload(customer: TestCustomer): Promise<CustomerRequest> {
  const { params, body } = await uploadOfLogs(customer);
  const path = `/api/v1/servers/${customer.serverId}/logUploads`;
  const upload = await customer.administrator<{ id: string }>('POST', path, { body });
  return { params: { ...params, uploadId: upload.body.id } };
}

const ofPolicies = Object.entries({
  RecordingPolicy: ['listRecordingPolicies', 'recordingPolicies'],
  EventDetectionPolicy: ['listEventDetectionPolicies', 'eventDetectionPolicies'],
  EventResponsePolicy: ['listEventResponsePolicies', 'eventResponsePolicies'],
} as const).flatMap(([title, [list, collection]]): [string, Make][] => [
  [list, ofSite],
  [`create${title}`, ({ siteId }) => ({ params: { siteId }, body: newPolicy(collection) })],
  ...['get', 'activate', 'deactivate'].map((verb): [string, Make] => [
    `${verb}${title}`,
    (customer) => policy(customer, collection),
  ]),
  [
    `put${title}`,
    async (customer) => ({ ...(await policyToChange(customer, collection)), body: newPolicy(collection) }),
  ],
  [`delete${title}`, (customer) => policyToChange(customer, collection)],
  [`copy${title}`, async (customer) => ({ ...(await policy(customer, collection)), body: {} })],
  [`list${title}Versions`, (customer) => policy(customer, collection)],
  ...[`get${title}Version`, `restore${title}Version`].map((id): [string, Make] => [
    id,
    async (customer) => {
      const { params } = await policy(customer, collection);
      return { params: { ...params, version: '1' } };
    },
  ]),
]);

/** Creates the template of the site. */
async function makeTemplate({ administrator, siteId }: TestCustomer): Promise<void> {
  await administrator('POST', `/api/v1/sites/${siteId}/armTemplate`, { body: PARIS });
}

/** A machine of the template with a token that it has not used. */
export async function enrolment(customer: TestCustomer): Promise<CustomerRequest> {
  await makeTemplate(customer);
  const made = await customer.administrator<{ token: string; machines: string[] }>(
    'POST',
    `/api/v1/sites/${customer.siteId}/enrolmentTokens`,
  );
  const { token, machines } = made.body;
  return { params: {}, body: { token, machineName: machines[0] } };
}

/** By operation id. An operation that names a resource in its path or body must be listed. */
export const CUSTOMER_REQUESTS: Readonly<Record<string, Make>> = {
  getAdministratorGroup: group,
  deleteAdministratorGroup: group,
  getSecureClient: async (customer) => ({ params: await secureClient(customer) }),
  deleteSecureClient: async (customer) => {
    const { id } = await secureClient(customer);
    return withEtag(customer, `/api/v1/secureClients/${id}`, { params: { id } });
  },
  createSecureClientSecret: async (customer) => ({ params: await secureClient(customer), body: {} }),
  deleteSecureClientSecret: async (customer) => {
    const params = await secureClient(customer);
    return withEtag(customer, `/api/v1/secureClients/${params.id}`, { params });
  },
  getSite: ofSite,
  changeSite: (customer) =>
    withEtag(customer, `/api/v1/sites/${customer.siteId}`, {
      params: { siteId: customer.siteId },
      body: { name: `New ${randomUUID()}` },
    }),
  deleteSite: async (customer) => {
    const site = await customer.administrator<{ id: string }>('POST', '/api/v1/sites', {
      body: { name: `Empty ${randomUUID()}` },
    });
    return withEtag(customer, `/api/v1/sites/${site.body.id}`, { params: { siteId: site.body.id } });
  },
  getSiteSummary: ofSite,
  previewStorageMaintenance: ({ siteId }) => ({
    params: { siteId },
    body: { archiveAfterDays: 30, deleteAfterDays: 365 },
  }),
  getSiteSettings: ofSite,
  changeSiteSettings: (customer) =>
    withEtag(customer, `/api/v1/sites/${customer.siteId}/settings`, {
      params: { siteId: customer.siteId },
      body: { emailThreshold: 7 },
    }),
  listPlaybackPermissions: ofSite,
  getPlaybackPermission: playbackPermission,
  putPlaybackPermission: async (customer) => {
    const { params } = await playbackPermission(customer);
    const path = `/api/v1/sites/${customer.siteId}/playbackPermissions/${params['administratorId']}`;
    return withEtag(customer, path, { params, body: { permission: 'none' } });
  },
  sendTestMail: siteWithMail,
  createArmTemplate: ({ siteId }) => ({ params: { siteId }, body: PARIS }),
  startDeployment: newDeployment,
  listDeployments: ({ siteId }) => ({ params: { siteId } }),
  getDeployment: failedDeployment,
  retryDeployment: async (customer) => ({
    ...(await failedDeployment(customer)),
    body: { plan: planWithSecrets() },
  }),
  cancelDeployment: failedDeployment,
  createEnrolmentToken: async (customer) => {
    await makeTemplate(customer);
    return { params: { siteId: customer.siteId } };
  },
  getServer: ofServer,
  changeServer: (customer) =>
    withEtag(customer, `/api/v1/servers/${customer.serverId}`, {
      params: { serverId: customer.serverId },
      body: { description: 'In the cellar' },
    }),
  removeServer: async (customer) => {
    const { serverId = '' } = (await newServer(customer)).params;
    await customer.server('POST', `/api/cloud-client/v1/servers/${serverId}/unregister`);
    return withEtag(customer, `/api/v1/servers/${serverId}`, { params: { serverId } });
  },
  ...machineRequests(newServer),
  getServerSettings: ofServer,
  changeServerSettings: async (customer) => {
    const { serverId } = customer;
    // Only an available server can be changed.
    await customer.server('POST', `/api/cloud-client/v1/servers/${serverId}/heartbeat`, {
      body: heartbeat(),
    });
    const request = { params: { serverId }, body: { ceip: true } };
    return withEtag(customer, `/api/v1/servers/${serverId}/settings`, request);
  },
  putPreferences: (customer) => {
    const fastSeek = { enabled: false, iFrameIntervalSeconds: 60 };
    return withEtag(customer, '/api/v1/preferences', {
      params: {},
      body: { playerCacheMegabytes: 300, fastSeek },
    });
  },
  diagnoseServer: ofAvailableServer(),
  listServerServices: ofServer,
  refreshServerServices: ofAvailableServer(),
  restartServerService: ofAvailableServer({ params: { name: 'IIS' } }),
  listRegistryValues: ofServer,
  readRegistry: ofAvailableServer({ body: { values: [LINK_HOST] } }),
  writeRegistry: ofAvailableServer({
    body: { ...LINK_HOST, value: { type: 'REG_SZ', data: 'https://sr.contoso.example' } },
  }),
  listLogUploads: ofServer,
  requestLogUpload: uploadOfLogs,
  getLogUpload: logUpload,
  ...Object.fromEntries(ofPolicies),
  testPolicies: ({ siteId }) => ({
    params: { siteId },
    body: { session: { user: { name: 'CONTOSO\\bob' } }, event: { type: 'appStart' } },
  }),
  getEventTriggerTemplate: template,
  putEventTriggerTemplate: async (customer) => ({
    ...(await templateToChange(customer)),
    body: newTemplate(),
  }),
  deleteEventTriggerTemplate: templateToChange,
  likeEventTriggerTemplate: template,
  removeLikeOfEventTriggerTemplate: template,
  bookmarkEventTriggerTemplate: template,
  removeBookmarkOfEventTriggerTemplate: template,
  publishEventTriggerTemplate: async (customer) => ({
    ...(await template(customer)),
    body: { organisation: 'Contoso', acceptTerms: true },
  }),
  unpublishEventTriggerTemplate: template,
  listResponses: ofSite,
  ...HOST_CONNECTION_REQUESTS,
  ...RECORDING_REQUESTS,
  getTask: task,
  listTaskResults: task,
  cancelTask: task,
  sendHeartbeat: ({ serverId }) => ({ params: { serverId }, body: heartbeat() }),
  getServerConfiguration: ofServer,
  reportServerConfiguration: ({ serverId }) => ({
    params: { serverId },
    body: { etag: '"1"', sections: [] },
  }),
  unregisterServer: (customer) => newServer(customer),
  fetchCommands: ofServer,
  answerCommand: command,
  sendPerformanceSamples: ({ serverId }) => ({
    params: {},
    body: { batchId: randomUUID(), serverId, samples: [{ time: new Date().toISOString(), cpuPercent: 12 }] },
  }),
  sendLocalChanges: ({ serverId }) => ({
    params: { serverId },
    body: {
      records: [
        { id: randomUUID(), time: new Date().toISOString(), action: 'server.change', by: 'CONTOSO\\ada' },
      ],
    },
  }),
};
