/** Ends a task with one item that waited for something else, by whoever learns what came of it: no orchestration runs. */
import type { Services } from '../services';
import { end } from './task';
import { type ItemResult, storeResults, type TaskRef } from './task-pages';
import { changeTask } from './task-steps';

/** Ends the task with the result of its item, unless it has ended: the first result counts. */
export async function endWaitingTask(
  services: Pick<Services, 'database' | 'blobs' | 'clock'>,
  ref: TaskRef,
  result: ItemResult,
): Promise<void> {
  const [stored = result] = await storeResults(services, ref, 0, [result]);
  const counts = { succeeded: 0, failed: 0, [stored.outcome]: 1 };
  const error = stored.outcome === 'failed' ? stored.detail : undefined;
  await changeTask(services, ref, (task, now) => end({ ...task, error }, { counts }, now));
}
