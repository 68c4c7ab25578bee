/**
 * Who may do what, written out by hand from the rules IAM-3, IAM-4 and IAM-5, held against what the running operations
 * answer. Nothing here is read from the table that the service itself uses. An operation that is added gets a row.
 */
import { randomUUID } from 'node:crypto';
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { problemFaults } from '../support/problem-answer';
import { rawRequest } from '../support/raw-request';
import { eventually, startService, type TestService, type Who } from '../support/service';

const CALLERS = [
  'full admin',
  'privileged player admin',
  'read-only admin',
  'administrator without a role',
  'full admin through a group',
  'privileged player admin through a group',
  'read-only admin through a group',
  'secure client',
  'caller without a token',
] as const;
type Caller = (typeof CALLERS)[number];

/** `yes`: neither 401 nor 403, whatever else is wrong with the request. */
type Outcome = 'yes' | 401 | 403;

/** One outcome for each of CALLERS, in their order. */
type Row = readonly [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome];

// A role has the same rights wherever it comes from (IAM-4) …
const FULL: Row /*    */ = ['yes', 403, 403, 403, 'yes', 403, 403, 401, 401];
const PLAYERS: Row /* */ = ['yes', 'yes', 403, 403, 'yes', 'yes', 403, 401, 401];
const ALL: Row /*     */ = ['yes', 'yes', 'yes', 403, 'yes', 'yes', 'yes', 401, 401];
// … except here: neither playback permissions nor the installation command.
const FULL_DIRECTLY: Row = ['yes', 403, 403, 403, 403, 403, 403, 401, 401];
const SERVERS: Row /* */ = [401, 401, 401, 401, 401, 401, 401, 'yes', 401];
const ANYBODY: Row /* */ = ['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'];

const site = '/api/v1/sites/{siteId}';
const policiesOf = (collection: string): Record<string, Row> => ({
  [`GET ${site}/${collection}`]: FULL,
  [`POST ${site}/${collection}`]: FULL,
  [`GET ${site}/${collection}/{policyId}`]: FULL,
  [`PUT ${site}/${collection}/{policyId}`]: FULL,
  [`DELETE ${site}/${collection}/{policyId}`]: FULL,
  [`POST ${site}/${collection}/{policyId}/copy`]: FULL,
  [`POST ${site}/${collection}/{policyId}/activate`]: FULL,
  [`POST ${site}/${collection}/{policyId}/deactivate`]: FULL,
  [`GET ${site}/${collection}/{policyId}/versions`]: FULL,
  [`GET ${site}/${collection}/{policyId}/versions/{version}`]: FULL,
  [`POST ${site}/${collection}/{policyId}/versions/{version}/restore`]: FULL,
});

