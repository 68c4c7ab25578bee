/** Base path and documentation tag of the cloud client's operations. */
export const BASE_PATH = '/api/cloud-client/v1';
export const TAG = 'Cloud client';
