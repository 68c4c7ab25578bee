/** Puts all recordings of a session under legal hold, or releases them (MNG-4). */
import type { Services } from '../../../shared/services';
import { setHold } from '../../sessions';
import { copyGates } from './copy-gates';
import type { SessionChange } from './session-change';

type Changing = Pick<Services, 'database' | 'clock'>;

/** Holds the session; returns whether it was not held. @throws Problem `not-found`, `conflict` while recordings are deleted */
export async function holdSession(
  services: Changing,
  change: SessionChange,
  reason: string,
): Promise<boolean> {
  return apply(services, change, { by: change.by, at: change.at, reason });
}

/** Releases the session; returns whether it was held. @throws Problem `not-found` */
export async function releaseSession(services: Changing, change: SessionChange): Promise<boolean> {
  return apply(services, change, undefined);
}

async function apply(
  services: Changing,
  { customerId, sessionId, at, unlessDecidedSince = false }: SessionChange,
  hold: Parameters<typeof setHold>[2],
): Promise<boolean> {
  const changed = await setHold(
    services,
    { customerId, sessionId },
    hold,
    unlessDecidedSince ? at : undefined,
  );
  // Also when nothing changed now: an earlier process may have crashed before the recordings had their copies.
  await copyGates(services, customerId, sessionId);
  return changed;
}