const MATRIX: Readonly<Record<string, Row>> = {
  'GET /api/v1/me': ALL,
  'GET /api/v1/preferences': ALL,
  'PUT /api/v1/preferences': ALL,
  'GET /api/v1/administratorGroups': FULL,
  'GET /api/v1/administratorGroups/{groupId}': FULL,
  'PUT /api/v1/administratorGroups/{groupId}': FULL,
  'DELETE /api/v1/administratorGroups/{groupId}': FULL,
  'GET /api/v1/secureClients': FULL,
  'POST /api/v1/secureClients': FULL,
  'GET /api/v1/secureClients/{id}': FULL,
  'DELETE /api/v1/secureClients/{id}': FULL,
  'POST /api/v1/secureClients/{id}/secrets': FULL,
  'DELETE /api/v1/secureClients/{id}/secrets/{secretId}': FULL,

  // Everybody searches by site, and so sees ids and names.
  'GET /api/v1/sites': ALL,
  'POST /api/v1/sites': FULL,
  [`GET ${site}`]: FULL,
  [`PATCH ${site}`]: FULL,
  [`DELETE ${site}`]: FULL,
  [`GET ${site}/summary`]: FULL,
  [`POST ${site}/maintenancePreview`]: FULL,
  [`GET ${site}/settings`]: FULL,
  [`PATCH ${site}/settings`]: FULL,
  [`POST ${site}/settings/testMail`]: FULL,
  [`GET ${site}/playbackPermissions`]: FULL_DIRECTLY,
  [`GET ${site}/playbackPermissions/{administratorId}`]: FULL_DIRECTLY,
  [`PUT ${site}/playbackPermissions/{administratorId}`]: FULL_DIRECTLY,
  'GET /api/v1/servers': FULL,
  'GET /api/v1/servers/{serverId}': FULL,
  'PATCH /api/v1/servers/{serverId}': FULL,
  'DELETE /api/v1/servers/{serverId}': FULL,
  'GET /api/v1/servers/{serverId}/settings': FULL,
  'PATCH /api/v1/servers/{serverId}/settings': FULL,
  'POST /api/v1/servers/{serverId}/upgrade': FULL,
  'GET /api/v1/servers/{serverId}/installation': FULL,
  'POST /api/v1/servers/{serverId}/installation': FULL,
  'POST /api/v1/servers/{serverId}/installation/checks': FULL,
  'POST /api/v1/servers/{serverId}/installation/connectionTest': FULL,
  'POST /api/v1/servers/{serverId}/diagnostics': FULL,
  'GET /api/v1/servers/{serverId}/services': FULL,
  'POST /api/v1/servers/{serverId}/services/refresh': FULL,
  'POST /api/v1/servers/{serverId}/services/{name}/restart': FULL,
  'GET /api/v1/servers/{serverId}/registry': FULL,
  'POST /api/v1/servers/{serverId}/registry/read': FULL,
  'POST /api/v1/servers/{serverId}/registry/write': FULL,
  'GET /api/v1/servers/{serverId}/logUploads': FULL,
  'POST /api/v1/servers/{serverId}/logUploads': FULL,
  'GET /api/v1/servers/{serverId}/logUploads/{uploadId}': FULL,

  'GET /api/v1/onboarding/packages': FULL,
  'POST /api/v1/onboarding/installCommand': FULL_DIRECTLY,
  'GET /api/v1/onboarding/connectivity': FULL,
  'POST /api/v1/onboarding/diagnosis': FULL,
  'GET /api/v1/onboarding/appRegistration': FULL,

  'POST /api/v1/sitePlans/recommendation': FULL,
  'POST /api/v1/sitePlans/estimate': FULL,
  'POST /api/v1/sitePlans/validation': FULL,
  [`POST ${site}/armTemplate`]: FULL,
  [`POST ${site}/enrolmentTokens`]: FULL,
  'GET /api/v1/hostConnections': FULL,
  'POST /api/v1/hostConnections': FULL,
  'GET /api/v1/hostConnections/{id}': FULL,
  'PATCH /api/v1/hostConnections/{id}': FULL,
  'DELETE /api/v1/hostConnections/{id}': FULL,
  'POST /api/v1/hostConnections/{id}/test': FULL,
  'PUT /api/v1/hostConnections/{id}/secret': FULL,
  [`GET ${site}/deployments`]: FULL,
  [`POST ${site}/deployments`]: FULL,
  [`GET ${site}/deployments/{deploymentId}`]: FULL,
  [`POST ${site}/deployments/{deploymentId}/retry`]: FULL,
  [`POST ${site}/deployments/{deploymentId}/cancel`]: FULL,

  ...policiesOf('recordingPolicies'),
  ...policiesOf('eventDetectionPolicies'),
  ...policiesOf('eventResponsePolicies'),
  [`POST ${site}/policyTests`]: FULL,
  [`GET ${site}/responses`]: FULL,
  'GET /api/v1/eventTypes': ALL,
  'GET /api/v1/eventTriggerTemplates': FULL,
  'POST /api/v1/eventTriggerTemplates': FULL,
  'GET /api/v1/eventTriggerTemplates/{id}': FULL,
  'PUT /api/v1/eventTriggerTemplates/{id}': FULL,
  'DELETE /api/v1/eventTriggerTemplates/{id}': FULL,
  'PUT /api/v1/eventTriggerTemplates/{id}/like': FULL,
  'DELETE /api/v1/eventTriggerTemplates/{id}/like': FULL,
  'PUT /api/v1/eventTriggerTemplates/{id}/bookmark': FULL,
  'DELETE /api/v1/eventTriggerTemplates/{id}/bookmark': FULL,
  'PUT /api/v1/eventTriggerTemplates/{id}/publication': FULL,
  'DELETE /api/v1/eventTriggerTemplates/{id}/publication': FULL,

  'GET /api/v1/recordings': ALL,
  'GET /api/v1/recordings/{recordingId}': ALL,
  'GET /api/v1/recordings/{recordingId}/events': ALL,
  'GET /api/v1/recordings/{recordingId}/comments': ALL,
  'POST /api/v1/recordings/{recordingId}/comments': ALL,
  'DELETE /api/v1/recordings/{recordingId}/comments/{commentId}': ALL,
  'GET /api/v1/comments/mine': ALL,
  'GET /api/v1/recordings/{recordingId}/performance': ALL,
  'GET /api/v1/recordings/{recordingId}/idlePeriods': ALL,
  'POST /api/v1/recordings/{recordingId}/playback': ALL,
  'GET /api/v1/recordings/{recordingId}/segments': ALL,
  'GET /api/v1/recordings/{recordingId}/session': ALL,
  'POST /api/v1/recordings/restrict': ALL,
  'POST /api/v1/recordings/unrestrict': PLAYERS,
  'POST /api/v1/recordings/hold': FULL,
  'POST /api/v1/recordings/release': FULL,
  'POST /api/v1/recordings/archive': PLAYERS,
  'POST /api/v1/recordings/delete': PLAYERS,
  'GET /api/v1/recordings/restricted': PLAYERS,

  'GET /api/v1/recordings/{recordingId}/statistics/screenTime': ALL,
  'GET /api/v1/recordings/{recordingId}/statistics/fileTransfers': ALL,
  'GET /api/v1/recordings/{recordingId}/statistics/commands': ALL,
  'GET /api/v1/recordings/{recordingId}/statistics/events': ALL,
  'GET /api/v1/recordings/{recordingId}/pointsOfInterest': ALL,
  'GET /api/v1/recordings/{recordingId}/summary': ALL,
  'GET /api/v1/commandSearches': ALL,
  'POST /api/v1/commandSearches': ALL,
  'GET /api/v1/commandSearches/{id}': ALL,
  'DELETE /api/v1/commandSearches/{id}': ALL,

  // Full admins see all tasks, privileged players their own.
  'GET /api/v1/tasks': PLAYERS,
  'GET /api/v1/tasks/{id}': PLAYERS,
  'GET /api/v1/tasks/{id}/results': PLAYERS,
  'POST /api/v1/tasks/{id}/cancel': PLAYERS,

  'POST /api/cloud-client/v1/token': ANYBODY,
  'POST /api/cloud-client/v1/enrolments': ANYBODY,
  'POST /api/cloud-client/v1/servers': SERVERS,
  'POST /api/cloud-client/v1/servers/{serverId}/heartbeat': SERVERS,
  'GET /api/cloud-client/v1/servers/{serverId}/configuration': SERVERS,
  'POST /api/cloud-client/v1/servers/{serverId}/configuration/report': SERVERS,
  'POST /api/cloud-client/v1/servers/{serverId}/unregister': SERVERS,
  'GET /api/cloud-client/v1/servers/{serverId}/commands': SERVERS,
  'POST /api/cloud-client/v1/servers/{serverId}/commands/{commandId}/result': SERVERS,
  'POST /api/cloud-client/v1/sessions': SERVERS,
  'POST /api/cloud-client/v1/sessions/{sessionId}/rollover': SERVERS,
  'POST /api/cloud-client/v1/sessions/{sessionId}/end': SERVERS,
  'POST /api/cloud-client/v1/events': SERVERS,
  'POST /api/cloud-client/v1/performance': SERVERS,
  'POST /api/cloud-client/v1/servers/{serverId}/logs': SERVERS,
  'POST /api/cloud-client/v1/recordings': SERVERS,
  'POST /api/cloud-client/v1/recordings/{recordingId}/complete': SERVERS,
  'POST /api/cloud-client/v1/recordings/{recordingId}/segments': SERVERS,

  'GET /api/health': ANYBODY,
  'GET /api/openapi.json': ANYBODY,
  'GET /api/docs': ANYBODY,
  'GET /api/docs/cloud-client-protocol.md': ANYBODY,
};

