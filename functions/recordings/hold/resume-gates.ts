/** The sweep of sessions whose gates were changed, or whose recordings were deleted, by a process that has crashed. */
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import { keepSession, sweepGates } from '../../sessions';
import { removeRestOfSession } from '../moves/rest-of-session';
import { copyGates } from './copy-gates';

/** Copies gates to all recordings, and removes what is left of sessions without recordings. */
export async function resumeGates(
  services: Pick<Services, 'database' | 'blobs' | 'clock'>,
  log: Log,
): Promise<void> {
  for await (const ref of sweepGates(services)) {
    try {
      if (await removeRestOfSession(services, ref)) continue;
      await copyGates(services, ref.customerId, ref.sessionId);
      await keepSession(services, ref);
    } catch (error) {
      log.error('restriction.not-copied', error, ref);
    }
  }
}
