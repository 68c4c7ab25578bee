/** Uploads of a server's logs: requested, uploaded by the server, verified, kept for 90 days (TRB-3). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { days, documentType, type Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone } from '../../../shared/cosmos/errors';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { isUuid } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { LOG_SERVICE_NAMES, type LogServiceName } from '../commands/kinds/services';
import { MAX_LOG_BYTES, serverLogBlob } from '../commands/server-log-blob';
import { serverTaskKind, type ServerTaskContext } from './server-task';

const CONTAINER = 'server-logs';
/** A browser begins the download at once. */
const DOWNLOAD_SECONDS = 300;

export interface LogUpload {
  /** Also of the task and the command. UUIDv7: uploads sort by the time of their request. */
  id: string;
  services: LogServiceName[];
  state: 'pending' | 'complete' | 'failed';
  /** Why it failed. */
  stateReason?: string | undefined;
  requestedAt: string;
  requestedBy: string;
  uploadedAt?: string | undefined;
  sizeBytes?: number | undefined;
  sha256?: string | undefined;
}

export const logUploadType = documentType<LogUpload>('log-upload', { ttlSeconds: days(90) });

export const logUploadView = z
  .object({
    id: z.uuid().describe('Id of the upload, and of its task'),
    services: z.array(z.enum(LOG_SERVICE_NAMES)).describe('Services whose logs it has'),
    state: z
      .enum(['pending', 'complete', 'failed'])
      .describe('`complete`: size and hash were verified, and it can be downloaded'),
    stateReason: z
      .string()
      .optional()
      .meta({ description: 'Why it failed', examples: ['The server did not answer in time.'] }),
    requestedAt: z.iso.datetime().describe('When it was requested'),
    requestedBy: z
      .string()
      .meta({ description: 'Name of who requested it', examples: ['ada@contoso.example'] }),
    uploadedAt: z.iso.datetime().optional().describe('When it was uploaded and verified'),
    sizeBytes: z.int().optional(),
    sha256: z.string().optional(),
    expiresAt: z.iso.datetime().describe('When it is deleted: 90 days after the request'),
  })
  .meta({ id: 'LogUpload' });

export const logUploadDetails = z
  .object({
    ...logUploadView.shape,
    download: z
      .object({
        url: z.url().describe('Permits reading this file; for anybody who has it, until it expires'),
        expiresAt: z.iso.datetime(),
      })
      .optional()
      .describe('Where to download the zip file; absent unless it is complete'),
  })
  .meta({ id: 'LogUploadDetails' });

type Reading = Pick<Services, 'database'>;

/** The upload, or undefined when the server has none with this id (any more). */
export async function findLogUpload(
  { database }: Reading,
  customerId: string,
  serverId: string,
  uploadId: string,
): Promise<Stored<LogUpload> | undefined> {
  if (!isUuid(uploadId) || !isUuid(serverId)) return undefined;
  return database.presence(customerId, serverId).read(logUploadType, uploadId);
}

export function viewOfLogUpload(upload: LogUpload): z.input<typeof logUploadView> {
  const expiresAt = new Date(Date.parse(upload.requestedAt) + days(90) * 1000).toISOString();
  return { ...upload, expiresAt };
}

/** Where to download the upload, for some minutes; undefined unless it is complete. */
export async function downloadOf(
  { blobs }: Pick<Services, 'blobs'>,
  customerId: string,
  serverId: string,
  { id, state }: LogUpload,
): Promise<{ url: string; expiresAt: string } | undefined> {
  if (state !== 'complete') return undefined;
  const { url, expiresAt } = await blobs.readUrl(CONTAINER, serverLogBlob(customerId, serverId, id), {
    lifetimeSeconds: DOWNLOAD_SECONDS,
    contentType: 'application/zip',
    fileName: `server-logs-${id}.zip`,
  });
  return { url, expiresAt: expiresAt.toISOString() };
}

export const uploadLogTask = serverTaskKind({
  name: 'uploadLog',
  command: 'uploadLog',
  async onSuccess(context, reported) {
    const sizeBytes = await verify(context, reported);
    const uploadedAt = context.services.clock.now().toISOString();
    await change(context, { state: 'complete', sizeBytes, sha256: reported.sha256, uploadedAt });
    return `Uploaded ${sizeBytes} bytes.`;
  },
  onFailure: (context, { detail }) => change(context, { state: 'failed', stateReason: detail }),
});

/** The size of what lies there. @throws Problem `server-failed` unless it is what the server reported, and not too large */
async function verify(
  { services: { blobs }, customerId, serverId, task }: ServerTaskContext,
  reported: { sizeBytes: number; sha256: string },
): Promise<number> {
  const name = serverLogBlob(customerId, serverId, task.id);
  const found = await blobs.properties(CONTAINER, name);
  if (!found) throw new Problem('server-failed', 'The server reported an upload, but there is no file.');
  if (found.sizeBytes > MAX_LOG_BYTES) {
    await blobs.discard(CONTAINER, name);
    const detail = `The file has ${found.sizeBytes} bytes: at most ${MAX_LOG_BYTES} are accepted. It was deleted: choose fewer services.`;
    throw new Problem('server-failed', detail);
  }
  const hash = createHash('sha256');
  for await (const chunk of await blobs.read(CONTAINER, name)) hash.update(chunk);
  if (found.sizeBytes === reported.sizeBytes && hash.digest('hex') === reported.sha256)
    return found.sizeBytes;
  await blobs.discard(CONTAINER, name);
  throw new Problem(
    'server-failed',
    'The file is not the one that the server reported. It was deleted: try again.',
  );
}

async function change(
  { services: { database }, customerId, serverId, task }: ServerTaskContext,
  changes: Partial<LogUpload>,
): Promise<void> {
  const presence = database.presence(customerId, serverId);
  await retryConflicts(async () => {
    const upload = await presence.read(logUploadType, task.id);
    if (upload?.state === 'pending') await presence.replace(logUploadType, { ...upload, ...changes });
  }).catch((error: unknown) => {
    if (!(error instanceof DocumentGone)) throw error;
  });
}
