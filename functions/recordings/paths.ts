/** Base path of the operations on recordings. */
export const RECORDINGS_PATH = '/api/v1/recordings';
