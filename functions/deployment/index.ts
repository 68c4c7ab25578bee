/** What other capabilities may use of deployment. */
export { checkPlan } from './check-plan';
export { deploymentOfSite } from './deployment-of-site';
export { createEnrolment } from './enrolment';
export { enrolmentOperations } from './enrolment-operations';
export { deploymentOperations } from './operations';
export { siteTemplateType, templateContext } from './site-template';
