/** Unregisters a server whose cloud client is being removed: it becomes Uninstalled. */
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus } from './change-status';

interface Unregistration {
  services: Pick<Services, 'database' | 'clock'>;
  log: Log;
  customerId: string;
  serverId: string;
}

/** Has no effect on a server that is already unregistered or was removed from view. */
export async function unregisterServer(unregistration: Unregistration): Promise<void> {
  const lastSeenAt = unregistration.services.clock.now().toISOString();
  await changeStatus({ ...unregistration, happening: () => ({ event: 'unregistered', lastSeenAt }) });
}
