/** The kinds of task that restrict many sessions, or remove their restrictions. Items are ids of sessions or recordings. */
import { parseRecordingId } from '../../../shared/ids';
import { notFound } from '../../../shared/problem';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { findRecording } from '../store';
import { restrictSession, unrestrictSession } from './restrict-session';

export const restrictTask: TaskKind = restrictionTask('restrictRecordings', restrictSession);
export const unrestrictTask: TaskKind = restrictionTask('unrestrictRecordings', unrestrictSession);

function restrictionTask(name: string, change: typeof restrictSession): TaskKind {
  return {
    name,
    isCancelable: true,
    async work(services, { customerId, task: { initiator, createdAt } }, item) {
      const recording = parseRecordingId(item);
      if (recording && !(await findRecording(services, customerId, item))) throw notFound('recording');
      const by = { id: initiator.id, name: initiator.name };
      // A page that is worked on again must not undo what was decided meanwhile.
      const changed = await change(services, {
        customerId,
        sessionId: recording?.sessionId ?? item,
        by,
        at: createdAt,
        unlessDecidedSince: true,
      });
      return changed ? undefined : 'Nothing had to be changed.';
    },
  };
}
