/** What the composition root uses of the service's own operations. */
export { serviceOperations } from './operations';
export { packageDoc } from './package-docs';
