/** What other capabilities may use of identity. */
export { identityOperations } from './operations';
export { createSecureClient } from './secure-clients/issue-secret';
export { authenticateSecureClient } from './secure-clients/authenticate-secure-client';
