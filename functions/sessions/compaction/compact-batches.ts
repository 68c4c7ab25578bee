/**
 * Makes an archive of the batches of a session (decision 26). Each step can be repeated, and whatever a crash leaves, all
 * batches are read: from the archive, or from their documents.
 */
import type { Stored } from '../../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import { change, type Partition } from '../../../shared/cosmos/partition';
import { newId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import { distinct, mergeBatches, type Timed } from '../merge-batches';
import { batchesOfGeneration, type BatchType, EXPIRING, inOrder } from '../stored-batches';
import { archiveBlobName, type SessionArchive, sessionArchiveType } from './archive';
import { archivedBatches } from './read-archive';
import { writeArchive } from './write-archive';

/** Longer than an archive takes; then the attempt counts as crashed. */
const ATTEMPT_MINUTES = 60;
/** Cosmos takes 100 changes in a batch. */
const CHANGES = 100;

type Compacting = Pick<Services, 'database' | 'blobs' | 'clock'>;

interface Batches {
  customerId: string;
  sessionId: string;
  type: BatchType;
}

/** Adds what is not in the archive yet. Returns false when somebody else is at it. */
export async function compactBatches(services: Compacting, batches: Batches): Promise<boolean> {
  const { customerId, sessionId, type } = batches;
  const partition = services.database.sessionData(customerId, sessionId);
  const attemptId = newId();
  const claimed = await claim(services, partition, batches, attemptId);
  if (!claimed) return false;
  const generation = claimed.generation + 1;
  await letExpire(partition, type, claimed.generation);
  await assignTo(partition, type, generation);
  if (!(await hasBatches(partition, type, generation))) return release(partition, claimed);

  for (const name of claimed.retired) await services.blobs.discard('recordings', name);
  const items = mergeBatches<Timed>(
    inOrder(
      archivedBatches<Timed>(services, claimed.parts, {}),
      batchesOfGeneration<Timed>(partition, type, generation),
    ),
  );
  const nameOf = (part: number) => archiveBlobName(nameParts(batches), attemptId, part);
  const parts = await writeArchive(services, distinct(items), nameOf);
  const retired = claimed.parts.map(({ blobName }) => blobName);
  const written: Stored<SessionArchive> = { ...claimed, generation, parts, retired, attempt: undefined };
  if (!(await replaced(partition, written))) {
    await discardAttempt(services, batches, attemptId);
    return false;
  }
  await letExpire(partition, type, generation);
  return true;
}

/** The archive, which nobody else writes now; what a crashed attempt has left is removed. */
async function claim(
  services: Compacting,
  partition: Partition,
  batches: Batches,
  attemptId: string,
): Promise<Stored<SessionArchive> | undefined> {
  const now = services.clock.now();
  const empty = { id: batches.type.name, generation: 0, parts: [], retired: [] };
  const archive = await partition.createOrRead(sessionArchiveType, empty);
  if (archive.attempt) {
    if (archive.attempt.until > now.toISOString()) return undefined;
    await discardAttempt(services, batches, archive.attempt.id);
  }
  const until = new Date(now.getTime() + ATTEMPT_MINUTES * 60_000).toISOString();
  return replaced(partition, { ...archive, attempt: { id: attemptId, until } });
}

async function release(partition: Partition, archive: Stored<SessionArchive>): Promise<boolean> {
  return (await replaced(partition, { ...archive, attempt: undefined })) !== undefined;
}

async function replaced(
  partition: Partition,
  archive: Stored<SessionArchive>,
): Promise<Stored<SessionArchive> | undefined> {
  try {
    return await partition.replace(sessionArchiveType, archive);
  } catch (error) {
    // Gone: the session was emptied meanwhile.
    if (error instanceof DocumentStale || error instanceof DocumentGone) return undefined;
    throw error;
  }
}

async function discardAttempt({ blobs }: Compacting, batches: Batches, attemptId: string): Promise<void> {
  for (let part = 0; ; part++) {
    const name = archiveBlobName(nameParts(batches), attemptId, part);
    if (!(await blobs.properties('recordings', name))) return;
    await blobs.discard('recordings', name);
  }
}

const nameParts = ({ customerId, sessionId, type }: Batches) => ({
  customerId,
  sessionId,
  batchType: type.name,
});

/** Assigns the batches that are in no generation: from now on they do not become more. */
async function assignTo(partition: Partition, type: BatchType, generation: number): Promise<void> {
  const operations = [{ op: 'set' as const, path: '/archivedIn', value: generation }];
  await patchEach(partition, type, 'NOT IS_DEFINED(c.archivedIn)', operations);
}

/** Gives the batches that are in the archive a time to live. Until then who has begun to read finds them. */
async function letExpire(partition: Partition, type: BatchType, generation: number): Promise<void> {
  const operations = Object.entries(EXPIRING).map(([name, value]) => ({
    op: 'set' as const,
    path: `/${name}`,
    value,
  }));
  const isArchived = `c.archivedIn <= ${generation} AND NOT IS_DEFINED(c.isExpiring)`;
  await patchEach(partition, type, isArchived, operations);
}

async function patchEach(
  partition: Partition,
  type: BatchType,
  where: string,
  operations: { op: 'set'; path: string; value: number | boolean }[],
): Promise<void> {
  for (;;) {
    // What was changed does not match any more.
    const ids = await partition.query<string>(
      `SELECT TOP ${CHANGES} VALUE c.id FROM c WHERE c.type = '${type.name}' AND ${where}`,
    );
    if (ids.length === 0) return;
    const named = ids.map((id) => id.slice(type.name.length + 1));
    await partition.commit(named.map((id) => change.patch(type, id, operations)));
  }
}

async function hasBatches(partition: Partition, type: BatchType, generation: number): Promise<boolean> {
  const [found] = await partition.query<string>(
    `SELECT TOP 1 VALUE c.id FROM c WHERE c.type = '${type.name}' AND c.archivedIn = ${generation}`,
  );
  return found !== undefined;
}
