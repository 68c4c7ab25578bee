/** Work on recordings that is queued. */
import { app } from '@azure/functions';
import { poisonQueueName } from '../../shared/queues/queue';
import type { Services } from '../../shared/services';
import { verifyRecordingsQueue } from './complete-recording';
import { giveUpVerification, verifyRecording } from './verify-recording';

/** The connection under which the host knows the storage account. */
const STORAGE = 'AzureWebJobsStorage';

/** Registers the queue triggers of recordings. */
export function registerRecordingTriggers(services: () => Services): void {
  app.storageQueue('verifyRecording', {
    queueName: verifyRecordingsQueue.name,
    connection: STORAGE,
    handler: (message) => verifyRecording(services(), verifyRecordingsQueue.message.parse(message)),
  });
  app.storageQueue('giveUpVerification', {
    queueName: poisonQueueName(verifyRecordingsQueue),
    connection: STORAGE,
    handler: (message) => giveUpVerification(services(), verifyRecordingsQueue.message.parse(message)),
  });
}