/** What the rules say of operations to come: held to it from the moment they are built. Their rows then move up. */
const TO_COME: Readonly<Record<string, Row>> = {
  'POST /api/v1/recordings/archive': PLAYERS,
  'POST /api/v1/recordings/delete': PLAYERS,
  'GET /api/v1/recordings/{recordingId}/links': FULL,
  'POST /api/v1/recordings/{recordingId}/links': FULL,
};

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

let service: TestService;
let tokens: Record<Caller, string | undefined>;

beforeAll(async () => {
  service = await startService();
  tokens = {
    'full admin': await service.token({ role: 'FullAdmin' }),
    'privileged player admin': await service.token({ role: 'PrivilegedPlayerAdmin' }),
    'read-only admin': await service.token({ role: 'ReadOnlyAdmin' }),
    'administrator without a role': await service.token({ role: 'none' }),
    'full admin through a group': await throughGroup('fullAdmin'),
    'privileged player admin through a group': await throughGroup('privilegedPlayerAdmin'),
    'read-only admin through a group': await throughGroup('readOnlyAdmin'),
    'secure client': await secureClient(),
    'caller without a token': undefined,
  };
}, 120_000);

afterAll(() => service.stop());

/** A token without a role, of a member of a group that is mapped to one; mappings take effect within seconds. */
async function throughGroup(kind: string): Promise<string> {
  const group = randomUUID();
  const administrator = await service.as();
  await administrator('PUT', `/api/v1/administratorGroups/${group}`, { body: { name: kind, kind } });
  const who: Who = { role: 'none', group, user: `${kind}@contoso.example` };
  const member = await service.as(who);
  await eventually(`The mapping of a group to ${kind}`, async () => {
    const { body } = await member('GET', '/api/v1/me');
    return body['kind'] === kind && body['throughGroup'] === true ? true : undefined;
  });
  return service.token(who);
}

