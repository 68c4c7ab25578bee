/** What other capabilities may use of recordings. */
export { beginRecording } from './begin-recording';
export { completeRecording } from './complete-recording';
export { type EventBatchContent, keepEventBatch } from './event-batch';
export { manifestSchema } from './manifest';
export { recordingOperations } from './operations';
export { CONTAINERS, RECORDING_STATES } from './recording';
export { listMonth, recordingMonths } from './recording-months';
export { partAt, type Session, sessionType } from './session';
export { findRecording, findSession } from './store';
export { registerRecordingTriggers } from './triggers';
