/** What other capabilities may use of deployment. */
export { enrolmentOperations } from './enrolment-operations';
export { deploymentOperations } from './operations';
