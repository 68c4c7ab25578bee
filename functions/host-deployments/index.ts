/** What other capabilities may use of deployments through a host connection. */
export { openConnection } from './connection';
export { deploymentStep } from './deployment-step';
export { deploymentTask } from './deployment-task';
export { hostDeploymentsOfSite } from './deployments-of-site';
export { hostDeploymentOperations } from './operations';
export { sitesThroughConnection } from './sites-through-connection';
export { RUN_DEPLOYMENT, runDeployment } from './run-deployment';
