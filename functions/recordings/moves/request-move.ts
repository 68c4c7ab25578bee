/** Requests to archive or delete recordings: checked as a whole, then done by a task with a result for each recording. */
import { type FieldError, Problem } from '../../../shared/problem';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import { createTask, repeatTask } from '../../../shared/tasks/create-task';
import { initiatorOf } from '../../../shared/tasks/task';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { type GateRequest, requireFound } from '../hold/request-gates';
import type { NamedSession } from '../restrictions/named-sessions';
import { type LoadedSession, loadSession, whyLive } from '../restrictions/restrict-session';
import { whyNotMovable } from './why-held-back';

const CONCURRENT_SESSIONS = 16;
/** Each of them is a result of the task. */
const MAX_RECORDINGS = 10_000;

export interface MoveRequest {
  task: TaskKind;
  verb: 'Archive' | 'Delete';
  refuseRestricted: boolean;
  parameters: Readonly<Record<string, string>>;
  /** What else the request must have for these recordings. @throws Problem */
  check?(sessions: readonly LoadedSession[]): void;
}

/**
 * Starts the task for all recordings of the sessions.
 * @throws Problem `not-found`, `conflict` listing what is live, held or restricted, `validation-failed`; nothing is changed then
 */
export async function requestMove(request: GateRequest, move: MoveRequest, named: readonly NamedSession[]) {
  const { services, caller, log, audit, newId } = request;
  const { customerId } = caller;
  const id = newId();
  const details = (name: string, sessionIds: string[]) => ({
    target: { type: 'task', id, name },
    new: { ...move.parameters, sessionIds },
  });
  // Of a repeated request, the recordings may already be on their way.
  const repeated = await repeatTask(services, { customerId, taskId: id }, ({ title }) =>
    audit.commit(
      [],
      details(
        title,
        named.map(({ sessionId }) => sessionId),
      ),
    ),
  );
  if (repeated) return repeated;
  const sessions = await loadMovable(request, move, named);
  const items = sessions.flatMap(({ recordings }) => recordings.map((recording) => recording.id));
  if (items.length > MAX_RECORDINGS)
    throw new Problem('conflict', `They have ${items.length} recordings: choose at most ${MAX_RECORDINGS}.`);
  const title = `${move.verb} ${items.length === 1 ? 'one recording' : `${items.length} recordings`}`;
  const { parameters, task: kind } = move;
  const task = {
    id,
    title,
    initiator: initiatorOf(caller),
    request: request.request,
    customerId,
    kind,
    parameters,
    items,
  };
  const sessionIds = sessions.map(({ session }) => session.id);
  return createTask(services, log, task, (changes) => audit.commit(changes, details(title, sessionIds)));
}

async function loadMovable(
  { services, caller: { customerId } }: GateRequest,
  move: MoveRequest,
  named: readonly NamedSession[],
): Promise<LoadedSession[]> {
  const loaded = await mapConcurrently(named, CONCURRENT_SESSIONS, ({ sessionId }) =>
    loadSession(services, { customerId, sessionId }),
  );
  // There is nothing to move of a session without recordings, or whose recordings are being deleted.
  const found = loaded.map((session) => (session?.recordings.length === 0 ? undefined : session));
  requireFound(named, found);
  const sessions = found.filter((session) => session !== undefined);
  checkMovable(sessions, named, services.clock.now(), move.refuseRestricted);
  move.check?.(sessions);
  return sessions;
}

function checkMovable(
  sessions: readonly LoadedSession[],
  named: readonly NamedSession[],
  now: Date,
  refuseRestricted: boolean,
): void {
  const errors = sessions.flatMap((loaded, index): FieldError[] => {
    const detail = whyNotMovable(loaded.session, now, { refuseRestricted }) ?? whyPartIsLive(loaded, now);
    if (detail === undefined) return [];
    return (named[index]?.names ?? []).map(({ pointer }) => ({ pointer, detail }));
  });
  if (errors.length > 0)
    throw new Problem('conflict', 'Nothing was changed: some of the sessions cannot be moved now.', {
      errors,
    });
}

/** Also while what was uploaded is being verified. */
function whyPartIsLive(loaded: LoadedSession, now: Date): string | undefined {
  const verifying = loaded.recordings.find(({ state }) => state === 'verifying');
  if (verifying) return `Part ${verifying.part} of the session's recording is being verified.`;
  return whyLive({ ...loaded, session: { ...loaded.session, state: 'ended' } }, now);
}
