/** Where the cloud client's operations are, and under which tag they are described. */
export const BASE_PATH = '/api/cloud-client/v1';
export const TAG = 'Cloud client';
