/** HTTP operations of server settings. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { mergePatchOf } from '../../../shared/http/merge-patch';
import { type Operation, operation } from '../../../shared/http/operation';
import type { Services } from '../../../shared/services';
import { findSettingsReport } from '../configuration-report';
import type { Server } from '../server';
import { findServer } from '../store';
import { changeServerSettings } from './change-server-settings';
import type { StoredServerSettings } from './server-settings';
import { serverSettingsInput, serverSettingsView, viewOfServerSettings } from './settings-view';
import { findServerSettings, warningFactsOf } from './store';

const tag = 'Servers';
const path = '/api/v1/servers/{serverId}/settings';

/** The ETag of settings that were not set yet. */
const NOT_SET = '"not-set"';

interface SettingsOfServer {
  server: Stored<Server>;
  stored: Stored<StoredServerSettings> | undefined;
  etag: string;
}

async function loadSettings(
  services: Services,
  customerId: string,
  serverId: string,
): Promise<SettingsOfServer | undefined> {
  const server = await findServer(services, customerId, serverId);
  if (!server) return undefined;
  const stored = await findServerSettings(services, customerId, server.id);
  return { server, stored, etag: stored?.etag ?? NOT_SET };
}

async function viewOf(services: Services, customerId: string, { server, stored }: SettingsOfServer) {
  const [report, facts] = await Promise.all([
    findSettingsReport(services, customerId, server.id),
    warningFactsOf(services, customerId, server),
  ]);
  return viewOfServerSettings({ stored, report, facts });
}

const getSettings = operation({
  id: 'getServerSettings',
  method: 'GET',
  path,
  tag,
  summary: 'Show the settings of a server',
  description:
    'What the server should have, and whether it has applied it. Until something is set, or the server reports its own ' +
    'settings, the defaults are shown and the server keeps what it has.',
  access: 'servers.manage',
  success: { status: 200, description: 'The settings', body: serverSettingsView },
  etag: true,
  load: ({ params, caller, services }) => loadSettings(services, caller.customerId, params.serverId),
  handle: async ({ resource, caller, services }) => ({
    body: await viewOf(services, caller.customerId, resource),
    etag: resource.etag,
  }),
});

const patchSettings = operation({
  id: 'changeServerSettings',
  method: 'PATCH',
  path,
  tag,
  summary: 'Change settings of a server',
  description:
    'A merge patch: omitted members stay unchanged, null removes, lists are replaced; one that changes nothing makes no new ' +
    'version. Only for a server that is available. ' +
    'The server fetches the settings after its next heartbeat, and reports whether it has applied them.',
  access: 'servers.manage',
  body: mergePatchOf(serverSettingsInput).meta({ id: 'ServerSettingsChange' }),
  success: { status: 200, description: 'The updated settings', body: serverSettingsView },
  ifMatch: 'required',
  etag: true,
  problems: ['conflict', 'server-not-available', 'feature-not-supported', 'administrator-logging-failing'],
  audit: { action: 'serverSettings.change', when: 'ifChanged' },
  load: ({ params, caller, services }) => loadSettings(services, caller.customerId, params.serverId),
  edits: {
    current: ({ resource, caller, services }) => viewOf(services, caller.customerId, resource),
    volatile: ['application', 'warnings', 'effective'],
  },
  async handle({ resource, body, caller: { customerId }, services, audit }) {
    const { server, stored } = resource;
    await changeServerSettings(services, { customerId, server, stored, patch: body, audit });
    const changed = (await loadSettings(services, customerId, server.id)) ?? resource;
    return { body: await viewOf(services, customerId, changed), etag: changed.etag };
  },
});

export const serverSettingsOperations: readonly Operation[] = [getSettings, patchSettings];
