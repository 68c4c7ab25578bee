/** What the operations that have a server do something have in common. */
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import { findServer } from '../store';

export const SERVER_TAG = 'Servers';
export const SERVER_PATH = '/api/v1/servers/{serverId}';

/** They are answered with a task that waits for the server. */
export const serverTaskOperation = {
  tag: SERVER_TAG,
  access: 'servers.manage',
  success: { status: 202, description: 'A task that waits for the server' },
  task: true,
  problems: ['server-not-available'],
  load: ({ params, caller, services }: LoadContext) =>
    findServer(services, caller.customerId, params.serverId),
} as const;

interface LoadContext {
  params: { serverId: string };
  caller: Administrator;
  services: Services;
}
