/** Copies the restriction of a session to its recordings, which are listed by their copies. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { findSession, gateCopied, type Restriction, sessionPartition, sweepGates } from '../../sessions';
import { type Recording, recordingType } from '../recording';

/** A batch takes 100 operations; one of them is the session's. */
const RECORDINGS_OF_A_BATCH = 99;

/**
 * Gives every recording of the session the copy that its gate asks for. Each batch holds the session's ETag: should the
 * gate change meanwhile, the copy of the former one fails, and the latter is copied.
 */
export async function copyRestriction(
  services: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
): Promise<void> {
  let isComplete = false;
  while (!isComplete) {
    isComplete = await retryConflicts(() => copyToSome(services, customerId, sessionId));
  }
}

/** For a recording that was written while its session may have been restricted, or freed. */
export async function followRestriction(
  services: Pick<Services, 'database'>,
  customerId: string,
  { sessionId, restrictedAt }: Pick<Recording, 'sessionId' | 'restrictedAt'>,
): Promise<void> {
  const session = await findSession(services, customerId, sessionId);
  if (session?.restriction?.at !== restrictedAt) await copyRestriction(services, customerId, sessionId);
}

async function copyToSome(
  services: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
): Promise<boolean> {
  const session = await findSession(services, customerId, sessionId);
  if (!session) return true;
  const { restriction } = session;
  const partition = await sessionPartition(services, customerId, sessionId);
  const differing = await partition.list(recordingType, {
    where: `c.sessionId = @sessionId AND ${restriction ? '(NOT IS_DEFINED(c.restrictedAt) OR c.restrictedAt != @at)' : 'IS_DEFINED(c.restrictedAt)'}`,
    parameters: { sessionId, ...(restriction ? { at: restriction.at } : {}) },
    limit: RECORDINGS_OF_A_BATCH,
  });
  const isLast = differing.length < RECORDINGS_OF_A_BATCH;
  if (differing.length > 0 || session.dueAt !== undefined)
    await partition.commit([
      gateCopied(session, isLast),
      ...differing.map((found) => copyTo(found, restriction)),
    ]);
  return isLast;
}

function copyTo({ id }: Stored<Recording>, restriction: Restriction | undefined): Change {
  return restriction
    ? change.patch(recordingType, id, [
        { op: 'set', path: '/restrictedAt', value: restriction.at },
        { op: 'set', path: '/restrictedBy', value: restriction.by },
      ])
    : change.patch(recordingType, id, [
        { op: 'remove', path: '/restrictedAt' },
        { op: 'remove', path: '/restrictedBy' },
      ]);
}

/** Copies gates that were changed by a process which died before all recordings carried them. */
export async function resumeRestrictions(
  services: Pick<Services, 'database' | 'clock'>,
  log: Log,
): Promise<void> {
  for await (const { customerId, sessionId } of sweepGates(services)) {
    try {
      await copyRestriction(services, customerId, sessionId);
    } catch (error) {
      log.error('restriction.not-copied', error, { customerId, sessionId });
    }
  }
}