async function secureClient(): Promise<string> {
  const administrator = await service.as();
  const made = await administrator<{ clientId: string; secret: string }>('POST', '/api/v1/secureClients', {
    body: { name: 'servers' },
  });
  const response = await fetch(`${service.url}/api/cloud-client/v1/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: made.body.clientId,
      client_secret: made.body.secret,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Nothing that the path names exists, so that an allowed caller gets 404 or 400, or an empty list. */
function callAs(caller: Caller, { method, path }: Operation) {
  const token = tokens[caller];
  return rawRequest(service.url, {
    method,
    path: path.replaceAll(/\{\w+\}/g, 'none'),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
}

it('IAM-5: has a row for each operation that is built, and for no other', () => {
  const built = operations.map(nameOf);
  const missing = built.filter((name) => !(name in MATRIX) && !(name in TO_COME));
  const notBuilt = Object.keys(MATRIX).filter((name) => !built.includes(name));
  expect({ missing, notBuilt }).toEqual({ missing: [], notBuilt: [] });
});

it.each(CALLERS.map((caller, column) => [caller, column] as const))(
  'IAM-3, IAM-4, IAM-5: every operation answers as the matrix says to: %s',
  async (caller, column) => {
    const faults: string[] = [];
    await forEachConcurrently(operations, async (operation) => {
      const name = nameOf(operation);
      const expected = (MATRIX[name] ?? TO_COME[name])?.[column];
      const answer = await callAs(caller, operation);
      const { status } = answer;
      const outcome = status === 401 || status === 403 ? status : 'yes';
      if (outcome !== expected || status >= 500)
        faults.push(`${name}: ${status}, not ${expected}: ${answer.text}`);
      else if (outcome !== 'yes') faults.push(...problemFaults(answer).map((fault) => `${name}: ${fault}`));
    });
    expect(faults).toEqual([]);
  },
  120_000,
);

it('IAM-3: a role is refused before anything else is said: neither body, nor id, nor precondition is looked at', async () => {
  const token = tokens['administrator without a role'];
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain', 'if-match': '"x"' };
  const refused = operations.filter(
    (operation) => (MATRIX[nameOf(operation)] ?? TO_COME[nameOf(operation)])?.[3] === 403,
  );
  const faults: string[] = [];
  await forEachConcurrently(refused, async ({ id, method, path }) => {
    const filled = `${path.replaceAll(/\{\w+\}/g, '%00')}?surprise=1`;
    const { status, text } = await rawRequest(service.url, { method, path: filled, headers, body: '{' });
    if (status !== 403) faults.push(`${id}: ${status} ${text}`);
  });
  expect(faults).toEqual([]);
}, 60_000);
