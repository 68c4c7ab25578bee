/** The sweep that removes staged copies a day after they were made or last played, and what failed attempts have left. */
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { parseRecordingId } from '../../../shared/ids';
import { sessionPartition } from '../../sessions';
import { discardStaged, stagedFileType } from './staged-file';

/** A removal that was interrupted is repeated after this time. */
const REPEATED_AFTER_SECONDS = 900;

type Removing = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** Every step can be repeated; one that is played again meanwhile is kept. */
export async function removeStagedFiles(services: Removing, log: Log): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'recordings',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'staged-file' AND c.dueAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const recordingId = id.slice(`${stagedFileType.name}:`.length);
    try {
      await removeStagedFile(services, customerId, recordingId);
    } catch (error) {
      // It is played or fetched again.
      if (error instanceof DocumentStale || error instanceof DocumentGone) continue;
      log.error('staged-file.not-removed', error, { customerId, recordingId });
    }
  }
}

async function removeStagedFile(services: Removing, customerId: string, recordingId: string): Promise<void> {
  const parts = parseRecordingId(recordingId);
  if (!parts) return;
  const partition = await sessionPartition(services, customerId, parts.sessionId);
  const staged = await partition.read(stagedFileType, recordingId);
  const now = services.clock.now();
  if (!staged || staged.dueAt > now.toISOString()) return;
  const dueAt = new Date(now.getTime() + REPEATED_AFTER_SECONDS * 1000).toISOString();
  // From then on nobody is given a URL of the copy.
  const { etag } = await partition.replace(stagedFileType, { ...staged, readyAt: undefined, dueAt });
  await discardStaged(services, customerId, recordingId);
  await partition.remove(stagedFileType, recordingId, etag);
}
