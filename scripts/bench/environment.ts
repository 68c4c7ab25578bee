/** A complete configuration of the app without reachable services: nothing measured here may make a call. */
export const benchEnvironment = {
  PUBLIC_URL: 'http://127.0.0.1',
  ADMIN_ISSUER: 'https://login.invalid/{tenantid}/v2.0',
  ADMIN_AUDIENCE: 'api://session-recording',
  ADMIN_JWKS_URL: 'https://login.invalid/keys',
  ADMIN_TENANTS: '*',
  COSMOS_ENDPOINT: 'https://cosmos.invalid',
  STORAGE_BLOB_ENDPOINT: 'https://blob.invalid',
  STORAGE_QUEUE_ENDPOINT: 'https://queue.invalid',
  KEY_VAULT_URL: 'https://vault.invalid',
  EVENT_GRID_TOPIC_ENDPOINT: 'https://topic.invalid/api/events',
};
