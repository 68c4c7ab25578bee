/**
 * Changes a gate (restriction, legal hold) of the sessions that a request names: of few recordings within the request, of
 * many as a task.
 */
import { z } from 'zod';
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Administrator } from '../../../shared/identity/caller';
import { Problem } from '../../../shared/problem';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { createTask, repeatTask } from '../../../shared/tasks/create-task';
import { initiatorOf, type Task } from '../../../shared/tasks/task';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import type { Log } from '../../../shared/telemetry/telemetry';
import { findSession } from '../../sessions';
import { visibleSessions } from '../access/visible-session';
import type { NamedSession } from '../restrictions/named-sessions';
import { type LoadedSession, loadSession } from '../restrictions/restrict-session';
import type { SessionChange } from './session-change';

/** More recordings than this, including others of the same sessions, are processed by a task. */
const RECORDINGS_IN_REQUEST = 40;
const CONCURRENT_SESSIONS = 8;

/** The result for one session. */
export const gateResultFields = {
  sessionId: z.uuid(),
  recordingIds: z.array(z.string()).describe('All recordings of the session'),
  outcome: z.enum(['changed', 'unchanged', 'failed']),
  code: z.string().optional(),
  detail: z.string().optional(),
};
type Result = z.input<z.ZodObject<typeof gateResultFields>>;

export interface GateRequest {
  services: Services;
  log: Log;
  audit: AuditTrail;
  caller: Administrator;
  request: Task['request'];
  newId: () => string;
}

/** What is changed, and how. */
export interface GateChange {
  /** Changes one session; returns whether that changed anything. @throws Problem */
  apply(services: Services, change: SessionChange): Promise<boolean>;
  /** Refuses all of it before anything is changed. @throws Problem */
  check?(
    request: GateRequest,
    named: readonly NamedSession[],
    sessions: readonly LoadedSession[],
  ): Promise<void>;
  task: TaskKind;
  parameters?: Readonly<Record<string, string>>;
  /** The title of the task, for `sessions` such as “3 sessions”. */
  title(sessions: string): string;
  /** What the audit entry says beside the sessions. */
  logged: Record<string, unknown>;
}

/** The sessions that a request names, and how many recordings and sessions it named. */
export interface NamedSessions {
  named: readonly NamedSession[];
  count: number;
}

/** The response: results, or the task that was started. @throws Problem when nothing could be changed */
export async function changeGates(request: GateRequest, change: GateChange, { named, count }: NamedSessions) {
  await refuseHidden(request, named);
  const id = request.newId();
  const repeated = await repeatTask(
    request.services,
    { customerId: request.caller.customerId, taskId: id },
    (task) => request.audit.commit([], taskDetails(change, named, task)),
  );
  if (repeated) return { ...repeated, body: { results: [] } };
  const sessions = count > RECORDINGS_IN_REQUEST ? undefined : await loadFew(request, named);
  if (!sessions) return startGateTask(request, change, named, id);
  await change.check?.(request, named, sessions);
  await request.audit.commit([], auditDetails(change, named));
  const results = await mapConcurrently(sessions, CONCURRENT_SESSIONS, (loaded) =>
    changeOne(request, change, loaded),
  );
  return { body: { results } };
}

/**
 * The sessions with their recordings; undefined when they are too many for one request.
 * @throws Problem `not-found` listing the missing ones
 */
async function loadFew(
  { services, caller: { customerId } }: GateRequest,
  named: readonly NamedSession[],
): Promise<LoadedSession[] | undefined> {
  const found = await mapConcurrently(named, CONCURRENT_SESSIONS, ({ sessionId }) =>
    loadSession(services, { customerId, sessionId }, RECORDINGS_IN_REQUEST + 1),
  );
  const sessions = found.filter((loaded) => loaded !== undefined);
  const total = sessions.reduce((sum, { recordings }) => sum + recordings.length, 0);
  if (total > RECORDINGS_IN_REQUEST) return undefined;
  requireFound(named, found);
  return sessions;
}

/** @throws Problem `not-found` listing what the request names and does not exist */
export function requireFound(
  named: readonly NamedSession[],
  found: readonly (LoadedSession | undefined)[],
): void {
  const missing = named.flatMap(({ names }, index) => {
    const ids = new Set(found[index]?.recordings.map(({ id }) => id));
    return names.filter(({ recordingId }) => !found[index] || (recordingId && !ids.has(recordingId)));
  });
  if (missing.length > 0) throw someNotFound(missing);
}

/** Read-only administrators change only what they see. @throws Problem `not-found` listing the others */
async function refuseHidden(
  { services, caller }: GateRequest,
  named: readonly NamedSession[],
): Promise<void> {
  if (caller.kind !== 'readOnlyAdmin') return;
  const isVisible = await visibleSessions(services, caller);
  const hidden = await mapConcurrently(named, CONCURRENT_SESSIONS, async ({ sessionId, names }) => {
    const session = await findSession(services, caller.customerId, sessionId);
    return session && isVisible(session) ? [] : names;
  });
  if (hidden.flat().length > 0) throw someNotFound(hidden.flat());
}

function someNotFound(missing: readonly { pointer: string }[]): Problem {
  return new Problem(
    'not-found',
    'Some recordings or sessions were not found, or you have no access to them.',
    { errors: missing.map(({ pointer }) => ({ pointer, detail: 'Not found.' })) },
  );
}

async function changeOne(
  { services, caller }: GateRequest,
  change: GateChange,
  { session, recordings }: LoadedSession,
): Promise<Result> {
  const { customerId, id, name } = caller;
  const result = { sessionId: session.id, recordingIds: recordings.map((recording) => recording.id) };
  const at = services.clock.now().toISOString();
  try {
    const changed = await change.apply(services, { customerId, sessionId: session.id, by: { id, name }, at });
    return { ...result, outcome: changed ? 'changed' : 'unchanged' };
  } catch (error) {
    // Checked before, but it may have changed since.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { ...result, outcome: 'failed', code: error.code, detail: error.detail };
  }
}

async function startGateTask(
  { services, log, audit, caller, request }: GateRequest,
  change: GateChange,
  named: readonly NamedSession[],
  id: string,
) {
  const task = {
    id,
    title: change.title(named.length === 1 ? 'one session' : `${named.length} sessions`),
    initiator: initiatorOf(caller),
    request,
    customerId: caller.customerId,
    kind: change.task,
    ...(change.parameters ? { parameters: change.parameters } : {}),
    items: named.flatMap(itemsOf),
  };
  const started = await createTask(services, log, task, (changes) =>
    audit.commit(changes, taskDetails(change, named, task)),
  );
  return { ...started, body: { results: [] } };
}

/** A session that is named by its own id is one item, else each of its recordings is: each must exist. */
function itemsOf({ sessionId, names }: NamedSession): string[] {
  const recordingIds = names.flatMap(({ recordingId }) => recordingId ?? []);
  return recordingIds.length < names.length ? [sessionId] : [...new Set(recordingIds)];
}

function auditDetails({ logged }: GateChange, named: readonly NamedSession[]) {
  return { new: { ...logged, sessionIds: named.map(({ sessionId }) => sessionId) } };
}

function taskDetails(
  change: GateChange,
  named: readonly NamedSession[],
  { id, title }: Pick<Task, 'id' | 'title'>,
) {
  return { ...auditDetails(change, named), target: { type: 'task', id, name: title } };
}
