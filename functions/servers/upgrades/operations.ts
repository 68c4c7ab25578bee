/** The HTTP operation that upgrades the cloud client of a server at once (UPG-1). */
import { type Operation, operation } from '../../../shared/http/operation';
import { taskReply } from '../../../shared/tasks/create-task';
import { initiatorOf } from '../../../shared/tasks/task';
import { findServer } from '../store';
import { endAbandonedUpgrade } from './end-upgrade';
import { startUpgrade } from './start-upgrade';

const upgradeServer = operation({
  id: 'upgradeServer',
  method: 'POST',
  path: '/api/v1/servers/{serverId}/upgrade',
  tag: 'Servers',
  summary: 'Upgrade the cloud client of a server',
  description:
    'To the latest version of the package catalogue, now. Only for a server that is available, or in maintenance because ' +
    'its client is too old, and whose client is older. The server is `upgrading` until it registers with the new version, ' +
    'reports this version as the result of the upgrade, or why it failed, for 30 minutes at most.',
  access: 'servers.manage',
  success: { status: 202, description: 'A task follows the upgrade' },
  task: true,
  problems: ['conflict'],
  audit: { action: 'server.upgrade', when: 'withChange' },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  async handle({ resource: server, caller, services, audit, newId, log, traceId, clientAddress }) {
    const { id, siteId, hostName, clientVersion } = server;
    const taskId = newId();
    const by = { initiator: initiatorOf(caller), request: { traceId, clientAddress } };
    const request = { customerId: caller.customerId, server, taskId, by };
    await endAbandonedUpgrade(services, log, caller.customerId, id);
    let isRecorded = false;
    await startUpgrade(services, log, request, async (changes, toVersion) => {
      await audit.commit(changes, {
        siteId,
        serverId: id,
        target: { type: 'server', id, name: hostName },
        old: { clientVersion },
        new: { clientVersion: toVersion, taskId },
      });
      isRecorded = true;
    });
    // Of a repeated request whose first attempt was interrupted; its entry exists.
    if (!isRecorded) await audit.commit([], {});
    return { ...taskReply(taskId), body: undefined };
  },
});

export const upgradeOperations: readonly Operation[] = [upgradeServer];
