/** The kind of task that an upgrade of a cloud client is: what works on it is the server (UPG-1). */
import { Problem } from '../../../shared/problem';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { clientUpgradeType } from './client-upgrade';

/** Asked only when the report of the end was lost. */
export const upgradeTask: TaskKind = {
  name: 'clientUpgrade',
  isCancelable: false,
  async work({ database }, { customerId, task }, serverId) {
    const upgrade = await database.control(customerId).read(clientUpgradeType, serverId);
    if (upgrade?.taskId === task.id && upgrade.outcome === 'succeeded') return upgrade.reason;
    throw new Problem('conflict', upgrade?.reason ?? 'It is not known what became of the upgrade.');
  },
};
