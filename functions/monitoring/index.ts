/** What other capabilities may use of monitoring. */
export { taskOperations } from './operations';
