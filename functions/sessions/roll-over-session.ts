/** Rolls a session's recording over: the currently active policies are evaluated again (POL-4). */
import type { Stored } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import { notFound, Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { rollOverSession } from '../policies';
import { type Session, sessionType } from './session';
import { findSession, sessionPartition } from './store';

/**
 * Rolls the session over to part `part` and returns it; repeating the same part has no effect.
 * @throws Problem `session-ended`, or `conflict` for a part before the current one
 */
export async function rollOver(
  services: Pick<Services, 'database' | 'blobs' | 'clock' | 'workLimits'>,
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
      throw new Problem('conflict', `The recording has already rolled over to part ${last.part}.`);
    if (session.state === 'ended')
      throw new Problem('session-ended', 'The session has ended and cannot roll over.');
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
