/** HTTP operations of tasks. */
import { z } from 'zod';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { notFound, Problem } from '../../shared/problem';
import { TASK_RETRY_SECONDS, TASKS_PATH as path } from '../../shared/tasks/create-task';
import { hasEnded, requestCancel, type Task, TASK_STATES, taskType } from '../../shared/tasks/task';
import type { TaskKind } from '../../shared/tasks/task-kind';
import { itemResult, listResults } from '../../shared/tasks/task-pages';
import { findTask, listTasks } from './find-task';
import { taskView, viewOfTask } from './task-view';

const tag = 'Tasks';
const access = 'tasks.manage';
const OWN_ONLY = 'Full administrators see all tasks, privileged players those that they have started.';

const getTasks = (kinds: readonly TaskKind[]) =>
  operation({
    id: 'listTasks',
    method: 'GET',
    path,
    tag,
    summary: 'List tasks',
    description: `Newest first. ${OWN_ONLY} A task is kept for 90 days after its end.`,
    access,
    query: z.strictObject({
      ...pageQuery,
      state: z.enum(TASK_STATES).optional().describe('Tasks in this state'),
      kind: z
        .enum(kinds.map(({ name }) => name))
        .optional()
        .describe('Tasks of this kind'),
    }),
    success: { status: 200, description: 'A page of tasks', body: pageOf(taskView) },
    async handle({ query, caller, services }) {
      const { state, kind } = query;
      const body = await readPage({
        services,
        caller,
        path,
        query,
        read: (limit, after) => listTasks(services, caller, { state, kind }, { limit, after }),
        keyOf: (task) => task.id,
        toItem: viewOfTask,
      });
      return { body };
    },
  });

const getTask = operation({
  id: 'getTask',
  method: 'GET',
  path: `${path}/{id}`,
  tag,
  summary: 'Show a task',
  description: `${OWN_ONLY} While it is running, Retry-After says when to poll again.`,
  access,
  success: { status: 200, description: 'The task', body: taskView },
  load: ({ params, caller, services }) => findTask(services, caller, params.id),
  handle: async ({ resource }) => ({ body: viewOfTask(resource), ...untilItEnds(resource) }),
});

const getResults = operation({
  id: 'listTaskResults',
  method: 'GET',
  path: `${path}/{id}/results`,
  tag,
  summary: 'List the results of the items of a task',
  description:
    'In the order of the items. Unfinished items have no result: the list grows until the task ends.',
  access,
  query: z.strictObject(pageQuery),
  success: {
    status: 200,
    description: 'A page of results',
    body: pageOf(itemResult.meta({ id: 'TaskItemResult' })),
  },
  load: ({ params, caller, services }) => findTask(services, caller, params.id),
  async handle({ resource: { id, pages }, query, caller, services }) {
    const ref = { customerId: caller.customerId, taskId: id };
    const body = await readPage({
      services,
      caller,
      path: `${path}/${id}/results`,
      query,
      read: (limit, after) =>
        listResults(services, ref, { pages, first: after === undefined ? 0 : Number(after) + 1, limit }),
      keyOf: ({ number }) => String(number),
      toItem: ({ result }) => result,
    });
    return { body };
  },
});

const cancelTask = operation({
  id: 'cancelTask',
  method: 'POST',
  path: `${path}/{id}/cancel`,
  tag,
  summary: 'Cancel a task',
  description:
    'It becomes `Canceled` when the work has stopped, unless it ends first; completed items stay ' +
    'completed. Repeating the request has no effect.',
  access,
  success: { status: 202, description: 'The task, which will stop soon', body: taskView },
  task: true,
  problems: ['conflict'],
  audit: { action: 'task.cancel', when: 'ifChanged' },
  load: ({ params, caller, services }) => findTask(services, caller, params.id),
  async handle({ resource, caller, services, audit }) {
    const task = await retryConflicts(async () => {
      const known = await findTask(services, caller, resource.id);
      if (!known) throw notFound('task');
      if (known.state === 'Canceled') return known;
      checkCancelable(known);
      const by = { id: caller.id, name: caller.name };
      const next = requestCancel(known, by, services.clock.now());
      if (!next) return known;
      await audit.commit([change.replace(taskType, next, known.etag)], {
        target: { type: 'task', id: known.id, name: known.title },
      });
      return next;
    });
    return { body: viewOfTask(task), operationLocation: `${path}/${task.id}`, ...untilItEnds(task) };
  },
});

function checkCancelable(task: Task): void {
  if (hasEnded(task)) throw new Problem('conflict', `The task has already ended: ${task.state}.`);
  if (!task.isCancelable) throw new Problem('conflict', 'A task of this kind cannot be canceled.');
}

function untilItEnds(task: Task): { retryAfterSeconds?: number } {
  return hasEnded(task) ? {} : { retryAfterSeconds: TASK_RETRY_SECONDS };
}

/** The operations of an app that has these kinds of tasks. */
export const taskOperations = (kinds: readonly TaskKind[]): readonly Operation[] => [
  getTasks(kinds),
  getTask,
  getResults,
  cancelTask,
];
