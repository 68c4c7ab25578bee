/** What other capabilities may use of recordings. */
export { beginRecording } from './begin-recording';
export { completeRecording, verifyRecordingsQueue } from './complete-recording';
export { manifestSchema } from './manifest';
export { recordingOperations } from './operations';
export { CONTAINERS, RECORDING_STATES } from './recording';
export { resumeRestrictions } from './restrictions/copy-restriction';
export { restrictTask, unrestrictTask } from './restrictions/restriction-tasks';
export { findRecording } from './store';
export { giveUpVerification, verifyRecording } from './verify-recording';
