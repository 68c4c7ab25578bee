/** Restricts requested recordings or removes their restriction: few within the request, many as a task (RCD-3). */
import { z } from 'zod';
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Administrator } from '../../../shared/identity/caller';
import { type FieldError, Problem } from '../../../shared/problem';
import { mapConcurrently } from '../../../shared/pure/map-concurrently';
import type { Services } from '../../../shared/services';
import { createTask } from '../../../shared/tasks/create-task';
import { initiatorOf, type Task } from '../../../shared/tasks/task';
import type { Log } from '../../../shared/telemetry/telemetry';
import { requireFeatures } from '../../servers';
import { findSession } from '../../sessions';
import { visibleSessions } from '../access/visible-session';
import type { NamedSession } from './named-sessions';
import {
  type LoadedSession,
  loadSession,
  restrictSession,
  unrestrictSession,
  whyLive,
} from './restrict-session';
import { restrictTask, unrestrictTask } from './restriction-tasks';

/** More recordings than this, including others of the same sessions, are processed by a task. */
const RECORDINGS_IN_REQUEST = 40;
const CONCURRENT_SESSIONS = 8;

export const restrictionResult = z
  .object({
    sessionId: z.uuid(),
    recordingIds: z.array(z.string()).describe('All recordings of the session'),
    outcome: z.enum(['changed', 'unchanged', 'failed']),
    code: z.string().optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'RestrictionResult' });
type Result = z.input<typeof restrictionResult>;

interface Request {
  services: Services;
  log: Log;
  audit: AuditTrail;
  caller: Administrator;
  request: Task['request'];
  newId: () => string;
}

/** Whether to restrict access, and to which recordings and sessions. */
export interface RestrictionRequest {
  restrict: boolean;
  named: readonly NamedSession[];
  /** How many recordings and sessions the request names. */
  count: number;
}

/** The response: results, or the task that was started. @throws Problem when nothing could be changed */
export async function changeRestrictions(request: Request, { restrict, named, count }: RestrictionRequest) {
  await refuseHidden(request, named);
  const sessions = count > RECORDINGS_IN_REQUEST ? undefined : await loadFew(request, named);
  if (!sessions) return startRestrictionTask(request, restrict, named);
  if (restrict) await checkRestrictable(request, named, sessions);
  await request.audit.commit([], auditDetails(restrict, named));
  const results = await mapConcurrently(sessions, CONCURRENT_SESSIONS, (loaded) =>
    changeOne(request, restrict, loaded),
  );
  return { body: { results } };
}

/** Read-only administrators restrict only what they see. @throws Problem `not-found` listing the others */
async function refuseHidden({ services, caller }: Request, named: readonly NamedSession[]): Promise<void> {
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

/**
 * The sessions with their recordings; undefined when they are too many for one request.
 * @throws Problem `not-found` listing the missing ones
 */
async function loadFew(
  { services, caller: { customerId } }: Request,
  named: readonly NamedSession[],
): Promise<LoadedSession[] | undefined> {
  const found = await mapConcurrently(named, CONCURRENT_SESSIONS, ({ sessionId }) =>
    loadSession(services, { customerId, sessionId }, RECORDINGS_IN_REQUEST + 1),
  );
  const sessions = found.filter((loaded) => loaded !== undefined);
  const total = sessions.reduce((sum, { recordings }) => sum + recordings.length, 0);
  if (total > RECORDINGS_IN_REQUEST) return undefined;
  const missing = named.flatMap(({ names }, index) => {
    const ids = new Set(found[index]?.recordings.map(({ id }) => id));
    return names.filter(({ recordingId }) => !found[index] || (recordingId && !ids.has(recordingId)));
  });
  if (missing.length > 0) throw someNotFound(missing);
  return sessions;
}

/** @throws Problem `conflict` listing the live ones, or `feature-not-supported` */
async function checkRestrictable(
  { services, caller: { customerId } }: Request,
  named: readonly NamedSession[],
  sessions: readonly LoadedSession[],
): Promise<void> {
  const errors = sessions.flatMap((loaded, index): FieldError[] => {
    const detail = whyLive(loaded, services.clock.now());
    return detail === undefined
      ? []
      : (named[index]?.names ?? []).map(({ pointer }) => ({ pointer, detail }));
  });
  if (errors.length > 0) {
    throw new Problem('conflict', 'Live recordings cannot be restricted: retry when they have ended.', {
      errors,
    });
  }
  const siteIds = new Set(sessions.map(({ session }) => session.siteId));
  for (const siteId of siteIds) await requireFeatures(services, customerId, siteId, ['accessRestrictions']);
}

async function changeOne(
  { services, caller }: Request,
  restrict: boolean,
  { session, recordings }: LoadedSession,
): Promise<Result> {
  const { customerId, id, name } = caller;
  const result = { sessionId: session.id, recordingIds: recordings.map((recording) => recording.id) };
  const change = {
    customerId,
    sessionId: session.id,
    by: { id, name },
    at: services.clock.now().toISOString(),
  };
  try {
    const changed = await (restrict ? restrictSession : unrestrictSession)(services, change);
    return { ...result, outcome: changed ? 'changed' : 'unchanged' };
  } catch (error) {
    // Checked before, but it may have changed since.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { ...result, outcome: 'failed', code: error.code, detail: error.detail };
  }
}

async function startRestrictionTask(
  { services, log, audit, caller, request, newId }: Request,
  restrict: boolean,
  named: readonly NamedSession[],
) {
  const id = newId();
  const sessions = named.length === 1 ? 'one session' : `${named.length} sessions`;
  const task = {
    id,
    title: restrict ? `Restrict the recordings of ${sessions}` : `Remove the restrictions of ${sessions}`,
    initiator: initiatorOf(caller),
    request,
    customerId: caller.customerId,
    kind: restrict ? restrictTask : unrestrictTask,
    items: named.flatMap(itemsOf),
  };
  const details = { ...auditDetails(restrict, named), target: { type: 'task', id, name: task.title } };
  const started = await createTask(services, log, task, (changes) => audit.commit(changes, details));
  return { ...started, body: { results: [] } };
}

/** A session that is named by its own id is one item, else each of its recordings is: each must exist. */
function itemsOf({ sessionId, names }: NamedSession): string[] {
  const recordingIds = names.flatMap(({ recordingId }) => recordingId ?? []);
  return recordingIds.length < names.length ? [sessionId] : [...new Set(recordingIds)];
}

function auditDetails(restrict: boolean, named: readonly NamedSession[]) {
  return { new: { restricted: restrict, sessionIds: named.map(({ sessionId }) => sessionId) } };
}
