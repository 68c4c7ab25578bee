/** The queue of tasks to start: ids only. */
import type { QueueDefinition } from '../queues/queue';
import { type TaskRef, taskRef } from './task-pages';

export const startTaskQueue: QueueDefinition<TaskRef> = { name: 'start-task', message: taskRef };
