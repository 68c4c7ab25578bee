/** The worker thread that evaluates active policies which are too large or too slow for the main thread. */
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../shared/threads/serve-tasks';
import { type PolicyTask, PolicyThread } from './policies/active/policy-thread';

const thread = new PolicyThread(Number(workerData));

serveTasks(async (input) => ({ result: thread.answer(input as PolicyTask) }));
