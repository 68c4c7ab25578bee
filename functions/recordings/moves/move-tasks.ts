/** Task kinds that archive and delete recordings. Items are ids of recordings. */
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { archiveRecording } from './archive-recording';
import { deleteRecording } from './delete-recording';

export const archiveTask: TaskKind = {
  name: 'archiveRecordings',
  isCancelable: true,
  work: (services, { customerId, task: { id: operation, parameters } }, recordingId) =>
    archiveRecording(services, {
      customerId,
      recordingId,
      operation,
      isScheduled: false,
      location: parameters?.['location'] ?? services.archives.defaultName,
      serverFolder: parameters?.['serverFolder'],
    }),
};

export const deleteTask: TaskKind = {
  name: 'deleteRecordings',
  isCancelable: true,
  work: (services, { customerId, task: { id: operation, parameters } }, recordingId) =>
    deleteRecording(services, {
      customerId,
      recordingId,
      operation,
      isScheduled: false,
      deleteFiles: parameters?.['deleteFiles'] === 'true',
    }),
};
