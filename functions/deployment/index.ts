/** What other capabilities may use of deployment. */
export { deploymentOfSite } from './deployment-of-site';
export { enrolmentOperations } from './enrolment-operations';
export { deploymentOperations } from './operations';
