/** Tasks: work that takes longer than a request. The document, and its states as pure transitions. */
import { days, documentType } from '../cosmos/document-type';
import type { Administrator, Author } from '../identity/caller';

/**
 * `Failed`: at least one item could not be done, or the work could not go on. `Canceled`: it stopped on request; what
 * was done before stays done.
 */
export const TASK_STATES = ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'] as const;
export type TaskState = (typeof TASK_STATES)[number];
type FinalState = Exclude<TaskState, 'NotStarted' | 'Running'>;

/** Numbers of items. */
export interface TaskCounts {
  succeeded: number;
  failed: number;
}

export interface TaskInitiator extends Author {
  /** Kind of administrator, `application`, or `system` for what a schedule starts. */
  kind: string;
}

export interface Task {
  /** UUIDv7: tasks sort by the time of their making. Also the id of the orchestration. */
  id: string;
  /** Name of its kind, see `TaskKind`. */
  kind: string;
  /** What it does, in one phrase. */
  title: string;
  initiator: TaskInitiator;
  /** Of the request that created it, for audit entries. */
  request: { traceId: string; clientAddress: string };
  /** What holds for all of its items, by name; never a secret. */
  parameters?: Readonly<Record<string, string>> | undefined;
  /** The orchestrator that works on it; absent: the one of tasks whose items are known from the start. */
  orchestrator?: string | undefined;
  isCancelable: boolean;
  state: TaskState;
  /** Of its items; both items and results lie in blobs, in so many pages. */
  total: number;
  pages: number;
  counts: TaskCounts;
  /** Why it could not go on, or why its only item failed; absent where items failed each for its own reason. */
  error?: string | undefined;
  /** What came of it, in tasks with one item whose kind has a result of its own. */
  result?: unknown;
  /** Oldest first, the last `MAX_LOG_LINES`. */
  log: { at: string; text: string }[];
  /** Times are RFC 3339 UTC. */
  createdAt: string;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  cancelRequest?: { at: string; by: Author } | undefined;
  /** When it was created, begun, or last made progress. */
  progressAt: string;
  /** When the sweep has to see whether it is still being worked on; absent once it has ended. */
  dueAt?: string | undefined;
}

export const taskType = documentType<Task>('task', {
  ttlSeconds: (task) => (hasEnded(task) ? days(90) : 'never'),
});

const MAX_LOG_LINES = 100;
/** A lost start is repeated after this time. */
const START_SECONDS = 60;
/** A round of pages takes seconds; without progress for this long, the work may have stopped. */
const SILENCE_SECONDS = 900;
const GIVE_UP_SECONDS = 86_400;

type NewTask = Pick<
  Task,
  'id' | 'kind' | 'title' | 'initiator' | 'request' | 'parameters' | 'isCancelable' | 'total' | 'pages'
> &
  Pick<Task, 'orchestrator'>;

/** A task that has not started yet. */
export function newTask(task: NewTask, now: Date): Task {
  const at = now.toISOString();
  return {
    ...task,
    state: 'NotStarted',
    counts: { succeeded: 0, failed: 0 },
    log: [],
    createdAt: at,
    progressAt: at,
    dueAt: later(now, START_SECONDS),
  };
}

/** The caller as the initiator of a task. */
export function initiatorOf({ id, name, kind, isApplication }: Administrator): TaskInitiator {
  return { id, name, kind: isApplication ? 'application' : (kind ?? 'none') };
}

/** Whether the task has ended. */
export function hasEnded({ state }: Pick<Task, 'state'>): boolean {
  return state !== 'NotStarted' && state !== 'Running';
}

/** A new task that waits for something else, such as the answer of a server, and is worked on then, or at `until`. */
export function waiting(task: Task, until: Date, now: Date): Task {
  const begun = begin(task, now) ?? task;
  return { ...begun, dueAt: until.toISOString() };
}

