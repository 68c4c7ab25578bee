/** Unregisters a server whose cloud client is being removed: it becomes Uninstalled, and what it was doing has failed. */
import type { Services } from '../../shared/services';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus } from './change-status';
import { endAbandonedInstallation } from './installation/end-installation';
import { endAbandonedUpgrade } from './upgrades/end-upgrade';

interface Unregistration {
  services: Services;
  log: Log;
  customerId: string;
  serverId: string;
}

/**
 * Has no effect on a server that is already unregistered or was removed from view, beside ending what an attempt that
 * was interrupted has left.
 */
export async function unregisterServer(unregistration: Unregistration): Promise<void> {
  const { services, log, customerId, serverId } = unregistration;
  const lastSeenAt = services.clock.now().toISOString();
  await changeStatus({ ...unregistration, happening: () => ({ event: 'unregistered', lastSeenAt }) });
  await endAbandonedInstallation(services, log, customerId, serverId);
  await endAbandonedUpgrade(services, log, customerId, serverId);
}
