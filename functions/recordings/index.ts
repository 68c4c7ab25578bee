/** What other capabilities may use of recordings. */
export { beginRecording } from './upload/begin-recording';
export { completeRecording, verifyRecordingsQueue } from './upload/complete-recording';
export { manifestSchema } from './upload/manifest';
export { recordingOperations } from './operations';
export { giveUpBatch, maintenanceBatchQueue, workOnBatch } from './maintenance/batches';
export { maintenanceRuns } from './maintenance/maintenance-schedule';
export { maintenanceSteps } from './maintenance/maintenance-steps';
export { maintenanceTask } from './maintenance/maintenance-task';
export { RUN_MAINTENANCE, runMaintenance } from './maintenance/run-maintenance';
export { recordingsOfSite } from './recordings-of-site';
export { CONTAINERS, RECORDING_STATES } from './recording';
export { resumeGates } from './hold/resume-gates';
export { restrictTask, unrestrictTask } from './restrictions/restriction-tasks';
export { findRecording } from './store';
export { giveUpVerification, verifyRecording } from './verification/verify-recording';
export { maintainUploads } from './upload/maintain-uploads';
