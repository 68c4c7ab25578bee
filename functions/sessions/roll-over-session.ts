/** Rolls a session's recording over: the policies that are active now decide anew (POL-4). */
import type { Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { rollOverSession } from '../policies';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/**
 * The session after its roll-over to part `part`; the same part again changes nothing.
 * @throws Problem `session-ended`, or `conflict` for a part before the last one
 */
export async function rollOver(
  services: Pick<Services, 'database' | 'blobs' | 'clock'>,
  loaded: Stored<Session>,
  part: number,
): Promise<Session> {
  const { id, customerId } = loaded;
  return retryConflicts(async (attempt) => {
    const session = attempt === 1 ? loaded : await findSession(services, customerId, id);
    if (!session) throw notFound('session');
    const { rollOver: last, siteId, facts, decision: previous } = session;
    if (last?.part === part) return session;
    if (last && last.part > part)
      throw new Problem('conflict', `The recording has rolled over to part ${last.part} already.`);
    if (session.state === 'ended')
      throw new Problem('session-ended', 'The session has ended: nothing rolls over.');
    const { decision, ...outcome } = await rollOverSession(services, customerId, siteId, facts, previous);
    const at = services.clock.now().toISOString();
    const partition = await sessionPartition(services, customerId, id);
    return partition.replace(sessionType, {
      ...session,
      decision,
      rollOver: { part, at, ...outcome },
    });
  });
}
