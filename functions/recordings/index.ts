/** What other capabilities may use of recordings. */
export { addSegments } from './live/live-upload';
export { givenSegments } from './live/segments';
export { beginRecording } from './upload/begin-recording';
export { completeRecording, verifyRecordingsQueue } from './upload/complete-recording';
export { eventOperations } from './events/operations';
export { manifestSchema } from './upload/manifest';
export { recordingOperations } from './operations';
export { archiveTask, deleteTask } from './moves/move-tasks';
export { recordingFileCommands } from './moves/server-file-commands';
export { recordingsOfSite } from './recordings-of-site';
export { CONTAINERS, RECORDING_STATES } from './recording';
export { holdTask, releaseTask } from './hold/hold-tasks';
export { resumeGates } from './hold/resume-gates';
export { restrictTask, unrestrictTask } from './restrictions/restriction-tasks';
export { findRecording } from './store';
export { giveUpVerification, verifyRecording } from './verification/verify-recording';
export { maintainUploads } from './upload/maintain-uploads';
