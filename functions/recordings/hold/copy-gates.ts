/** Copies restriction and legal hold of a session to its recordings, which are listed and shown by these copies. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { type Change, change } from '../../../shared/cosmos/partition';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { findSession, gatesCopied, type Session, sessionPartition } from '../../sessions';
import { type Recording, recordingType } from '../recording';

/** A batch has at most 100 operations; one of them is the session's. */
const RECORDINGS_OF_A_BATCH = 99;

type Gates = Pick<Session, 'restriction' | 'hold'>;

/**
 * Gives every recording of the session copies of its restriction and hold. Each batch checks the session's ETag: if one of
 * them changes meanwhile, the batch fails and the new one is copied.
 */
export async function copyGates(
  services: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
): Promise<void> {
  let isComplete = false;
  while (!isComplete) {
    isComplete = await retryConflicts(() => copyToSome(services, customerId, sessionId));
  }
}

/** For a recording that was written while the gates of its session may have changed. */
export async function followGates(
  services: Pick<Services, 'database'>,
  customerId: string,
  { sessionId, restrictedAt, heldAt }: Pick<Recording, 'sessionId' | 'restrictedAt' | 'heldAt'>,
): Promise<void> {
  const session = await findSession(services, customerId, sessionId);
  if (session?.restriction?.at !== restrictedAt || session?.hold?.at !== heldAt)
    await copyGates(services, customerId, sessionId);
}

async function copyToSome(
  services: Pick<Services, 'database'>,
  customerId: string,
  sessionId: string,
): Promise<boolean> {
  const session = await findSession(services, customerId, sessionId);
  if (!session) return true;
  const { restriction, hold } = session;
  const partition = await sessionPartition(services, customerId, sessionId);
  const differing = await partition.list(recordingType, {
    where: `c.sessionId = @sessionId AND (${differs('c.restrictedAt', '@restrictedAt', restriction)} OR ${differs('c.heldAt', '@heldAt', hold)})`,
    parameters: {
      sessionId,
      ...(restriction ? { restrictedAt: restriction.at } : {}),
      ...(hold ? { heldAt: hold.at } : {}),
    },
    limit: RECORDINGS_OF_A_BATCH,
  });
  const isLast = differing.length < RECORDINGS_OF_A_BATCH;
  if (differing.length > 0 || session.dueAt !== undefined)
    await partition.commit([
      gatesCopied(session, isLast),
      ...differing.flatMap((found) => copyTo(found, session)),
    ]);
  return isLast;
}

/** A condition: the recordings whose copy is another. */
function differs(field: string, parameter: string, gate: { at: string } | undefined): string {
  return gate ? `NOT IS_DEFINED(${field}) OR ${field} != ${parameter}` : `IS_DEFINED(${field})`;
}

function copyTo({ id, restrictedAt, heldAt }: Stored<Recording>, { restriction, hold }: Gates): Change {
  const operations = [
    ...copied(restrictedAt, restriction, { restrictedAt: restriction?.at, restrictedBy: restriction?.by }),
    ...copied(heldAt, hold, { heldAt: hold?.at, heldBy: hold?.by, holdReason: hold?.reason }),
  ];
  return change.patch(recordingType, id, operations);
}

/** Sets the fields to what the gate says, or removes them. */
function copied(
  copiedAt: string | undefined,
  gate: { at: string } | undefined,
  fields: Record<string, unknown>,
) {
  if (copiedAt === gate?.at) return [];
  return Object.entries(fields).map(([field, value]) =>
    gate ? { op: 'set' as const, path: `/${field}`, value } : { op: 'remove' as const, path: `/${field}` },
  );
}