/** The task with a line about what it waits for; undefined when it has ended, or has this or a later line already. */
export function withNote<T extends Task>(task: T, at: string, text: string): T | undefined {
  const last = task.log.at(-1);
  if (hasEnded(task) || (last !== undefined && (last.at > at || last.text === text))) return undefined;
  return withLine({ ...task, progressAt: at }, new Date(at), text);
}

/** The task as it runs; undefined when it has ended. */
export function begin<T extends Task>(task: T, now: Date): T | undefined {
  if (hasEnded(task)) return undefined;
  if (task.state === 'Running') return task;
  const at = now.toISOString();
  const running = { ...task, state: 'Running', startedAt: at, progressAt: at } as const;
  return withLine({ ...running, dueAt: later(now, SILENCE_SECONDS) }, now, 'Started.');
}

/** The task with items that were found since it began, as totals; undefined when it has them, or has ended. */
export function withItems<T extends Task>(
  task: T,
  { total, pages }: Pick<Task, 'total' | 'pages'>,
): T | undefined {
  if (hasEnded(task) || pages <= task.pages) return undefined;
  return { ...task, total, pages };
}

/** The task with its counts so far. Counts are totals: reporting them again, or late, changes nothing. */
export function recordProgress<T extends Task>(task: T, counts: TaskCounts, now: Date): T | undefined {
  if (task.state !== 'Running' || sum(counts) < sum(task.counts)) return undefined;
  return { ...task, counts, progressAt: now.toISOString(), dueAt: later(now, SILENCE_SECONDS) };
}

/**
 * The task after a request to cancel it: canceled at once when it has not started, else the work stops soon.
 * Undefined when that was requested before.
 */
export function requestCancel<T extends Task>(task: T, by: Author, now: Date): T | undefined {
  if (task.cancelRequest) return undefined;
  const requested = { ...task, cancelRequest: { at: now.toISOString(), by } };
  return task.state === 'NotStarted'
    ? end(requested, { counts: task.counts, isCanceled: true }, now)
    : withLine(requested, now, `${by.name} requested to cancel it.`);
}

export interface TaskEnd {
  counts: TaskCounts;
  /** It stopped before its last page, since that was requested. */
  isCanceled?: boolean | undefined;
  /** Why it could not continue. */
  error?: string | undefined;
}

/** The task at its end; undefined when it has ended before. */
export function end<T extends Task>(
  task: T,
  { counts, isCanceled = false, error }: TaskEnd,
  now: Date,
): T | undefined {
  if (hasEnded(task)) return undefined;
  const { succeeded, failed } = counts;
  const state: FinalState = isCanceled
    ? 'Canceled'
    : error !== undefined || failed > 0
      ? 'Failed'
      : 'Succeeded';
  const at = now.toISOString();
  const why = error ?? task.error;
  const ended = { ...task, state, counts, error: why, endedAt: at, progressAt: at, dueAt: undefined };
  const left = task.total - succeeded - failed;
  const line = `${state}: ${succeeded} succeeded, ${failed} failed${left > 0 ? `, ${left} not done` : ''}.`;
  return withLine(ended, now, why === undefined ? line : `${line} ${why}`);
}

/** What the sweep does about a task that is due: start it (again), or give it up after a day without progress. */
export function resume<T extends Task>(task: T, now: Date): { task: T; start: boolean } | undefined {
  if (task.dueAt === undefined || task.dueAt > now.toISOString()) return undefined;
  if (now.getTime() - Date.parse(task.progressAt) > GIVE_UP_SECONDS * 1000) {
    const error = 'It made no progress for a day and was given up.';
    const ended = end(task, { counts: task.counts, error }, now);
    return ended && { task: ended, start: false };
  }
  const waitSeconds = task.state === 'Running' ? SILENCE_SECONDS : START_SECONDS;
  return { task: { ...task, dueAt: later(now, waitSeconds) }, start: true };
}

function withLine<T extends Task>(task: T, now: Date, text: string): T {
  return { ...task, log: [...task.log, { at: now.toISOString(), text }].slice(-MAX_LOG_LINES) };
}

function sum({ succeeded, failed }: TaskCounts): number {
  return succeeded + failed;
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
