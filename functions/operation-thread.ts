/** The worker thread of operations on policies (`inThread`): they read, check and write up to several megabytes. */
import { loadConfig } from '../shared/config';
import { answerInThread, type ThreadCall } from '../shared/http/run-in-thread';
import { openServices } from '../shared/services';
import { serveTasks } from '../shared/threads/serve-tasks';
import { policyOperations } from './policies';
import { templateOperations } from './trigger-templates';

const operations = [...policyOperations, ...templateOperations];
const services = openServices(loadConfig());

serveTasks((input, log) => answerInThread(operations, services, input as ThreadCall, log));
