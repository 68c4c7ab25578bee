/** The task that fetches a file from its server: what the server has uploaded is compared with what it had registered. */
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { serverTaskKind, stagedBlobName } from '../../servers';
import { sessionPartition } from '../../sessions';
import type { Recording } from '../recording';
import { findRecording } from '../store';
import { manifestBlobName } from '../upload/blob-names';
import { readManifest } from '../upload/manifest-store';
import { verifyContent } from '../verification/verify-content';
import { removalOfCopy, stagedFileType } from './staged-file';

const ADVICE =
  'See whether the file is where the server has registered it and the server can read it, or play it with the on-premises player.';

type Staging = Pick<Services, 'database' | 'blobs' | 'clock'>;

/** Its item is the server, its parameter `recordingId` the recording. */
export const stageFileTask = serverTaskKind({
  name: 'stageRecording',
  command: 'uploadFile',
  advice: ADVICE,
  async onSuccess({ services, customerId, task }) {
    const recordingId = task.parameters?.['recordingId'] ?? '';
    const recording = await findRecording(services, customerId, recordingId);
    const name = stagedBlobName(customerId, recordingId, task.id);
    const why = recording
      ? ((await whyDifferent(services, customerId, recording, name)) ??
        (await markReady(services, customerId, recording, task.id)))
      : 'The recording was deleted.';
    if (why === undefined) return 'It can be played now.';
    await services.blobs.discard('recordings', name);
    throw new Problem('server-failed', why);
  },
});

/** Why the copy is not the file that was registered; undefined when it is. */
async function whyDifferent(
  services: Staging,
  customerId: string,
  recording: Recording,
  name: string,
): Promise<string | undefined> {
  const { manifestHash = '', container, sizeBytes } = recording;
  const found = await services.blobs.properties('recordings', name);
  if (!found) return 'The server reported an upload, but there is no file: try again.';
  const differs = 'The file of the server is not the one that it had registered';
  if (found.sizeBytes !== sizeBytes)
    return `${differs}: it has ${found.sizeBytes} bytes, not ${sizeBytes}. ${ADVICE}`;
  const manifest = await readManifest(services, manifestBlobName(customerId, recording, manifestHash));
  const verdict = await verifyContent(await services.blobs.read('recordings', name), manifest, container);
  return 'damage' in verdict ? `${differs}. ${verdict.damage} ${ADVICE}` : undefined;
}

/** Makes the copy what is played; returns why not, when it is not wanted any more. May run more than once. */
async function markReady(
  services: Staging,
  customerId: string,
  { id, sessionId }: Recording,
  taskId: string,
): Promise<string | undefined> {
  const partition = await sessionPartition(services, customerId, sessionId);
  return retryConflicts(async () => {
    const staged = await partition.read(stagedFileType, id);
    if (staged?.taskId !== taskId) return 'It took too long: another task fetches the file.';
    if (staged.readyAt !== undefined) return undefined;
    const now = services.clock.now();
    const ready = { ...staged, readyAt: now.toISOString(), dueAt: removalOfCopy(now) };
    await partition.replace(stagedFileType, ready);
    return undefined;
  });
}
