/** Tasks as callers see them. */
import { z } from 'zod';
import { hasEnded, type Task, TASK_STATES } from '../../shared/tasks/task';

export const taskView = z
  .object({
    id: z.uuid(),
    kind: z.string().describe('What sort of work it is, such as `restrictRecordings`'),
    title: z.string(),
    initiator: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
    state: z
      .enum(TASK_STATES)
      .describe(
        '`Failed`: at least one item could not be done, or the work could not go on (`error`); `Canceled`: it stopped ' +
          'on request, and what was done before stays done',
      ),
    progress: z
      .object({ total: z.int(), succeeded: z.int(), failed: z.int() })
      .describe('Numbers of items; what became of each is among the results'),
    error: z.string().optional().describe('Why the work could not go on'),
    log: z.array(z.object({ at: z.iso.datetime(), text: z.string() })).describe('Oldest first'),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
    isCancelable: z.boolean().describe('Whether it can be canceled now'),
    cancelRequestedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Task' });

export function viewOfTask(task: Task): z.input<typeof taskView> {
  const { counts, total, isCancelable, cancelRequest, ...shown } = task;
  return {
    ...shown,
    log: [...task.log],
    progress: { total, ...counts },
    isCancelable: isCancelable && !hasEnded(task),
    cancelRequestedAt: cancelRequest?.at,
  };
}
