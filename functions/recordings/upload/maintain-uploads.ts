/**
 * Does what is due for recordings: marks abandoned uploads, empties `incoming/`, sends lost verifications again, and resumes
 * archives and deletions that were interrupted.
 */
import { reportActivity } from '../../../shared/activity/report-activity';
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { findSession, sessionPartition } from '../../sessions';
import { isMoving, resumeMove } from '../moves/resume-move';
import { type Recording, recordingType } from '../recording';
import { readEventFields } from '../search/read-event-fields';
import { findRecording } from '../store';
import { verifyRecordingsQueue } from './complete-recording';
import { discardUploads } from './discard-uploads';
import { dueStep } from './upload-life';

type UploadMaintenance = Pick<Services, 'database' | 'blobs' | 'archives' | 'queues' | 'clock'>;

/** Every step can be repeated: the document is changed last. */
export async function maintainUploads(services: UploadMaintenance, log: Log): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'recordings',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'recording' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const recordingId = id.slice(`${recordingType.name}:`.length);
    try {
      await tendUpload(services, customerId, recordingId);
    } catch (error) {
      // It was continued meanwhile.
      if (error instanceof DocumentStale || error instanceof DocumentGone) continue;
      log.error('upload.not-maintained', error, { customerId, recordingId });
    }
  }
}

async function tendUpload(
  services: UploadMaintenance,
  customerId: string,
  recordingId: string,
): Promise<void> {
  const recording = await findRecording(services, customerId, recordingId);
  if (recording?.dueAt === undefined || recording.dueAt > services.clock.now().toISOString()) return;
  if (isMoving(recording)) return resumeMove(services, customerId, recording);
  const session = await findSession(services, customerId, recording.sessionId);
  const { change, discardUpload, verify } = dueStep(recording, session, services.clock.now());
  if (discardUpload) await discardUploads(services, customerId, recording);
  if (verify) await services.queues.send(verifyRecordingsQueue, { customerId, recordingId });
  if (change.state === 'abandoned') await reportAbandoned(services, customerId, recording, recording.dueAt);
  const isOver = change.dueAt === undefined || change.state === 'abandoned';
  const events = isOver ? await readEventFields(services, customerId, recording) : {};
  const partition = await sessionPartition(services, customerId, recording.sessionId);
  await partition.replace(recordingType, { ...recording, ...events, ...change });
}

async function reportAbandoned(
  services: UploadMaintenance,
  customerId: string,
  { id, userName, siteId, serverId, sessionId }: Stored<Recording>,
  dueAt: string,
): Promise<void> {
  await reportActivity(services, customerId, {
    at: new Date(dueAt),
    key: id,
    kind: 'recording.abandoned',
    severity: 'warning',
    message: `A recording of ${userName} was not uploaded in full: see whether its server is online and has space.`,
    siteId,
    serverId,
    sessionId,
    details: { recordingId: id },
  });
}
