/** Has a server upload the file of a recording for playback, once at a time, and says where the copy is when it is there. */
import { DocumentExists } from '../../../shared/cosmos/errors';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { OperationContext } from '../../../shared/http/operation';
import type { Administrator } from '../../../shared/identity/caller';
import { createTask, taskReply } from '../../../shared/tasks/create-task';
import { hasEnded, initiatorOf } from '../../../shared/tasks/task';
import { readTask } from '../../../shared/tasks/task-steps';
import { endOfServerTask, queueTaskCommand, stagedBlobName } from '../../servers';
import { sessionPartition } from '../../sessions';
import type { Recording } from '../recording';
import { stageFileTask } from './stage-task';
import { removalOfCopy, removalOfRequest, type StagedFile, stagedFileType } from './staged-file';

/** A copy that is played is kept for longer than the URL of its playback is valid. */
const PLAYED_FOR_SECONDS = 3_600;

/** What staging needs of the request for playback. */
export interface StagingRequest extends Pick<
  OperationContext<'recordings.play', string, undefined, undefined, undefined>,
  'services' | 'log' | 'newId' | 'traceId' | 'clientAddress'
> {
  caller: Administrator;
}

/** A recording whose file is on its server. */
export type ServerRecording = Recording & { serverPath: string; sizeBytes: number };

/**
 * The copy of the file, or the task that makes it: repeating the request starts no second one while it runs. After a
 * crash in between, the repeated request goes on.
 */
export async function stageFile(
  request: StagingRequest,
  recording: ServerRecording,
): Promise<{ blobName: string } | { task: ReturnType<typeof taskReply> }> {
  const { services, caller, newId } = request;
  const { customerId } = caller;
  const partition = await sessionPartition(services, customerId, recording.sessionId);
  return retryConflicts(async () => {
    const known = await partition.read(stagedFileType, recording.id);
    if (known?.readyAt !== undefined && (await isThere(request, recording, known))) {
      const { dueAt } = known;
      const now = services.clock.now();
      if (dueAt < new Date(now.getTime() + PLAYED_FOR_SECONDS * 1000).toISOString())
        await partition.replace(stagedFileType, { ...known, dueAt: removalOfCopy(now) });
      return { blobName: stagedBlobName(customerId, recording.id, known.taskId) };
    }
    if (known && known.readyAt === undefined && (await runs(request, known))) {
      await start(request, recording, known);
      return { task: taskReply(known.taskId) };
    }
    const { id, sessionId } = recording;
    const begun = { id, sessionId, taskId: newId(), ...requested(services.clock.now()) };
    if (known) await partition.replace(stagedFileType, { ...begun, etag: known.etag });
    else await partition.create(stagedFileType, begun);
    await start(request, recording, begun);
    return { task: taskReply(begun.taskId) };
  });
}

function requested(now: Date): Pick<StagedFile, 'requestedAt' | 'dueAt'> {
  return { requestedAt: now.toISOString(), dueAt: removalOfRequest(now) };
}

/** Whether the copy has not been removed in the meantime. */
async function isThere(
  { services: { blobs }, caller }: StagingRequest,
  { id }: Recording,
  { taskId }: StagedFile,
): Promise<boolean> {
  const found = await blobs.properties('recordings', stagedBlobName(caller.customerId, id, taskId));
  return found !== undefined;
}

/** Whether the server may still answer. */
async function runs(
  { services, caller: { customerId } }: StagingRequest,
  staged: StagedFile,
): Promise<boolean> {
  if (endOfServerTask('uploadFile', new Date(staged.requestedAt)) <= services.clock.now()) return false;
  const task = await readTask(services, { customerId, taskId: staged.taskId });
  return task === undefined || !hasEnded(task);
}

/** Creates the task and queues its command, whichever is missing. */
async function start(
  { services, log, caller, traceId, clientAddress }: StagingRequest,
  { id: recordingId, serverId, serverPath: path, sizeBytes, userName }: ServerRecording,
  { taskId, requestedAt }: StagedFile,
): Promise<void> {
  const { customerId } = caller;
  const startedAt = new Date(requestedAt);
  const task = {
    id: taskId,
    customerId,
    kind: stageFileTask,
    title: `Fetch a recording of ${userName} from its server`,
    initiator: initiatorOf(caller),
    request: { traceId, clientAddress },
    parameters: { recordingId },
    items: [serverId],
    waitsUntil: endOfServerTask('uploadFile', startedAt),
  };
  await createTask(services, log, task, async (changes) => {
    await services.database
      .control(customerId)
      .commit(changes)
      .catch((error: unknown) => {
        // An earlier request has created it.
        if (!(error instanceof DocumentExists)) throw error;
      });
  });
  const content = { kind: 'uploadFile', parameters: { recordingId, path, sizeBytes } } as const;
  await queueTaskCommand(services, { customerId, serverId, taskId, content, startedAt });
}
