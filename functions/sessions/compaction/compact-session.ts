/** Compacts sessions some minutes after their end, and again when batches come later. */
import { z } from 'zod';
import { DocumentGone, DocumentStale } from '../../../shared/cosmos/errors';
import type { QueueDefinition } from '../../../shared/queues/queue';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { eventBatchType } from '../event-batch';
import { sessionSamplesType } from '../sample-batch';
import { sessionType } from '../session';
import { findSession, sessionPartition } from '../store';
import { compactBatches } from './compact-batches';
import { inMinutes } from './compaction-due';

/** A compaction that was requested but not done by then is requested again. */
const RETRY_MINUTES = 65;

const sessionRef = z.object({ customerId: z.string(), sessionId: z.string() });

/** Sessions that are to be compacted. */
export const compactSessionsQueue: QueueDefinition<z.output<typeof sessionRef>> = {
  name: 'compact-sessions',
  message: sessionRef,
};

/** Requests the compactions that are due. */
export async function startCompactions(
  services: Pick<Services, 'database' | 'queues' | 'clock'>,
  log: Log,
): Promise<void> {
  const due = services.database.sweep<{ customerId: string; id: string }>(
    'recordings',
    `SELECT c.customerId, c.id FROM c WHERE c.type = 'session' AND c.compactAt <= @now`,
    [{ name: '@now', value: services.clock.now().toISOString() }],
  );
  for await (const { customerId, id } of due) {
    const sessionId = id.slice(`${sessionType.name}:`.length);
    try {
      await startCompaction(services, customerId, sessionId);
    } catch (error) {
      // It was changed meanwhile: the next sweep finds it.
      if (error instanceof DocumentStale || error instanceof DocumentGone) continue;
      log.error('session.not-compacted', error, { customerId, sessionId });
    }
  }
}

async function startCompaction(
  services: Pick<Services, 'database' | 'queues' | 'clock'>,
  customerId: string,
  sessionId: string,
): Promise<void> {
  const now = services.clock.now();
  const session = await findSession(services, customerId, sessionId);
  if (session?.compactAt === undefined || session.compactAt > now.toISOString()) return;
  const partition = await sessionPartition(services, customerId, sessionId);
  await partition.replace(sessionType, { ...session, compactAt: inMinutes(now, RETRY_MINUTES) });
  await services.queues.send(compactSessionsQueue, { customerId, sessionId });
}

/** Compacts events and samples of a session. It stays due when a batch came meanwhile, or somebody else is at it. */
export async function compactSession(
  services: Pick<Services, 'database' | 'blobs' | 'clock'>,
  { customerId, sessionId }: z.output<typeof sessionRef>,
): Promise<void> {
  const session = await findSession(services, customerId, sessionId);
  if (session?.compactAt === undefined) return;
  if (!session.isEmptied) {
    for (const type of [eventBatchType, sessionSamplesType])
      if (!(await compactBatches(services, { customerId, sessionId, type }))) return;
  }
  const partition = await sessionPartition(services, customerId, sessionId);
  try {
    await partition.replace(sessionType, { ...session, compactAt: undefined });
  } catch (error) {
    if (!(error instanceof DocumentStale)) throw error;
  }
}

/** Its batches stay where they are; the sweep requests it again. */
export async function dropCompaction(
  _services: unknown,
  { customerId, sessionId }: z.output<typeof sessionRef>,
  log: Log,
): Promise<void> {
  log.warn('session.not-compacted', { customerId, sessionId });
}
