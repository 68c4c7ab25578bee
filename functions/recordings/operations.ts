/** HTTP operations with which administrators find recordings. */
import { type Operation, operation } from '../../shared/http/operation';
import { loadVisibleRecording } from './access/visible-recording';
import { commandSearchOperations } from './command-searches/operations';
import { commentOperations } from './comments/operations';
import { maintenanceOperations } from './maintenance/operations';
import { holdOperations } from './hold/operations';
import { idleOperations } from './idle/operations';
import { moveOperations } from './moves/operations';
import { RECORDINGS_PATH as path } from './paths';
import { playbackOperations } from './playback/operations';
import { recordingView, viewOfRecording } from './recording';
import { performanceOperations } from './performance/operations';
import { restrictionOperations } from './restrictions/operations';
import { statisticsOperations } from './statistics/operations';
import { followUpOperation, searchRecordingsOperation, searchRestrictedOperation } from './search/operations';

const tag = 'Recordings';

const getRecording = operation({
  id: 'getRecording',
  method: 'GET',
  path: `${path}/{recordingId}`,
  tag,
  summary: 'Show a recording',
  description:
    'Restricted recordings are visible to full administrators and privileged players only; a read-only administrator sees ' +
    'what the playback permissions include.',
  access: 'recordings.search',
  success: { status: 200, description: 'The recording', body: recordingView },
  load: loadVisibleRecording,
  handle: async ({ resource }) => ({ body: viewOfRecording(resource) }),
});

export const recordingOperations: readonly Operation[] = [
  searchRecordingsOperation,
  getRecording,
  searchRestrictedOperation,
  followUpOperation,
  ...restrictionOperations,
  ...maintenanceOperations,
  ...statisticsOperations,
  ...commandSearchOperations,
  ...commentOperations,
  ...idleOperations,
  ...playbackOperations,
  ...performanceOperations,
  ...holdOperations,
  ...moveOperations,
];
