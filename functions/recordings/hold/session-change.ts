/** A change of a gate of one session, and the kind of task that makes it for many. */
import type { Author } from '../../../shared/identity/caller';
import { parseRecordingId } from '../../../shared/ids';
import { notFound } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import type { Task } from '../../../shared/tasks/task';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { findRecording } from '../store';

export interface SessionChange {
  customerId: string;
  sessionId: string;
  by: Author;
  /** When it was requested; RFC 3339 UTC. */
  at: string;
  /** The work may be delayed: changes made after `at` are kept. */
  unlessDecidedSince?: boolean;
}

/** A kind of task whose items are ids of sessions or recordings. */
export function sessionTask(
  name: string,
  change: (services: Services, change: SessionChange, task: Task) => Promise<boolean>,
): TaskKind {
  return {
    name,
    isCancelable: true,
    async work(services, { customerId, task }, item) {
      const recording = parseRecordingId(item);
      const stored = recording && (await findRecording(services, customerId, item));
      if (recording && (!stored || stored.state === 'deleting')) throw notFound('recording');
      const { id, name: initiator } = task.initiator;
      const asked = {
        customerId,
        sessionId: recording?.sessionId ?? item,
        by: { id, name: initiator },
        at: task.createdAt,
        // Retrying a page must not undo later changes.
        unlessDecidedSince: true,
      };
      return (await change(services, asked, task)) ? undefined : 'Nothing had to be changed.';
    },
  };
}
