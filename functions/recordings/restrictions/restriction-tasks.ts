/** The kinds of task that restrict many sessions, or remove their restrictions. Items are session ids. */
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { restrictSession, unrestrictSession } from './restrict-session';

export const restrictTask: TaskKind = restrictionTask('restrictRecordings', restrictSession);
export const unrestrictTask: TaskKind = restrictionTask('unrestrictRecordings', unrestrictSession);

function restrictionTask(name: string, change: typeof restrictSession): TaskKind {
  return {
    name,
    isCancelable: true,
    async work(services, { customerId, task: { initiator, createdAt } }, sessionId) {
      const by = { id: initiator.id, name: initiator.name };
      // A page that is worked on again must not undo what was decided meanwhile.
      const changed = await change(services, {
        customerId,
        sessionId,
        by,
        at: createdAt,
        unlessDecidedSince: true,
      });
      return changed ? undefined : 'Nothing had to be changed.';
    },
  };
}
