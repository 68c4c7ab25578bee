/** What other capabilities may use of deployment. */
export { deploymentOperations } from './operations';
