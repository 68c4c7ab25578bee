/** What other capabilities may use of identity. */
export { identityOperations } from './operations';
export { authenticateSecureClient } from './secure-clients/authenticate-secure-client';
