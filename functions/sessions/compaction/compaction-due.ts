/** When a session is compacted: some minutes after its end, and after each batch that comes later. */
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { type Session, sessionType } from '../session';
import { findSession, sessionPartition } from '../store';

/** Longer than a request takes: what is received while a session ends is stored by then. */
const WAIT_MINUTES = 10;

/** When a session that has ended now, or got a batch after its end, is compacted. */
export function compactionDue(now: Date): Required<Pick<Session, 'compactAt'>> {
  return { compactAt: inMinutes(now, WAIT_MINUTES) };
}

/** The instant so many minutes later; RFC 3339 UTC. */
export function inMinutes(now: Date, minutes: number): string {
  return new Date(now.getTime() + minutes * 60_000).toISOString();
}

/** After a batch was stored: has the session compacted again if it has ended. */
export async function compactLater(
  services: Pick<Services, 'database' | 'clock'>,
  { id, customerId, state }: Pick<Session, 'id' | 'customerId' | 'state'>,
): Promise<void> {
  if (state === 'live') return;
  await retryConflicts(async () => {
    const session = await findSession(services, customerId, id);
    if (!session) return;
    const partition = await sessionPartition(services, customerId, id);
    // Written in any case: a compaction that has begun must notice that there is more.
    await partition.replace(sessionType, { ...session, ...compactionDue(services.clock.now()) });
  });
}
