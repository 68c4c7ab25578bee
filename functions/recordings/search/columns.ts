/** The properties of recordings that lists read: not the large ones that only queries compare. */
import type { Recording } from '../recording';

const LISTED = [
  'id',
  'sessionId',
  'part',
  'siteId',
  'serverId',
  'container',
  'state',
  'stateReason',
  'userName',
  'upn',
  'application',
  'deliveryGroup',
  'machine',
  'clientName',
  'clientAddress',
  'startedAt',
  'endedAt',
  'durationSeconds',
  'score',
  'sizeBytes',
  'sha256',
  'audio',
  'lossy',
  'eventCount',
  'eventTypes',
  'eventWordsOverflow',
  'score',
  'restrictedAt',
  'restrictedBy',
  'storage',
  'archivedAt',
  'blobLocation',
  'archiveFailure',
  'archiveBlockedUntil',
  'heldAt',
  'heldBy',
  'holdReason',
] as const satisfies readonly (keyof Recording)[];

const OF_THE_DOCUMENT = ['schemaVersion', '_etag'];

export const COLUMNS = [...LISTED, ...OF_THE_DOCUMENT].map((name) => `c.${name}`).join(', ');
