/** Whether an administrator may see the recordings of a session. */
import type { Administrator } from '../../../shared/identity/caller';
import type { Services } from '../../../shared/services';
import type { Session } from '../../sessions';
import { scopeKeysOf } from '../search/search-fields';
import { readAccess } from './read-access';
import { isVisible, type RecordingAccess } from './recording-access';

/**
 * Tells which sessions the administrator may see, of those that exist. Who restricted a session still sees it, so
 * that a request can be repeated.
 */
export async function visibleSessions(
  services: Pick<Services, 'database'>,
  caller: Administrator,
): Promise<(session: Session) => boolean> {
  const access = await readAccess(services, caller);
  return (session) => isVisibleSession(access, caller, session);
}

function isVisibleSession(
  access: RecordingAccess,
  caller: Administrator,
  { siteId, facts, restriction }: Session,
): boolean {
  const restrictedAt = restriction?.by.id === caller.id ? undefined : restriction?.at;
  return isVisible(access, { siteId, scopeKeys: scopeKeysOf(facts), restrictedAt });
}
