/** What other capabilities may use of identity. */
export { identityOperations } from './operations';
export { findFastSeek } from './preferences/store';
export { createSecureClient, replaceSecrets } from './secure-clients/issue-secret';
export { revokeSecureClient } from './secure-clients/revoke-secure-client';
export { secretExpiryWarnings, watchOlderClients } from './secure-clients/secret-expiry';
export { authenticateSecureClient } from './secure-clients/authenticate-secure-client';
export { readSignIns, SIGN_IN_REFUSALS, type SignInRefusal, type SignIns } from './secure-clients/sign-ins';
