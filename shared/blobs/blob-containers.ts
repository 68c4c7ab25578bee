/** The blob containers of the service. */

/** Dead-letter container of Event Grid. */
export const DEAD_LETTERS = 'dead-letters';
/** Where every archive location keeps recordings, in its own storage account. */
export const ARCHIVE_CONTAINER = 'recording-archive';
/** What machines install: the files, and the catalogue that lists them. */
export const PACKAGES = 'packages';
/**
 * The blob containers of the service. Lifecycle rules delete from `tasks` (items and results of tasks) after a year, and
 * from `server-logs` (logs that servers uploaded) after 90 days.
 */
export const BLOB_CONTAINERS = [
  'recordings',
  ARCHIVE_CONTAINER,
  'policies',
  'tasks',
  'server-logs',
  PACKAGES,
  DEAD_LETTERS,
] as const;
export type BlobContainer = (typeof BLOB_CONTAINERS)[number];
