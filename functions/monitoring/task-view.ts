/** Tasks as the API returns them. */
import { z } from 'zod';
import { commandData } from '../servers';
import { hasEnded, type Task, TASK_STATES } from '../../shared/tasks/task';

export const taskView = z
  .object({
    id: z.uuid(),
    kind: z.string().describe('Kind of work, such as `restrictRecordings`'),
    title: z.string(),
    initiator: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
    state: z
      .enum(TASK_STATES)
      .describe(
        '`Failed`: at least one item failed, or the work could not continue (`error`); `Canceled`: it stopped ' +
          'on request, and completed items stay completed',
      ),
    progress: z
      .object({ total: z.int(), succeeded: z.int(), failed: z.int() })
      .describe('Numbers of items; the results list has the result of each'),
    error: z.string().optional().describe('Why the work could not continue'),
    result: commandData.optional().describe('What a server has found out or done, for tasks of one server'),
    log: z.array(z.object({ at: z.iso.datetime(), text: z.string() })).describe('Oldest first'),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
    isCancelable: z.boolean().describe('Whether it can be canceled now'),
    cancelRequestedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Task' });

export function viewOfTask(task: Task): z.input<typeof taskView> {
  const { counts, total, isCancelable, cancelRequest, result, ...shown } = task;
  return {
    ...shown,
    result: commandData.safeParse(result).data,
    log: [...task.log],
    progress: { total, ...counts },
    isCancelable: isCancelable && !hasEnded(task),
    cancelRequestedAt: cancelRequest?.at,
  };
}
