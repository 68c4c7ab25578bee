/** Reads the tasks that a caller may see: full administrators all of the customer, others their own. */
import type { Stored } from '../../shared/cosmos/document-type';
import type { Administrator } from '../../shared/identity/caller';
import { isUuid } from '../../shared/ids';
import type { Services } from '../../shared/services';
import { type Task, type TaskState, taskType } from '../../shared/tasks/task';
import { readTask } from '../../shared/tasks/task-steps';

type Viewer = Pick<Administrator, 'customerId' | 'id' | 'kind'>;

/** The task, or undefined when there is none that the caller may see. */
export async function findTask(
  services: Pick<Services, 'database'>,
  caller: Viewer,
  taskId: string,
): Promise<Stored<Task> | undefined> {
  if (!isUuid(taskId)) return undefined;
  const task = await readTask(services, { customerId: caller.customerId, taskId });
  return task && (seesAll(caller) || task.initiator.id === caller.id) ? task : undefined;
}

/** At most `limit` tasks behind the one whose id is `after`, newest first. */
export async function listTasks(
  { database }: Pick<Services, 'database'>,
  caller: Viewer,
  { state, kind }: { state?: TaskState | undefined; kind?: string | undefined },
  { limit, after }: { limit: number; after: string | undefined },
): Promise<Stored<Task>[]> {
  const initiator = seesAll(caller) ? undefined : caller.id;
  const given = Object.entries({ state, kind, initiator }).filter(
    (entry): entry is [keyof typeof CONDITIONS, string] => entry[1] !== undefined,
  );
  return database.control(caller.customerId).list(taskType, {
    ...(given.length > 0 ? { where: given.map(([name]) => CONDITIONS[name]).join(' AND ') } : {}),
    parameters: Object.fromEntries(given),
    order: 'descending',
    after,
    limit,
  });
}

const CONDITIONS = {
  state: 'c.state = @state',
  kind: 'c.kind = @kind',
  initiator: 'c.initiator.id = @initiator',
};

function seesAll({ kind }: Viewer): boolean {
  return kind === 'fullAdmin';
}
